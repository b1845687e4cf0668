//! What a model tells of its own training.

use serde::{Deserialize, Serialize};

use crate::evaluation::Evaluation;
use crate::linear::{Convergence, LogisticParams};

/// Provenance and quality of a model. Holds no training text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInfo {
    /// Version of the program that trained it.
    pub trained_by: String,
    /// Number of training sentences.
    pub sentences: usize,
    /// Number of groups (topics or sources) among them.
    pub groups: usize,
    /// SHA-256 of the training data, see [`crate::dataset::LabelledSet::digest`].
    pub data_digest: String,
    /// Seed of the folds.
    pub seed: u64,
    /// Number of cross-validation folds.
    pub folds: usize,
    /// How each label was fitted, in the order of the schema.
    pub fits: Vec<LabelFit>,
    /// The table from cross-validation; `None` where the weights were not cross-validated.
    pub cross_validation: Option<Evaluation>,
    /// How it was made from another model; `None`: it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
}

/// How a model was made from another one, its parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// SHA-256 of the parent's file, in hexadecimal.
    pub parent: String,
    /// Strength of the pull to the parent's weights; `None`: it was trained on all of its data and only started from them.
    pub pull: Option<f64>,
    /// Columns whose weights were all smaller than this were left out.
    pub prune: f64,
}

/// How one label was fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelFit {
    /// The parameters that were chosen.
    pub params: LogisticParams,
    /// The share of sentences with the label that the threshold was chosen for; `None`: that of the training set.
    pub prevalence: Option<f64>,
    /// How the final fit ended.
    pub convergence: Convergence,
}
