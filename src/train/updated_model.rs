//! Puts an updated model together: weights by feature, and what the model tells of itself.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::Trained;
use super::start::Start;
use super::update::UpdateParams;
use crate::classifier::{Classifier, ClassifierParts, LabelFit, ModelInfo, Update};
use crate::dataset::LabelledSet;
use crate::error::Error;
use crate::features::Vocabulary;
use crate::label::LabelSchema;
use crate::linear::{FittedLogistic, QuantizedWeights};

/// Weights by feature, and the intercept.
pub(super) type Weights<'k> = (BTreeMap<&'k str, f64>, f64);

/// The weights of each label of a model.
pub(super) fn weights_of(parts: &ClassifierParts) -> impl Iterator<Item = Weights<'_>> {
    (0..parts.schema.len()).map(|label| {
        let columns = parts.vocabulary.keys().zip(0..);
        (
            columns
                .map(|(key, column)| (key, parts.weights.weight(column, label)))
                .collect(),
            parts.intercepts[label],
        )
    })
}

pub(super) fn info(
    start: Start<'_>,
    set: &LabelledSet,
    params: &UpdateParams,
    fits: &[FittedLogistic],
    new: Option<&Trained>,
) -> ModelInfo {
    let old = start.classifier.info();
    let old_fits = fits.iter().enumerate().map(|(label, fit)| {
        let before = old.fits.get(label);
        LabelFit {
            // A later training on all data asks for what was chosen then.
            params: before.map_or_else(|| params.training.logistic(1.0 / params.pull), |fit| fit.params.clone()),
            prevalence: before.and_then(|fit| fit.prevalence),
            convergence: fit.convergence.clone(),
        }
    });
    let new_fits = new.into_iter().flat_map(|new| new.classifier.info().fits.clone());
    ModelInfo {
        trained_by: concat!("bayan ", env!("CARGO_PKG_VERSION")).into(),
        sentences: set.rows().len(),
        groups: set.rows().iter().map(|row| &row.group).collect::<BTreeSet<_>>().len(),
        data_digest: set.digest(),
        seed: old.seed,
        folds: old.folds,
        fits: old_fits.chain(new_fits).collect(),
        cross_validation: None,
        update: Some(Update {
            pull: Some(params.pull),
            ..start.update(&params.training)
        }),
    }
}

/// Puts the updated model together. Of the features that the model did not know, those stay whose weights are not all nought.
pub(super) fn assemble(
    old: &Classifier,
    schema: &LabelSchema,
    weights: &[Weights<'_>],
    new: Option<&Trained>,
    info: ModelInfo,
) -> Result<Classifier, Error> {
    let old = old.parts();
    let keys: BTreeSet<&str> = weights
        .iter()
        .flat_map(|(weights, _)| weights.keys().copied())
        .collect();
    let by_label: Vec<Vec<f64>> = weights
        .iter()
        .map(|(weights, _)| {
            keys.iter()
                .map(|key| weights.get(key).copied().unwrap_or(0.0))
                .collect()
        })
        .collect();
    let rounded = QuantizedWeights::from_labels(&by_label);
    let kept: Vec<(&str, u32)> = keys
        .into_iter()
        .zip(0..)
        .filter(|&(key, column)| old.vocabulary.column(key).is_some() || rounded.column(column).any(|code| code != 0))
        .collect();
    let codes = kept.iter().flat_map(|&(_, column)| rounded.column(column));
    let new_parts = || new.into_iter().map(|new| new.classifier.parts());
    // A new feature adds nothing to the Euclidean length.
    let idf = |idf: &Vec<f32>| {
        kept.iter()
            .map(|(key, _)| old.vocabulary.column(key).map_or(0.0, |c| idf[c as usize]))
            .collect()
    };
    let round = |x: f64| libm::round(x * 1e6) / 1e6;
    Classifier::from_parts(ClassifierParts {
        schema: schema.clone(),
        features: old.features.clone(),
        vocabulary: Vocabulary::from_sorted(kept.iter().map(|&(key, _)| key))
            .ok_or_else(|| Error::InvalidSetting("the features are longer than 4 GiB together".into()))?,
        weights: QuantizedWeights::from_parts(codes, rounded.scales().to_vec())?,
        idf: old.idf.as_ref().map(idf),
        intercepts: weights.iter().map(|&(_, intercept)| round(intercept)).collect(),
        calibration: old
            .calibration
            .iter()
            .copied()
            .chain(new_parts().flat_map(|new| new.calibration.clone()))
            .collect(),
        thresholds: old
            .thresholds
            .iter()
            .copied()
            .chain(new_parts().flat_map(|new| new.thresholds.clone()))
            .collect(),
        info,
    })
}
