//! Sentences and explanations as Python objects.
//!
//! Enters: a text and a classifier. Leaves: the named tuples of `bayan.results`, with spans as Python counts them.

use bayan::classifier::{Evidence, LabelExplanation, Stop};
use bayan::document::CharOffsets;
use bayan::{Classifier, Error, LabelSet, Labeller, Sentence, Span, segment};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyDict, PyList};

/// In what positions are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offsets {
    /// Code points, as the indices of a Python string.
    Str,
    /// Bytes of its UTF-8.
    Bytes,
}

impl<'py> FromPyObject<'_, 'py> for Offsets {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<PyBackedStr>().as_deref().ok() {
            Some("str") => Ok(Self::Str),
            Some("bytes") => Ok(Self::Bytes),
            _ => Err(PyValueError::new_err(format!(
                "offsets is {}; expected 'str' or 'bytes'",
                object.repr()?
            ))),
        }
    }
}

/// A sentence's span, labels and probabilities.
pub type Labelled = (Span, LabelSet, Vec<f64>);

/// Labels the sentences of `text`.
///
/// # Errors
/// [`Error::Interrupted`] if `stop` was asked for.
pub fn label(labeller: &mut Labeller<'_>, text: &str, stop: &Stop) -> Result<Vec<Labelled>, Error> {
    segment(text)
        .map(|sentence| {
            if stop.is_asked() {
                return Err(Error::Interrupted);
            }
            let (labels, probabilities) = labeller.label(sentence.text);
            Ok((sentence.span, labels, probabilities.to_vec()))
        })
        .collect()
}

/// Makes the named tuples of `bayan.results` for one text.
pub struct Results<'py, 't> {
    module: Bound<'py, PyModule>,
    classifier: &'t Classifier,
    text: &'t str,
    chars: CharOffsets<'t>,
    offsets: Offsets,
}

impl<'py, 't> Results<'py, 't> {
    /// For `text`, with spans in `offsets`.
    ///
    /// # Errors
    /// If the module cannot be imported.
    pub fn new(py: Python<'py>, classifier: &'t Classifier, text: &'t str, offsets: Offsets) -> PyResult<Self> {
        Ok(Self {
            module: py.import("bayan.results")?,
            classifier,
            text,
            chars: CharOffsets::new(text),
            offsets,
        })
    }

    /// `Sentence`s.
    ///
    /// # Errors
    /// What Python raises.
    pub fn sentences(&mut self, labelled: &[Labelled]) -> PyResult<Bound<'py, PyList>> {
        let py = self.module.py();
        let class = self.module.getattr("Sentence")?;
        let list = PyList::empty(py);
        let labels = self.classifier.schema();
        for (span, set, probabilities) in labelled {
            let by_label = PyDict::new(py);
            for (name, p) in labels.names().iter().zip(probabilities) {
                by_label.set_item(name, p)?;
            }
            let Span { start, end } = self.span(*span);
            let names: Vec<&str> = labels.names_of(*set).collect();
            list.append(class.call1((span.of(self.text), start, end, names, by_label))?)?;
        }
        Ok(list)
    }

    /// An `Explanation` of one sentence.
    ///
    /// # Errors
    /// What Python raises.
    pub fn explanation(
        &mut self,
        sentence: &Sentence<'_>,
        explanation: &bayan::classifier::Explanation,
    ) -> PyResult<Bound<'py, PyAny>> {
        let by_label = PyDict::new(self.module.py());
        for label in &explanation.labels {
            by_label.set_item(&label.label, self.reasons(sentence.span.start, label)?)?;
        }
        let Span { start, end } = self.span(sentence.span);
        let names: Vec<&str> = self
            .classifier
            .schema()
            .names_of(explanation.prediction.labels)
            .collect();
        let class = self.module.getattr("Explanation")?;
        class.call1((sentence.text, start, end, names, by_label))
    }

    fn reasons(&mut self, base: usize, label: &LabelExplanation) -> PyResult<Bound<'py, PyAny>> {
        let evidence = label.evidence.iter().map(|e| self.evidence(base, e));
        let evidence: Vec<_> = evidence.collect::<PyResult<_>>()?;
        let words = label.words.iter().map(|&(span, share)| {
            let Span { start, end } = self.span(span.shifted(base));
            (start, end, share)
        });
        let words: Vec<_> = words.collect();
        let class = self.module.getattr("LabelExplanation")?;
        class.call1((
            &label.label,
            label.probability,
            label.threshold,
            label.logit,
            label.intercept,
            evidence,
            words,
        ))
    }

    fn evidence(&mut self, base: usize, evidence: &Evidence) -> PyResult<Bound<'py, PyAny>> {
        let spans = evidence.spans.iter().map(|span| self.span(span.shifted(base)));
        let spans: Vec<(usize, usize)> = spans.map(|Span { start, end }| (start, end)).collect();
        let class = self.module.getattr("Evidence")?;
        class.call1((&evidence.feature, evidence.kind, evidence.contribution, spans))
    }

    fn span(&mut self, span: Span) -> Span {
        match self.offsets {
            Offsets::Str => self.chars.span(span),
            Offsets::Bytes => span,
        }
    }
}
