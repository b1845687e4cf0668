//! bayan for Python: the extension module `bayan._bayan`.
//!
//! Enters: Python objects. Leaves: Python objects. All that is done between is done by the library; this crate only
//! carries it over the border.

mod border;
mod capsule;
mod classifier;
mod load;
mod matrix;
mod sentences;
mod table;
mod texts;
mod training;
mod work;

use pyo3::prelude::*;

/// The compiled part of bayan; use it through the package :mod:`bayan`.
#[pymodule]
mod _bayan {
    #[pymodule_export]
    use super::border::{BayanError, InternalError};
    #[pymodule_export]
    use super::classifier::Classifier;
    #[pymodule_export]
    use super::load::load;
    #[pymodule_export]
    use super::table::LabelTable;
    #[pymodule_export]
    use super::training::train;
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        border::note_panics();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// Panics, so that tests can see what becomes of a panic.
    #[pyfunction]
    fn _panic(py: Python<'_>, on_a_thread: bool) -> PyResult<()> {
        border::guard(|| border::detached(py, on_a_thread, |_| panic!("asked to")))
    }
}
