//! How quality grows with the number of training sentences.

use serde::{Deserialize, Serialize};

use super::report::Evaluation;

/// One point of a learning curve: a model trained on a part of the sentences, measured on others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningPoint {
    /// The part of the groups that it was trained on, in (0, 1].
    pub share: f64,
    /// Groups (topics or sources) in that part.
    pub groups: usize,
    /// Sentences in that part.
    pub sentences: usize,
    /// How good the model is, or why that part cannot be trained on.
    pub result: Result<Evaluation, String>,
}
