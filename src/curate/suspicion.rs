//! Why a sentence deserves a second look, and how that is said.

use serde::Serialize;

/// Why a sentence is suspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Suspicion {
    /// A label that is given, or not given, is doubtful.
    Label {
        /// The label.
        label: String,
        /// Whether it is given.
        given: bool,
        /// Its calibrated probability while the sentence was held out.
        probability: f64,
        /// Mean of that probability over the sentences with the label.
        usual_given: f64,
        /// Mean of that probability over the sentences without it.
        usual_not_given: f64,
        /// Whether confident learning counts it as an error.
        confident: bool,
    },
    /// A near-duplicate has other labels.
    DuplicateWithOtherLabels {
        /// The other's id.
        id: String,
        /// Its text.
        text: String,
        /// Its labels.
        labels: Vec<String>,
        /// How similar it is, see [`NearDuplicates`](super::NearDuplicates).
        similarity: f64,
    },
    /// The sentence, or a near-duplicate, stands in the test set.
    InTest {
        /// The id in the test set.
        id: String,
        /// The text there.
        text: String,
        /// The labels there.
        labels: Vec<String>,
        /// How similar it is, see [`NearDuplicates`](super::NearDuplicates).
        similarity: f64,
    },
}

impl Suspicion {
    /// The probability, or for lack of one the degree, to which it holds, in [0, 1].
    pub(super) fn score(&self) -> f64 {
        match self {
            Self::Label { given, probability, .. } => {
                if *given {
                    1.0 - probability
                } else {
                    *probability
                }
            }
            // One of the two is wrong; which one is not known.
            Self::DuplicateWithOtherLabels { similarity, .. } => similarity / 2.0,
            Self::InTest { similarity, .. } => *similarity,
        }
    }
}

impl std::fmt::Display for Suspicion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |labels: &[String]| {
            if labels.is_empty() {
                "none".to_owned()
            } else {
                labels.join(", ")
            }
        };
        let how = |similarity: f64| {
            if similarity >= 1.0 {
                "the same words".to_owned()
            } else {
                format!("similarity {similarity:.2}")
            }
        };
        match self {
            Self::Label {
                label,
                given,
                probability,
                usual_given,
                usual_not_given,
                ..
            } => {
                let (state, other, usual) = if *given {
                    ("is given", "without", usual_not_given)
                } else {
                    ("is not given", "with", usual_given)
                };
                write!(
                    f,
                    "{label} {state}, but has probability {probability:.2} (sentences {other} it: {usual:.2} on average)"
                )
            }
            Self::DuplicateWithOtherLabels {
                id, labels, similarity, ..
            } => {
                write!(
                    f,
                    "{id} ({}) is labelled otherwise: {}",
                    how(*similarity),
                    names(labels)
                )
            }
            Self::InTest {
                id, labels, similarity, ..
            } => {
                write!(
                    f,
                    "stands in the test set as {id} ({}): {}",
                    how(*similarity),
                    names(labels)
                )
            }
        }
    }
}
