//! Cuts a byte stream at line breaks into chunks of bounded size.

use std::io::{self, Read};

use super::spare::take;

/// About how many bytes a batch holds.
pub const BATCH_BYTES: usize = 64 * 1024;
/// The longest line that is read, in bytes.
pub const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// Why there is no next chunk.
#[derive(Debug)]
pub(super) enum ChunkError {
    /// The stream failed.
    Io(io::Error),
    /// The line that begins at this byte is longer than [`MAX_LINE_BYTES`].
    LongLine(usize),
}

/// Whole lines, and where they begin in the stream.
#[derive(Debug)]
pub(super) struct Chunk {
    pub bytes: Vec<u8>,
    pub offset: usize,
}

/// Reads chunks from a stream.
pub(super) struct Chunks<R> {
    reader: R,
    /// Bytes read beyond the last chunk.
    rest: Vec<u8>,
    offset: usize,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            rest: Vec::new(),
            offset: 0,
            ended: false,
        }
    }

    /// The next chunk, or `None` at the end of the stream.
    pub(super) fn next(&mut self) -> Result<Option<Chunk>, ChunkError> {
        let mut bytes = take(BATCH_BYTES);
        bytes.append(&mut self.rest);
        let mut wanted = BATCH_BYTES;
        loop {
            self.fill(&mut bytes, wanted)?;
            if self.ended {
                break;
            }
            if let Some(last) = memchr::memrchr(b'\n', &bytes) {
                self.rest.extend_from_slice(&bytes[last + 1..]);
                bytes.truncate(last + 1);
                break;
            }
            if bytes.len() > MAX_LINE_BYTES {
                return Err(ChunkError::LongLine(self.offset));
            }
            wanted = (bytes.len() * 2).min(MAX_LINE_BYTES + 1);
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        self.offset += bytes.len();
        if bytes.len() > MAX_LINE_BYTES && memchr::memchr(b'\n', &bytes).is_none() {
            return Err(ChunkError::LongLine(offset));
        }
        Ok(Some(Chunk { bytes, offset }))
    }

    fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> Result<(), ChunkError> {
        let mut filled = bytes.len();
        bytes.resize(wanted.max(filled), 0);
        while filled < bytes.len() && !self.ended {
            match self.reader.read(&mut bytes[filled..]) {
                Ok(0) => self.ended = true,
                Ok(got) => filled += got,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(ChunkError::Io(e)),
            }
        }
        bytes.truncate(filled);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_join_to_the_stream_and_end_at_line_breaks() {
        let text: Vec<u8> = (0..60_000)
            .flat_map(|i| format!("line {i}\n").into_bytes())
            .chain(*b"last")
            .collect();
        let mut chunks = Chunks::new(text.as_slice());
        let (mut joined, mut count) = (Vec::new(), 0);
        while let Some(chunk) = chunks.next().unwrap() {
            assert_eq!(chunk.offset, joined.len());
            assert!(chunk.bytes.ends_with(b"\n") || chunk.bytes.ends_with(b"last"));
            joined.extend(chunk.bytes);
            count += 1;
        }
        assert_eq!(joined, text);
        assert!(count > 1);
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let mut chunks = Chunks::new(io::repeat(b'x'));
        assert!(matches!(chunks.next(), Err(ChunkError::LongLine(0))));
    }
}
