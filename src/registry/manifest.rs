//! What is known of a version.

use serde::{Deserialize, Serialize};

use crate::classifier::{Classifier, ModelInfo};
use crate::features::FeatureParams;

/// A version's description, written once, next to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// SHA-256 of the model file, in hexadecimal.
    pub version: String,
    /// When it was added, RFC 3339 in UTC.
    pub added: String,
    /// What its user says of it.
    pub note: Option<String>,
    /// The version that it was made from, if it was made from one.
    pub parent: Option<String>,
    /// Size of the model file.
    pub bytes: u64,
    /// The labels.
    pub labels: Vec<String>,
    /// For each label the probability from which on it is given.
    pub thresholds: Vec<f64>,
    /// Settings of the features.
    pub features: FeatureParams,
    /// Data digest, settings of the fits, and metrics from cross-validation.
    pub info: ModelInfo,
}

impl Manifest {
    pub(super) fn new(version: &str, bytes: u64, classifier: &Classifier, note: Option<&str>, added: String) -> Self {
        let info = classifier.info();
        Self {
            version: version.to_owned(),
            added,
            note: note.map(str::to_owned),
            parent: info.update.as_ref().map(|update| update.parent.clone()),
            bytes,
            labels: classifier.schema().names().to_vec(),
            thresholds: classifier.thresholds().to_vec(),
            features: classifier.parts().features.clone(),
            info: info.clone(),
        }
    }
}
