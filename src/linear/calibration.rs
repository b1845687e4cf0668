//! Platt scaling: from a logit to a calibrated probability.
//!
//! J. Platt, "Probabilistic outputs for support vector machines" (1999): a one-dimensional logistic regression of the
//! truth on out-of-fold logits, fitted by Newton's method with backtracking (H.-T. Lin, C.-J. Lin and R. C. Weng, "A note
//! on Platt's probabilistic outputs", 2007). `linfa-logistic` minimises the same loss and is the reference of the
//! tests; its line search does not return on some nearly separated logits.

use super::loss::{sigmoid, softplus};
use crate::error::Error;

/// Weight of half the squared slope beside the summed log-loss: a trace, that keeps perfectly separated logits from an
/// infinite slope.
const ALPHA: f64 = 1e-3;
/// A bound that no fit comes near: Newton's method doubles the digits with each step.
const MAX_STEPS: usize = 200;
/// How often a step is halved at most.
const MAX_HALVINGS: usize = 60;

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
        if truths.iter().all(|&truth| truth) || !truths.contains(&true) {
            return Err(Error::Solver("calibration: the truths are all equal".into()));
        }
        let (slope, offset) = minimise(logits, truths);
        let round = |x: f64| libm::round(x * 1e6) / 1e6;
        let platt = Self {
            slope: round(slope),
            offset: round(offset),
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

/// The slope and offset of least regularised log-loss.
fn minimise(logits: &[f64], truths: &[bool]) -> (f64, f64) {
    let loss = |slope, offset| regularised_loss(logits, truths, slope, offset);
    let (mut slope, mut offset) = (0.0, 0.0);
    let mut current = loss(slope, offset);
    for _ in 0..MAX_STEPS {
        let (along_slope, along_offset) = newton_step(logits, truths, slope, offset);
        let sizes = (0..MAX_HALVINGS).map(|halvings| libm::exp2(-(halvings as f64)));
        let tried = sizes.map(|size| (slope + size * along_slope, offset + size * along_offset));
        // Where no step brings the loss down any more, rounding is all that is left.
        let better = tried.map(|at| (at, loss(at.0, at.1))).find(|&(_, loss)| loss < current);
        let Some((at, lower)) = better else { break };
        (slope, offset) = at;
        current = lower;
    }
    (slope, offset)
}

fn regularised_loss(logits: &[f64], truths: &[bool], slope: f64, offset: f64) -> f64 {
    let terms = logits.iter().zip(truths).map(|(&logit, &truth)| {
        let margin = slope * logit + offset;
        softplus(if truth { -margin } else { margin })
    });
    terms.sum::<f64>() + 0.5 * ALPHA * slope * slope
}

/// Newton's step from a slope and an offset.
fn newton_step(logits: &[f64], truths: &[bool], slope: f64, offset: f64) -> (f64, f64) {
    let (mut gradient, mut hessian) = ([ALPHA * slope, 0.0], [ALPHA, 0.0, 0.0]);
    for (&logit, &truth) in logits.iter().zip(truths) {
        let p = sigmoid(slope * logit + offset);
        let miss = p - if truth { 1.0 } else { 0.0 };
        let curvature = p * (1.0 - p);
        gradient[0] += miss * logit;
        gradient[1] += miss;
        hessian[0] += curvature * logit * logit;
        hessian[1] += curvature * logit;
        hessian[2] += curvature;
    }
    // A trace on the diagonal, for logits so far apart that no curvature is left (as Lin, Lin and Weng do).
    let [a, b, c] = [hessian[0] + 1e-12, hessian[1], hessian[2] + 1e-12];
    let determinant = a * c - b * b;
    (
        (b * gradient[1] - c * gradient[0]) / determinant,
        (b * gradient[0] - a * gradient[1]) / determinant,
    )
}

#[cfg(test)]
mod tests {
    use linfa::dataset::DatasetBase;
    use linfa::traits::Fit;
    use linfa_logistic::LogisticRegression;
    use ndarray::{Array1, Array2};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_optimum_is_that_of_linfa_logistic(
            logits in prop::collection::vec(-6.0f64..6.0, 60..200),
            seed in any::<u64>(),
        ) {
            // Truths that overlap: linfa-logistic is slow to return where they are separated.
            let truths: Vec<bool> = (0u64..)
                .zip(&logits)
                .map(|(i, &logit)| logit + (seed.wrapping_mul(2 * i + 1) >> 60) as f64 - 7.5 > 0.0)
                .collect();
            let positives = truths.iter().filter(|&&truth| truth).count();
            prop_assume!(positives > 10 && positives + 10 < truths.len());
            let records = Array2::from_shape_vec((logits.len(), 1), logits.clone()).unwrap();
            let targets: Array1<bool> = truths.iter().copied().collect();
            let reference = LogisticRegression::default()
                .alpha(ALPHA)
                .max_iterations(500)
                .gradient_tolerance(1e-6)
                .fit(&DatasetBase::new(records, targets))
                .unwrap();
            let sign = if reference.labels().pos.class { 1.0 } else { -1.0 };
            let (slope, offset) = minimise(&logits, &truths);
            let (known_slope, known_offset) = (sign * reference.params()[0], sign * reference.intercept());
            // Where truths hardly overlap the loss is flat around the optimum, and linfa-logistic stops early.
            let near = |ours: f64, known: f64| (ours - known).abs() < 1e-4 * (1.0 + known.abs());
            prop_assert!(near(slope, known_slope), "{slope} {known_slope}");
            prop_assert!(near(offset, known_offset), "{offset} {known_offset}");
            let loss = |slope, offset| regularised_loss(&logits, &truths, slope, offset);
            prop_assert!(loss(slope, offset) <= loss(known_slope, known_offset) + 1e-9);
        }

        #[test]
        fn any_finite_logits_give_an_answer_soon(
            logits in prop::collection::vec(-1e9f64..1e9, 2..40),
            truths in prop::collection::vec(any::<bool>(), 40),
            spread in -12i32..3,
        ) {
            let logits: Vec<f64> = logits.iter().map(|logit| logit * 10f64.powi(spread)).collect();
            if let Ok(platt) = Platt::fit(&logits, &truths[..logits.len()]) {
                prop_assert!(platt.slope > 0.0 && platt.offset.is_finite());
            }
        }
    }

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
