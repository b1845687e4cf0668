//! gzip and Zstandard streams: known by the extension of a path or by their first bytes.

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// The largest window of a Zstandard frame that is read, as a power of two: what the reference decoder takes, too.
const MAX_WINDOW_LOG: u32 = 27;
/// Level of Zstandard output.
const ZSTD_LEVEL: i32 = 3;

/// How a stream of bytes is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952), one member or several.
    Gzip,
    /// Zstandard (RFC 8878), one frame or several.
    Zstd,
}

impl Compression {
    /// What the extension tells (`.gz`, `.zst`, else none), and the path without that extension.
    pub fn of(path: &Path) -> (Self, PathBuf) {
        let found = [Self::Gzip, Self::Zstd]
            .into_iter()
            .find(|c| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(c.extension())));
        match found {
            Some(compression) => (compression, path.with_extension("")),
            None => (Self::None, path.to_path_buf()),
        }
    }

    /// The extension of a file, without its dot; empty where nothing is compressed.
    pub fn extension(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }

    /// What the first bytes of a stream tell. No UTF-8 text begins with any of these.
    fn of_magic(start: &[u8]) -> Self {
        match start {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
        }
    }
}

/// The decompressed content of `reader`: all members or frames of it. Where no compression is known beforehand, the
/// first bytes tell.
///
/// # Errors
/// If the stream cannot be read. Damaged data is an error when it is reached.
pub(super) fn decompressed(mut reader: Box<dyn Read + Send>, known: Compression) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    reader.by_ref().take(4).read_to_end(&mut start)?;
    let compression = match known {
        Compression::None => Compression::of_magic(&start),
        known => known,
    };
    let reader = Cursor::new(start).chain(reader);
    let inner: Box<dyn Read + Send> = match compression {
        Compression::None => return Ok(Box::new(reader)),
        Compression::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(reader)?;
            decoder.window_log_max(MAX_WINDOW_LOG)?;
            Box::new(decoder)
        }
    };
    Ok(Box::new(Decoder { inner, compression }))
}

/// Says of which kind of data an error speaks.
struct Decoder {
    inner: Box<dyn Read + Send>,
    compression: Compression,
}

impl Read for Decoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let name = self.compression.name();
        self.inner.read(buffer).map_err(|e| match e.kind() {
            io::ErrorKind::Interrupted => e,
            kind => io::Error::new(kind, format!("damaged or truncated {name} data: {e}")),
        })
    }
}

/// A writer that compresses.
pub enum Compressor<W: Write> {
    /// Writes what it gets.
    Plain(W),
    /// Writes gzip.
    Gzip(GzEncoder<W>),
    /// Writes Zstandard.
    Zstd(zstd::stream::write::Encoder<'static, W>),
}

impl<W: Write> Compressor<W> {
    /// Compresses what is written into `out`. The same bytes give the same bytes.
    ///
    /// # Errors
    /// If the compressor cannot be set up.
    pub fn new(out: W, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(out),
            Compression::Gzip => Self::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            Compression::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Ends the stream and hands the inner writer back.
    ///
    /// # Errors
    /// If the end cannot be written.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(bytes: &[u8], compression: Compression) -> Vec<u8> {
        let mut writer = Compressor::new(Vec::new(), compression).unwrap();
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn read_all(bytes: Vec<u8>, known: Compression) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        decompressed(Box::new(Cursor::new(bytes)), known)?.read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn members_and_frames_are_read_to_the_last() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let two = [compressed(b"one\n", compression), compressed(b"two\n", compression)].concat();
            assert_eq!(read_all(two, Compression::None).unwrap(), b"one\ntwo\n");
        }
    }

    #[test]
    fn truncated_and_damaged_streams_are_errors() {
        for compression in [Compression::Gzip, Compression::Zstd] {
            let whole = compressed(&b"bayan ".repeat(1000), compression);
            for end in 0..whole.len() {
                let error = read_all(whole[..end].to_vec(), compression);
                // An empty Zstandard stream has no frame: that is nothing, not damage.
                assert!(error.is_err() || end == 0, "{compression:?} {end}");
            }
            let mut damaged = whole.clone();
            let last = damaged.len() - 6;
            damaged[last] ^= 0x55;
            assert!(read_all(damaged, compression).is_err());
        }
        assert!(read_all(b"plain".to_vec(), Compression::Gzip).is_err());
    }

    #[test]
    fn extensions() {
        assert_eq!(
            Compression::of(Path::new("a/b.jsonl.GZ")),
            (Compression::Gzip, "a/b.jsonl".into())
        );
        assert_eq!(Compression::of(Path::new("b.zst")), (Compression::Zstd, "b".into()));
        assert_eq!(Compression::of(Path::new("b.txt")), (Compression::None, "b.txt".into()));
    }
}
