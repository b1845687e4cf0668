//! One annotated sentence, as it stands in a file.

use serde::{Deserialize, Serialize};

/// A sentence and its labels. Fields that are not named here are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// Distinct among all files that are read together.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// Names of its labels; none means the outcome "none".
    pub labels: Vec<String>,
    /// What the sentence is about. Folds are grouped by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The document or collection it is from. Folds are grouped by it where there is no topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who labelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotator: Option<String>,
    /// Anything worth saying about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Annotation {
    /// What must stay together when data is split: the topic, else the source, else the sentence itself.
    pub fn group(&self) -> &str {
        self.topic.as_deref().or(self.source.as_deref()).unwrap_or(&self.id)
    }
}
