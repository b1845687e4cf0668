//! A Parquet file whose pages are measured before they are decompressed.
//!
//! The header of a page says how large it will be, up to 2 GiB, and gzip does not even keep to that. The reader
//! believes both, and holds a page of every column at once; so all pages together get a limit.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet_format_safe::thrift::protocol::TCompactInputProtocol;
use parquet_format_safe::{PageHeader, PageType};

/// The most bytes that the pages of all columns may take at one time.
pub(super) const MAX_PAGES_BYTES: usize = 256 << 20;
/// The most bytes of the header of a page: it holds the smallest and the largest value.
const MAX_HEADER_BYTES: usize = 32 << 20;
/// How many times smaller deflate can make data at best.
const DEFLATE_RATIO: usize = 1032;

/// A file that refuses to hand out pages that are too large.
#[derive(Clone)]
pub(super) struct PageLimit {
    file: Arc<File>,
    gzip: bool,
    held: Arc<Mutex<Held>>,
}

/// What the reader holds of each column chunk.
struct Held {
    /// In the order of the file.
    chunks: Vec<Chunk>,
    /// The chunk that is being read of each column.
    current: Vec<usize>,
    /// Bytes before the compressed part of the page whose header was read last.
    uncompressed_prefix: usize,
}

struct Chunk {
    start: u64,
    end: u64,
    column: usize,
    dictionary: usize,
    data: usize,
}

fn refusal(reason: String) -> ParquetError {
    ParquetError::General(reason)
}

impl PageLimit {
    /// Takes the places of the column chunks from the metadata.
    ///
    /// # Errors
    /// If two chunks overlap, or one is compressed in a way that cannot be measured.
    pub(super) fn new(file: File, metadata: &ParquetMetaData) -> Result<Self> {
        let columns = metadata.file_metadata().schema_descr().num_columns();
        let (mut chunks, mut gzip) = (Vec::new(), false);
        for group in metadata.row_groups() {
            for (column, chunk) in group.columns().iter().enumerate() {
                let (start, length) = chunk.byte_range();
                gzip |= matches!(chunk.compression(), Compression::GZIP(_));
                if chunk.compression() == Compression::LZ4 {
                    return Err(refusal("the old LZ4 compression is not supported (LZ4_RAW is)".into()));
                }
                chunks.push(Chunk {
                    start,
                    end: start.saturating_add(length),
                    column,
                    dictionary: 0,
                    data: 0,
                });
            }
        }
        chunks.sort_by_key(|c| (c.start, c.end));
        if chunks.windows(2).any(|pair| pair[0].end > pair[1].start) {
            return Err(refusal("two column chunks overlap".into()));
        }
        let held = Held {
            current: vec![usize::MAX; columns],
            chunks,
            uncompressed_prefix: 0,
        };
        Ok(Self {
            file: Arc::new(file),
            gzip,
            held: Arc::new(Mutex::new(held)),
        })
    }
}

impl Held {
    /// Counts a page whose header begins at `at`.
    fn count(&mut self, at: u64, header: &PageHeader) -> Result<()> {
        let found = self.chunks.partition_point(|c| c.start <= at).checked_sub(1);
        let found = found.filter(|&i| at < self.chunks[i].end);
        let index = found.ok_or_else(|| refusal(format!("a page outside of its column at byte {at}")))?;
        let column = self.chunks[index].column;
        self.current[column] = index;
        // What is not compressed has the one size, what is compressed needs the other.
        let size = header.uncompressed_page_size.max(header.compressed_page_size).max(0) as usize;
        let chunk = &mut self.chunks[index];
        if header.type_ == PageType::DICTIONARY_PAGE {
            chunk.dictionary = size;
        } else {
            chunk.data = size;
        }
        let chunks = self.current.iter().filter_map(|&i| self.chunks.get(i));
        let all: usize = chunks.map(|c| c.dictionary + c.data).sum();
        if all > MAX_PAGES_BYTES {
            let (all, most) = (all >> 20, MAX_PAGES_BYTES >> 20);
            return Err(refusal(format!(
                "its pages take {all} MiB at one time, more than {most} MiB"
            )));
        }
        let levels = header.data_page_header_v2.as_ref();
        self.uncompressed_prefix = levels.map_or(0, |h| {
            let levels = h.definition_levels_byte_length.max(0) as usize;
            levels + h.repetition_levels_byte_length.max(0) as usize
        });
        Ok(())
    }
}

impl Length for PageLimit {
    fn len(&self) -> u64 {
        Length::len(&*self.file)
    }
}

impl ChunkReader for PageLimit {
    type T = BufReader<File>;

    /// The reader asks for a stream where the header of a page begins.
    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut reader = self.file.get_read(start)?;
        let header = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut reader, MAX_HEADER_BYTES))
            .map_err(|e| refusal(format!("the header of the page at byte {start}: {e}")))?;
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .count(start, &header)?;
        self.file.get_read(start)
    }

    /// The reader asks for the bytes of the page whose header it read last.
    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.file.get_bytes(start, length)?;
        if self.gzip && bytes.len().saturating_mul(DEFLATE_RATIO) > MAX_PAGES_BYTES {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let compressed = bytes.get(held.uncompressed_prefix..).unwrap_or_default();
            let mut inflated = MultiGzDecoder::new(compressed).take(MAX_PAGES_BYTES as u64 + 1);
            // What is not gzip, or damaged, is for the reader to tell.
            if io::copy(&mut inflated, &mut io::sink()).is_ok_and(|size| size > MAX_PAGES_BYTES as u64) {
                let most = MAX_PAGES_BYTES >> 20;
                return Err(refusal(format!("a page inflates to more than {most} MiB")));
            }
        }
        Ok(bytes)
    }
}
