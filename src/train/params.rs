//! Settings of training.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::classifier::{Classifier, LabelFit};
use crate::error::Error;
use crate::features::FeatureParams;
use crate::linear::{ClassWeight, LogisticParams, SolverKind};

/// By what the regularisation strength is chosen, on out-of-fold logits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Lowest log-loss after Platt calibration.
    LogLoss,
    /// Highest average precision.
    AveragePrecision,
}

/// Settings of training.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainParams {
    /// Settings of the features.
    pub features: FeatureParams,
    /// The regularisation strengths to choose from, for each label by itself. Default: 0.03, 0.1, 0.3, 1, 3.
    pub c_grid: Vec<f64>,
    /// Labels whose strength is known, by name: it is used, none is chosen. Default: empty.
    pub chosen_c: BTreeMap<String, f64>,
    /// Default: [`Criterion::LogLoss`].
    pub criterion: Criterion,
    /// Weight of the positive class. Default: none.
    pub class_weight: ClassWeight,
    /// Smoothing of the log-count ratios that columns are scaled by, for each label by itself, or none. Default: 1.
    pub log_count_ratio: Option<f64>,
    /// Default: L-BFGS.
    pub solver: SolverKind,
    /// Gradient tolerance of the fits. Default: that of [`LogisticParams`].
    pub tolerance: f64,
    /// The most iterations of a fit. Default: that of [`LogisticParams`].
    pub max_iterations: u64,
    /// For labels that are rarer or commoner in the text to come than in the training set: the share of sentences that
    /// have them there, in (0, 1). The threshold is chosen for that share. Default: empty.
    pub prevalence: BTreeMap<String, f64>,
    /// Columns whose weights are all smaller than this are left out of the model; at least 0. Default: 0.
    pub prune: f64,
    /// Number of cross-validation folds, at least 2. Default: 5.
    pub folds: usize,
    /// Seed of the folds. Default: 1.
    pub seed: u64,
}

impl Default for TrainParams {
    fn default() -> Self {
        let logistic = LogisticParams::default();
        Self {
            features: FeatureParams::default(),
            c_grid: vec![0.03, 0.1, 0.3, 1.0, 3.0],
            chosen_c: BTreeMap::new(),
            criterion: Criterion::LogLoss,
            class_weight: logistic.class_weight,
            log_count_ratio: Some(1.0),
            solver: logistic.solver,
            tolerance: logistic.tolerance,
            max_iterations: logistic.max_iterations,
            prevalence: BTreeMap::new(),
            prune: 0.0,
            folds: 5,
            seed: 1,
        }
    }
}

impl TrainParams {
    /// Settings that train as `classifier` was trained: its features, seed, folds, prevalences and solver, and its
    /// labels' strengths as the ones to choose from. What a model does not carry (the criterion, pruning) is the default.
    pub fn of(classifier: &Classifier) -> Self {
        let info = classifier.info();
        let mut params = Self {
            features: classifier.parts().features.clone(),
            folds: info.folds,
            seed: info.seed,
            ..Self::default()
        };
        let Some(LabelFit { params: fit, .. }) = info.fits.first() else {
            return params;
        };
        params.class_weight = fit.class_weight;
        params.log_count_ratio = fit.log_count_ratio;
        params.solver = fit.solver;
        params.tolerance = fit.tolerance;
        params.max_iterations = fit.max_iterations;
        params.c_grid = info.fits.iter().map(|fit| fit.params.c).collect();
        params.prevalence = classifier
            .schema()
            .names()
            .iter()
            .zip(&info.fits)
            .filter_map(|(name, fit)| Some((name.clone(), fit.prevalence?)))
            .collect();
        params
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] that names the setting and its value.
    pub fn check(&self) -> Result<(), Error> {
        self.features.check()?;
        if self.c_grid.is_empty() {
            return Err(Error::InvalidSetting(
                "no regularisation strength to choose from".into(),
            ));
        }
        if !(self.prune.is_finite() && self.prune >= 0.0) {
            return Err(Error::InvalidSetting(format!(
                "prune is {}; expected 0 or more",
                self.prune
            )));
        }
        for (label, share) in &self.prevalence {
            if !(*share > 0.0 && *share < 1.0) {
                return Err(Error::InvalidSetting(format!(
                    "prevalence of {label} is {share}; expected between 0 and 1"
                )));
            }
        }
        for &c in self.c_grid.iter().chain(self.chosen_c.values()) {
            self.logistic(c).check()?;
        }
        Ok(())
    }

    /// The strengths that are tried for a label, ascending.
    pub(super) fn grid(&self, label: &str) -> Vec<f64> {
        if let Some(&c) = self.chosen_c.get(label) {
            return vec![c];
        }
        let mut grid = self.c_grid.clone();
        grid.sort_by(f64::total_cmp);
        grid.dedup();
        grid
    }

    /// The parameters of a fit at strength `c`.
    pub fn logistic(&self, c: f64) -> LogisticParams {
        LogisticParams {
            c,
            class_weight: self.class_weight,
            log_count_ratio: self.log_count_ratio,
            tolerance: self.tolerance,
            max_iterations: self.max_iterations,
            solver: self.solver,
        }
    }
}
