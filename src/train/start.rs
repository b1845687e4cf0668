//! Training that starts from a model: its settings, and its weights as the start of every fit.
//!
//! The objective is strictly convex (L2), so the start decides how long a fit takes, not where it ends: a fit that starts
//! at old weights ends within the solver's tolerance of the fit that starts at zero. That holds for the folds of the
//! cross-validation too, although the old weights have seen the held-out sentences.

use std::collections::BTreeMap;

use super::params::TrainParams;
use crate::classifier::{Classifier, Update};
use crate::features::{CountMatrix, FeatureSpace};
use crate::linear::LogisticParams;

/// A model to start from.
#[derive(Debug, Clone, Copy)]
pub struct Start<'c> {
    /// The model.
    pub classifier: &'c Classifier,
    /// SHA-256 of its file, in hexadecimal; kept in the new model as its parent.
    pub digest: &'c str,
}

impl Start<'_> {
    /// The model's weights for `label` as parameters over the columns of `space`, and its intercept. `None` if it has no such label.
    pub(super) fn parameters(&self, label: &str, space: &FeatureSpace, counts: &CountMatrix) -> Option<Vec<f64>> {
        let parts = self.classifier.parts();
        let label = parts.schema.position(label)?;
        let weight = |(key, &idf): (&str, &f32)| {
            let column = parts.vocabulary.column(key);
            // The model's weights have its idf in them.
            column.map_or(0.0, |column| parts.weights.weight(column, label) / f64::from(idf))
        };
        let weights = space.keys(counts).zip(space.idf()).map(weight);
        Some(weights.chain([parts.intercepts[label]]).collect())
    }

    /// What the new model says of where it comes from.
    pub(super) fn update(&self, params: &TrainParams) -> Update {
        Update {
            parent: self.digest.to_owned(),
            pull: None,
            prune: params.prune,
        }
    }
}

impl TrainParams {
    /// The settings that a model was trained with, as far as it tells: features, solver, folds, seed, prevalences, and the
    /// strength that was chosen for each label ([`TrainParams::chosen_c`]), so that none need be chosen again. A model
    /// that was trained from nothing does not tell its pruning limit; it is 0 here.
    pub fn of_model(classifier: &Classifier) -> Self {
        let info = classifier.info();
        let defaults = Self::default();
        let names = classifier.schema().names();
        let known = info.fits.len() == names.len();
        let fits = || names.iter().zip(&info.fits).filter(|_| known);
        let logistic = info.fits.first().filter(|_| known).map(|fit| &fit.params);
        let or_default = LogisticParams {
            log_count_ratio: defaults.log_count_ratio,
            ..LogisticParams::default()
        };
        let logistic = logistic.unwrap_or(&or_default);
        let prevalences = fits().filter_map(|(name, fit)| Some((name.clone(), fit.prevalence?)));
        Self {
            features: classifier.parts().features.clone(),
            class_weight: logistic.class_weight,
            log_count_ratio: logistic.log_count_ratio,
            solver: logistic.solver,
            tolerance: logistic.tolerance,
            max_iterations: logistic.max_iterations,
            prevalence: prevalences.collect(),
            chosen_c: fits()
                .map(|(name, fit)| (name.clone(), fit.params.c))
                .collect::<BTreeMap<_, _>>(),
            prune: info.update.as_ref().map_or(0.0, |update| update.prune),
            folds: info.folds.max(2),
            seed: info.seed,
            ..defaults
        }
    }
}
