//! Opens a source: from its name to bytes that are decompressed, or to a file of Parquet.

use std::fs::File;
use std::io::{self, Read};

use super::options::{InputFormat, Source};
use crate::error::Error;

/// A source that has been opened.
pub(super) enum Stream {
    Bytes(Box<dyn Read + Send>, InputFormat),
    #[cfg(feature = "cli")]
    Parquet(File),
}

#[cfg(not(feature = "cli"))]
pub(super) fn open_stream(source: &Source, asked: Option<InputFormat>) -> Result<Stream, Error> {
    Ok(match source {
        Source::Stdin => Stream::Bytes(Box::new(io::stdin()), asked.unwrap_or(InputFormat::Text)),
        Source::File(path) => {
            let file = File::open(path).map_err(Error::io(path))?;
            Stream::Bytes(Box::new(file), asked.unwrap_or(InputFormat::of(path)))
        }
    })
}

/// Opens a source, decompressed. Parquet is read from its end, so from the standard input it goes through a temporary
/// file.
#[cfg(feature = "cli")]
pub(super) fn open_stream(source: &Source, asked: Option<InputFormat>) -> Result<Stream, Error> {
    use super::Compression;
    use super::compression::decompressed;
    let (file, format, compression) = match source {
        Source::Stdin => (None, InputFormat::Text, Compression::None),
        Source::File(path) => {
            let file = File::open(path).map_err(Error::io(path))?;
            (Some(file), InputFormat::of(path), Compression::of(path).0)
        }
    };
    let format = asked.unwrap_or(format);
    let fail = |e| Error::Io {
        path: source.name().into(),
        source: e,
    };
    let reader: Box<dyn Read + Send> = match file {
        Some(file) if format == InputFormat::Parquet && compression == Compression::None => {
            return Ok(Stream::Parquet(file));
        }
        Some(_) if format == InputFormat::Parquet => {
            let reason = "Parquet is compressed inside; decompress the file itself first";
            return Err(fail(io::Error::other(reason)));
        }
        Some(file) => Box::new(file),
        None => Box::new(io::stdin()),
    };
    if format == InputFormat::Parquet {
        let mut file = tempfile::tempfile().map_err(fail)?;
        io::copy(&mut io::stdin(), &mut file).map_err(fail)?;
        return Ok(Stream::Parquet(file));
    }
    Ok(Stream::Bytes(decompressed(reader, compression).map_err(fail)?, format))
}
