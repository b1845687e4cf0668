//! Settings of a fit: `LogisticParams` are checked into `ValidLogisticParams`, which fit.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Which solver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SolverKind {
    /// L-BFGS on sparse rows.
    Lbfgs,
    /// `linfa-logistic` on dense rows; small problems only, no class weights.
    Linfa,
}

/// How much positive examples count, negative ones counting 1 (scikit-learn: `class_weight`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeight {
    /// As much as negative ones.
    None,
    /// Number of negative examples / number of positive ones.
    Balanced,
    /// This much; positive and finite.
    Positive(f64),
}

/// Parameters of a fit, to be checked by [`LogisticParams::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogisticParams {
    /// Inverse strength of the L2 regularisation; positive. Default: 1.
    pub c: f64,
    /// Weight of the positive class. Default: none.
    pub class_weight: ClassWeight,
    /// Smoothing of the log-count ratios that columns are scaled by (see `linear/log_count_ratio.rs`), positive; `None`
    /// leaves columns as they are. Default: none.
    pub log_count_ratio: Option<f64>,
    /// The fit has converged when the gradient's norm has fallen to this part of what it is at zero
    /// parameters; in (0, 1). Default: 1e-5.
    pub tolerance: f64,
    /// The most iterations; at least 1. Default: 2000.
    pub max_iterations: u64,
    /// Default: L-BFGS.
    pub solver: SolverKind,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self {
            c: 1.0,
            class_weight: ClassWeight::None,
            log_count_ratio: None,
            tolerance: 1e-5,
            max_iterations: 2000,
            solver: SolverKind::Lbfgs,
        }
    }
}

/// Checked [`LogisticParams`].
#[derive(Debug, Clone, PartialEq)]
pub struct ValidLogisticParams(pub(super) LogisticParams);

impl LogisticParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] that names the parameter and its value.
    pub fn check(self) -> Result<ValidLogisticParams, Error> {
        let positive = |name: &str, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(())
            } else {
                Err(Error::InvalidSetting(format!(
                    "{name} is {value}; expected a positive number"
                )))
            }
        };
        positive("C", self.c)?;
        positive("tolerance", self.tolerance)?;
        if let Some(smoothing) = self.log_count_ratio {
            positive("the smoothing of log-count ratios", smoothing)?;
        }
        if let ClassWeight::Positive(weight) = self.class_weight {
            positive("the class weight", weight)?;
        }
        if self.tolerance >= 1.0 {
            return Err(Error::InvalidSetting(format!(
                "tolerance is {}; expected less than 1",
                self.tolerance
            )));
        }
        if self.max_iterations == 0 {
            return Err(Error::InvalidSetting("max_iterations is 0; expected at least 1".into()));
        }
        if self.solver == SolverKind::Linfa && self.class_weight != ClassWeight::None {
            return Err(Error::InvalidSetting(
                "the linfa solver knows no class weights; use lbfgs".into(),
            ));
        }
        Ok(ValidLogisticParams(self))
    }
}
