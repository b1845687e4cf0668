//! Documents in, records out.
//!
//! Enters: paths, byte streams. Leaves: [`Batch`]es of text that is valid UTF-8 and of bounded size; bytes of
//! records in JSONL, CSV or TSV; files that are whole or not there. Must not know: features, weights.

mod atomic;
mod batch;
mod chunks;
mod encoding;
mod input;
mod record;
mod tabular;

pub use atomic::{OutputFile, write_atomically};
pub use batch::{Batch, InputRecord};
pub use chunks::{BATCH_BYTES, MAX_LINE_BYTES};
pub use encoding::OffsetMap;
pub use input::{Encoding, InputFormat, InputOptions, Inputs, Source};
pub use record::{Record, RecordBatch, RecordFormat, RecordWriter};
