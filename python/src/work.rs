//! Many texts through the labellers of a classifier.
//!
//! Enters: texts. Leaves: one result for each block of texts, in order. Must not know: what becomes of the results.

use std::ops::Range;

use bayan::classifier::{MAX_THREADS, Stop};
use bayan::{Error, Labeller, LabellerPool};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::border::detached;

/// How much text a thread takes at a time, in bytes.
const BLOCK_BYTES: usize = 1 << 20;
/// What a text costs besides its bytes.
const TEXT_BYTES: usize = 64;
/// Less text than this is done on the calling thread, in about a millisecond.
const LONG_BYTES: usize = 1 << 16;

/// How many threads shall work; 0 means one for each core.
#[derive(Debug, Clone, Copy)]
pub struct Threads(pub usize);

impl<'py> FromPyObject<'_, 'py> for Threads {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let threads: i64 = object.extract()?;
        match usize::try_from(threads) {
            Ok(threads @ 0..=MAX_THREADS) => Ok(Self(threads)),
            _ => Err(PyValueError::new_err(format!(
                "threads is {threads}; expected 0 to {MAX_THREADS}"
            ))),
        }
    }
}

/// Cuts `rows` into blocks of about [`BLOCK_BYTES`], and calls `work` for each with its rows; on several threads, with the
/// interpreter lock released. `work` ends early when it is asked to stop.
///
/// # Errors
/// What a signal handler raises meanwhile; the first error of `work`.
pub fn by_blocks<T: Send>(
    py: Python<'_>,
    pool: &LabellerPool,
    rows: &[Option<&str>],
    threads: usize,
    work: impl Fn(&mut Labeller<'static>, Range<usize>, &Stop) -> Result<T, Error> + Send + Sync,
) -> PyResult<Vec<T>> {
    let (blocks, bytes) = blocks(rows);
    detached(py, bytes > LONG_BYTES, |stop| {
        let results = pool.map(
            blocks.len(),
            threads,
            |labeller, i| work(labeller, blocks[i].clone(), stop),
            stop,
        )?;
        results.into_iter().collect()
    })
}

/// The blocks, and the size of all.
fn blocks(rows: &[Option<&str>]) -> (Vec<Range<usize>>, usize) {
    let mut blocks = Vec::new();
    let (mut start, mut bytes, mut before) = (0, 0, 0);
    for (i, text) in rows.iter().enumerate() {
        bytes += TEXT_BYTES + text.map_or(0, str::len);
        if bytes - before >= BLOCK_BYTES {
            blocks.push(start..i + 1);
            (start, before) = (i + 1, bytes);
        }
    }
    if start < rows.len() {
        blocks.push(start..rows.len());
    }
    (blocks, bytes)
}
