//! The class `Classifier`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use bayan::{Error, Labeller, LabellerPool, model_file, segment};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::border::{detached, guard, to_python};
use crate::capsule;
use crate::matrix::{self, Element};
use crate::sentences::{self, Offsets, Results};
use crate::table::{self, LabelTable};
use crate::texts::{Texts, unicode};
use crate::work::{Threads, by_blocks};

/// A text of more bytes than this is labelled on a thread of its own, so that Ctrl-C can stop it.
const LONG_TEXT: usize = 1 << 16;

/// A fitted classifier of sentences. Immutable; any number of threads may use one at the same time, and the interpreter
/// lock is released while it works.
///
/// Made by :func:`bayan.load`, :func:`bayan.train` or :meth:`Classifier.from_bytes`. It is pickled as the bytes of its
/// model file.
#[pyclass(frozen, module = "bayan")]
pub struct Classifier {
    pool: LabellerPool,
}

impl Classifier {
    /// A classifier of the library as one of Python.
    pub fn new(classifier: bayan::Classifier) -> Self {
        let pool = LabellerPool::new(Arc::new(classifier));
        Self { pool }
    }

    fn inner(&self) -> &bayan::Classifier {
        self.pool.classifier()
    }

    /// An array with one row for each text, that `row` fills.
    fn array<'py, T: Element + Send>(
        &self,
        texts: &Bound<'py, PyAny>,
        threads: Threads,
        row: impl Fn(&mut Labeller<'static>, &str, &mut Vec<T>) + Send + Sync,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(|| {
            let py = texts.py();
            let texts = Texts::new(texts, "texts")?;
            let rows: Vec<Option<&str>> = texts.all("texts")?.into_iter().map(Some).collect();
            let columns = self.inner().schema().len();
            let blocks = by_blocks(py, &self.pool, &rows, threads.0, |labeller, block, stop| {
                let mut values = Vec::with_capacity(block.len() * columns);
                for text in rows[block].iter().flatten() {
                    if stop.is_asked() {
                        return Err(Error::Interrupted);
                    }
                    row(labeller, text, &mut values);
                }
                Ok(values)
            })?;
            matrix::array(py, &blocks, columns)
        })
    }
}

#[pymethods]
impl Classifier {
    /// The names of the labels, in the order of every array's columns.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.inner().schema().names().to_vec()
    }

    /// For each label the probability from which on it is given.
    #[getter]
    fn thresholds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let thresholds = PyDict::new(py);
        for (name, threshold) in self.inner().schema().names().iter().zip(self.inner().thresholds()) {
            thresholds.set_item(name, threshold)?;
        }
        Ok(thresholds)
    }

    /// What the model tells of its own training: the number of sentences and groups, the digest of the data, the fits,
    /// and the table of its cross-validation. A dictionary with the fields of the library's ``ModelInfo``.
    #[getter]
    fn info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(|| {
            let json = serde_json::to_string(self.inner().info()).map_err(|e| PyValueError::new_err(e.to_string()))?;
            py.import("json")?.call_method1("loads", (json,))
        })
    }

    fn __repr__(&self) -> String {
        let info = self.inner().info();
        let labels = self.inner().schema().names().join(", ");
        format!(
            "<bayan.Classifier of {labels}, trained on {} sentences>",
            info.sentences
        )
    }

    /// Cuts a text into sentences and labels each.
    ///
    /// Parameters
    /// ----------
    /// text : str
    ///     An article, or any text. A paragraph is best one line.
    /// offsets : {"str", "bytes"}
    ///     In what ``start`` and ``end`` are counted: in characters, so that ``text[s.start:s.end] == s.text``, or in
    ///     bytes of the text's UTF-8, as the command line counts.
    ///
    /// Returns
    /// -------
    /// list of bayan.Sentence
    #[pyo3(signature = (text, *, offsets=Offsets::Str), text_signature = "($self, text, *, offsets='str')")]
    fn label<'py>(&self, text: &Bound<'py, PyString>, offsets: Offsets) -> PyResult<Bound<'py, PyList>> {
        guard(|| {
            let py = text.py();
            let text = unicode(text, "text")?;
            let text: &str = &text;
            let labelled = detached(py, text.len() > LONG_TEXT, |stop| {
                self.pool.one(|labeller| sentences::label(labeller, text, stop))
            })?;
            Results::new(py, self.inner(), text, offsets)?.sentences(&labelled)
        })
    }

    /// Explains the sentences of a text: which words, stems and character n-grams speak for and against each label.
    ///
    /// Parameters
    /// ----------
    /// text : str
    ///     An article, or any text; it is cut into sentences.
    /// offsets : {"str", "bytes"}
    ///     In what positions are counted, see :meth:`label`. All of them are positions in ``text``.
    ///
    /// Returns
    /// -------
    /// list of bayan.Explanation
    #[pyo3(signature = (text, *, offsets=Offsets::Str), text_signature = "($self, text, *, offsets='str')")]
    fn explain<'py>(&self, text: &Bound<'py, PyString>, offsets: Offsets) -> PyResult<Bound<'py, PyList>> {
        guard(|| {
            let py = text.py();
            let text = unicode(text, "text")?;
            let list = PyList::empty(py);
            let mut results = Results::new(py, self.inner(), &text, offsets)?;
            for sentence in segment(&text) {
                py.check_signals()?;
                let explanation = py.detach(|| self.inner().explain(sentence.text));
                list.append(results.explanation(&sentence, &explanation)?)?;
            }
            Ok(list)
        })
    }

    /// Which labels each text has. A text counts as one sentence; it is not cut.
    ///
    /// Parameters
    /// ----------
    /// texts : iterable of str, or Arrow array of strings
    ///     Lists, tuples, NumPy arrays, pandas and polars Series, pyarrow arrays. No text may be missing.
    /// threads : int
    ///     How many threads work, at most 32; 0 means one for each core.
    ///
    /// Returns
    /// -------
    /// numpy.ndarray of bool, shape (n_texts, n_labels)
    #[pyo3(signature = (texts, *, threads=Threads(0)), text_signature = "($self, texts, *, threads=0)")]
    fn predict<'py>(&self, texts: &Bound<'py, PyAny>, threads: Threads) -> PyResult<Bound<'py, PyAny>> {
        let labels = self.inner().schema().len();
        self.array(texts, threads, move |labeller, text, out: &mut Vec<bool>| {
            let (given, _) = labeller.label(text);
            out.extend((0..labels).map(|label| given.contains(label)));
        })
    }

    /// The calibrated probability of each label for each text, in [0, 1]. Parameters as for :meth:`predict`.
    ///
    /// Returns
    /// -------
    /// numpy.ndarray of float64, shape (n_texts, n_labels)
    #[pyo3(signature = (texts, *, threads=Threads(0)), text_signature = "($self, texts, *, threads=0)")]
    fn predict_proba<'py>(&self, texts: &Bound<'py, PyAny>, threads: Threads) -> PyResult<Bound<'py, PyAny>> {
        self.array(texts, threads, |labeller, text, out| {
            out.extend_from_slice(labeller.label(text).1);
        })
    }

    /// The calibrated log-odds of each label for each text, ln(p / (1 - p)): they rank as the probabilities do, but do not
    /// run together near 0 and 1. Parameters as for :meth:`predict`.
    ///
    /// Returns
    /// -------
    /// numpy.ndarray of float64, shape (n_texts, n_labels)
    #[pyo3(signature = (texts, *, threads=Threads(0)), text_signature = "($self, texts, *, threads=0)")]
    fn log_odds<'py>(&self, texts: &Bound<'py, PyAny>, threads: Threads) -> PyResult<Bound<'py, PyAny>> {
        let calibration = &self.inner().parts().calibration;
        self.array(texts, threads, |labeller, text, out| {
            let logits = labeller.decision_function(text).iter().zip(calibration);
            out.extend(logits.map(|(&logit, platt)| platt.log_odds(logit)));
        })
    }

    /// Labels the texts of an Arrow array, without a copy of the input, into an Arrow table.
    ///
    /// Parameters
    /// ----------
    /// array : object with ``__arrow_c_array__`` or ``__arrow_c_stream__``
    ///     An array, chunked array or Series of strings (``string``, ``large_string``, ``string_view``, or a dictionary
    ///     of them), or a table of one such column.
    /// segment : bool
    ///     True: texts are cut into sentences, and the table has one row for each sentence: ``row`` (int64, the position
    ///     of the text in ``array``), ``sentence`` (int64, its number in the text, from 0), ``start``, ``end`` (int64),
    ///     ``text`` (string), ``labels`` (list of string), and a double column with the probability of each label. A text
    ///     without a sentence has no row; a null has one, in which everything but ``row`` is null.
    ///     False: a text counts as one sentence, and the table has exactly one row for each: ``labels`` and the columns
    ///     of the labels. A null gives a row of nulls.
    /// offsets : {"str", "bytes"}
    ///     In what ``start`` and ``end`` are counted, see :meth:`label`.
    /// threads : int
    ///     How many threads work, at most 32; 0 means one for each core.
    ///
    /// Returns
    /// -------
    /// bayan.LabelTable
    #[pyo3(
        signature = (array, *, segment=true, offsets=Offsets::Str, threads=Threads(0)),
        text_signature = "($self, array, *, segment=True, offsets='str', threads=0)"
    )]
    fn label_arrow(
        &self,
        array: &Bound<'_, PyAny>,
        segment: bool,
        offsets: Offsets,
        threads: Threads,
    ) -> PyResult<LabelTable> {
        guard(|| {
            let texts = Texts::Arrow(capsule::import(array)?);
            table::label(
                array.py(),
                &self.pool,
                &texts.rows()?,
                segment.then_some(offsets),
                threads.0,
            )
        })
    }

    /// The same classifier with other thresholds for the labels named: ``classifier.with_thresholds({"threat": 0.3})``.
    fn with_thresholds(&self, thresholds: BTreeMap<String, f64>) -> PyResult<Self> {
        guard(|| {
            self.inner()
                .with_thresholds(thresholds)
                .map(Self::new)
                .map_err(to_python)
        })
    }

    /// Writes the model file, which every front end of bayan reads. The file appears when it is complete.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        guard(|| py.detach(|| model_file::save(self.inner(), &path)).map_err(to_python))
    }

    /// The bytes of the model file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guard(|| {
            let bytes = py.detach(|| model_file::to_bytes(self.inner())).map_err(to_python)?;
            Ok(PyBytes::new(py, &bytes))
        })
    }

    /// A classifier from the bytes of a model file.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        guard(|| {
            let classifier = py.detach(|| model_file::from_bytes("bytes", data)).map_err(to_python)?;
            Ok(Self::new(classifier))
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let make = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((make, (self.to_bytes(py)?,)))
    }
}
