//! One sentence as annotation tools exchange it.

use jiff::Timestamp;
use serde::Serialize;

/// A sentence, with its labels where somebody has given them, and with a model's suggestions where there are some.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Example {
    /// What names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The sentence.
    pub text: String,
    /// Names of its labels; an empty list is the outcome "none", `None` means that nobody has annotated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// What the sentence is about. Folds are grouped by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The document or collection it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who labelled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotator: Option<String>,
    /// When it was labelled. In files RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Anything worth saying about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What a model says, one for each label that it knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
}

/// What a model says about one label of a sentence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// The label.
    pub label: String,
    /// Its probability, 0 to 1.
    pub probability: f64,
    /// Whether the model gives the label: whether the probability reaches the label's threshold.
    pub given: bool,
}

impl Suggestion {
    /// The probability of the decision, be it yes or no.
    pub fn confidence(&self) -> f64 {
        if self.given {
            self.probability
        } else {
            1.0 - self.probability
        }
    }
}

impl Example {
    /// The labels that a tool shows first: those of the annotation, else those that the model gives.
    pub fn shown_labels(&self) -> Vec<&str> {
        match &self.labels {
            Some(labels) => labels.iter().map(String::as_str).collect(),
            None => self.given().collect(),
        }
    }

    /// The labels that the model gives.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        self.suggestions.iter().filter(|s| s.given).map(|s| s.label.as_str())
    }
}
