//! Numbers as NumPy arrays.
//!
//! NumPy is imported when an array is asked for, not before, so bayan can be installed without it.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyDict};

/// A value that an array can hold.
pub trait Element: Copy {
    /// Its name in NumPy.
    const DTYPE: &str;
    /// Appends its bytes, as they lie in this machine's memory.
    fn put(self, out: &mut [u8]);
}

impl Element for f64 {
    const DTYPE: &str = "float64";

    fn put(self, out: &mut [u8]) {
        out.copy_from_slice(&self.to_ne_bytes());
    }
}

impl Element for bool {
    const DTYPE: &str = "bool";

    fn put(self, out: &mut [u8]) {
        out[0] = u8::from(self);
    }
}

/// A writable array of `columns` columns from blocks of whole rows.
///
/// # Errors
/// `ImportError` without NumPy.
pub fn array<'py, T: Element>(py: Python<'py>, blocks: &[Vec<T>], columns: usize) -> PyResult<Bound<'py, PyAny>> {
    let numpy = py.import("numpy").map_err(|e| {
        let error = PyImportError::new_err("this needs NumPy: pip install numpy (label and label_arrow do not)");
        error.set_cause(py, Some(e));
        error
    })?;
    let values: usize = blocks.iter().map(Vec::len).sum();
    let size = size_of::<T>();
    let memory = PyByteArray::new_with(py, values * size, |bytes| {
        let places = bytes.chunks_exact_mut(size);
        blocks
            .iter()
            .flatten()
            .zip(places)
            .for_each(|(value, place)| value.put(place));
        Ok(())
    })?;
    let keywords = PyDict::new(py);
    keywords.set_item("shape", (values / columns, columns))?;
    keywords.set_item("dtype", T::DTYPE)?;
    keywords.set_item("buffer", memory)?;
    numpy.getattr("ndarray")?.call((), Some(&keywords))
}
