//! Platt scaling: from a logit to a calibrated probability.
//!
//! J. Platt, "Probabilistic outputs for support vector machines" (1999): a one-dimensional logistic regression
//! of the truth on out-of-fold logits, fitted by `linfa-logistic`.

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::loss::sigmoid;
use crate::error::Error;

/// The map `p = sigmoid(slope * logit + offset)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Platt {
    /// Factor of the logit; positive, so that calibration keeps the order of sentences.
    pub slope: f64,
    /// Added to it.
    pub offset: f64,
}

impl Platt {
    /// Fits the map to out-of-fold `logits` and their truths. The parameters are rounded to six decimals, below
    /// any difference between machines.
    ///
    /// # Errors
    /// If the truths are all equal, or the fit fails or would turn the order of the logits round.
    pub fn fit(logits: &[f64], truths: &[bool]) -> Result<Self, Error> {
        let records = Array2::from_shape_vec((logits.len(), 1), logits.to_vec())
            .map_err(|e| Error::Solver(format!("calibration: {e}")))?;
        let targets: Array1<bool> = truths.iter().copied().collect();
        // A trace of regularisation keeps perfectly separated logits from an infinite slope.
        let fit = LogisticRegression::default()
            .alpha(1e-3)
            .max_iterations(500)
            .gradient_tolerance(1e-9 * logits.len().max(100) as f64)
            .fit(&DatasetBase::new(records, targets))
            .map_err(|e| Error::Solver(format!("calibration: {e}")))?;
        let sign = if fit.labels().pos.class { 1.0 } else { -1.0 };
        let round = |x: f64| libm::round(x * 1e6) / 1e6;
        let platt = Self {
            slope: round(sign * fit.params()[0]),
            offset: round(sign * fit.intercept()),
        };
        if platt.slope > 0.0 && platt.slope.is_finite() && platt.offset.is_finite() {
            Ok(platt)
        } else {
            Err(Error::InvalidTrainingSet(format!(
                "out-of-fold scores are no better than chance (calibration slope {})",
                platt.slope
            )))
        }
    }

    /// The calibrated probability of a logit.
    #[inline]
    pub fn probability(self, logit: f64) -> f64 {
        sigmoid(self.log_odds(logit))
    }

    /// The calibrated log-odds of a logit, ln(p / (1 - p)) of its probability p: 0 at p = 0.5, and finite however
    /// near p comes to 0 or 1.
    #[inline]
    pub fn log_odds(self, logit: f64) -> f64 {
        self.slope * logit + self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovers_a_known_map() {
        // At each logit, the share of positives is what slope 0.5 and offset -1 give.
        let (mut logits, mut truths) = (Vec::new(), Vec::new());
        for step in -8..=8 {
            let logit = f64::from(step) / 2.0;
            let share = sigmoid(0.5 * logit - 1.0);
            for i in 0..1000 {
                logits.push(logit);
                truths.push((f64::from(i) + 0.5) / 1000.0 < share);
            }
        }
        let platt = Platt::fit(&logits, &truths).unwrap();
        assert!(
            (platt.slope - 0.5).abs() < 0.01 && (platt.offset + 1.0).abs() < 0.02,
            "{platt:?}"
        );
    }

    #[test]
    fn separated_logits_stay_finite_and_reversed_ones_are_refused() {
        let logits = [-2.0, -1.0, 1.0, 2.0];
        let platt = Platt::fit(&logits, &[false, false, true, true]).unwrap();
        assert!(platt.probability(2.0) > 0.9 && platt.probability(-2.0) < 0.1);
        assert!(Platt::fit(&logits, &[true, true, false, false]).is_err());
    }
}
