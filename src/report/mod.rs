//! An evaluation as a page to look at: one HTML file, whole in itself.
//!
//! Enters: an evaluation with its outcomes and sentences, a classifier for explanations and weights, a learning curve
//! if there is one. Leaves: HTML with inline style and SVG, without scripts and without references to anything
//! outside, readable on narrow and wide, light and dark screens and by screen readers. The same input gives the same
//! page, byte for byte. Must not know: files, the command line, how anything was trained.

mod errors;
mod features;
mod figures;
mod page;
mod plot;
mod table;
mod visible;

use crate::classifier::Classifier;
use crate::error::Error;
use crate::evaluation::{Evaluation, LearningPoint, Outcome};

/// One sentence of the data.
#[derive(Debug, Clone, Copy)]
pub struct ReportedSentence<'a> {
    /// Its id in the annotations.
    pub id: &'a str,
    /// The sentence.
    pub text: &'a str,
}

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What the model is called.
    pub model: &'a str,
    /// The model.
    pub classifier: &'a Classifier,
    /// What the data is called.
    pub data: &'a str,
    /// SHA-256 of the data, see [`crate::dataset::LabelledSet::digest`].
    pub data_digest: &'a str,
    /// How many groups (topics or sources) the data has.
    pub groups: usize,
    /// The sentences.
    pub sentences: &'a [ReportedSentence<'a>],
    /// What was true and what was predicted, in the order of `sentences`.
    pub outcomes: &'a [Outcome],
    /// The table of `outcomes`.
    pub evaluation: &'a Evaluation,
    /// Models trained on parts of the training sentences, by ascending share; empty for no learning curve.
    pub learning: &'a [LearningPoint],
    /// How many of the worst errors are shown.
    pub errors: usize,
    /// How many features are shown for and against each label.
    pub features: usize,
}

impl Report<'_> {
    /// The page.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] if there are not as many outcomes as sentences; [`Error::Io`] if a plot cannot be drawn.
    pub fn to_html(&self) -> Result<String, Error> {
        if self.sentences.len() != self.outcomes.len() {
            return Err(Error::InvalidSetting(format!(
                "{} outcomes for {} sentences",
                self.outcomes.len(),
                self.sentences.len()
            )));
        }
        page::render(self)
    }

    /// For label `label`, the probability and the truth of every sentence.
    fn of_label(&self, label: usize) -> (Vec<f64>, Vec<bool>) {
        let pairs = self.outcomes.iter();
        pairs.map(|o| (o.probabilities[label], o.truth.contains(label))).unzip()
    }
}

/// An error of drawing or rendering; into memory, so nothing that a user can do about.
fn failed(e: impl std::fmt::Display) -> Error {
    Error::Io {
        path: "report".into(),
        source: std::io::Error::other(e.to_string()),
    }
}
