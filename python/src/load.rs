//! Where classifiers come from: the model in the package, or a file.
//!
//! Enters: a path or nothing. Leaves: a `Classifier`.

use std::path::PathBuf;

use bayan::model_file;
use pyo3::prelude::*;

use crate::border::{guard, to_python};
use crate::classifier::Classifier;

/// Loads a classifier.
///
/// Parameters
/// ----------
/// path : str or os.PathLike, optional
///     A model file that ``bayan train``, :func:`bayan.train` or :meth:`Classifier.save` wrote. Without it: the Arabic
///     news model that comes with the package, with the labels claim, denial, threat and casualty_report.
///
/// Returns
/// -------
/// Classifier
#[pyfunction]
#[pyo3(signature = (path=None))]
pub fn load(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Classifier> {
    guard(|| {
        let classifier = py.detach(|| match path {
            Some(path) => model_file::load(&path),
            None => Ok(bayan::Classifier::shipped()),
        });
        classifier.map(Classifier::new).map_err(to_python)
    })
}
