//! Documents in, records out.
//!
//! Enters: paths, byte streams. Leaves: [`Batch`]es of text that is valid UTF-8 and of bounded size; bytes of
//! records in JSONL, CSV or TSV, or rows of Parquet; files that are whole or not there. Must not know: features, weights.

mod atomic;
mod batch;
mod chunks;
#[cfg(feature = "cli")]
mod columnar;
#[cfg(feature = "cli")]
mod compression;
mod encoding;
mod input;
mod open;
mod options;
mod record;
mod spare;
mod tabular;

pub use atomic::{OutputFile, TEMPORARY_PREFIX, write_atomically};
pub use batch::{Batch, Columns, InputRecord, Rows};
pub use chunks::{BATCH_BYTES, MAX_LINE_BYTES};
#[cfg(feature = "cli")]
pub use columnar::{ParquetWriter, Table};
#[cfg(feature = "cli")]
pub use compression::{Compression, Compressor};
pub use encoding::OffsetMap;
pub use input::Inputs;
pub use options::{Encoding, InputFormat, InputOptions, Source};
pub use record::{Encoded, Record, RecordBuffer, RecordFormat, RecordWriter};
pub use spare::give_back;
