//! How unsure a classifier is of a sentence: how near each label's logit is to where the label begins to be given.
//!
//! D. Lewis and W. Gale, "A sequential algorithm for training text classifiers" (SIGIR 1994), at the label's own threshold
//! instead of at 0.5. The mean of labels selected better sentences than the most uncertain label alone (`docs/curation.md`).

use crate::classifier::Classifier;
use crate::linear::Platt;

/// Thresholds are kept this far from 0 and 1, where their logits would be infinite.
const MARGIN: f64 = 1e-6;

/// Measures uncertainty at the thresholds of a classifier.
#[derive(Debug, Clone)]
pub struct Uncertainty {
    labels: Vec<(Platt, f64)>,
}

impl Uncertainty {
    /// For the calibration and thresholds of `classifier`.
    pub fn new(classifier: &Classifier) -> Self {
        let logit = |p: f64| libm::log(p / (1.0 - p));
        let thresholds = classifier.thresholds().iter();
        Self {
            labels: classifier
                .parts()
                .calibration
                .iter()
                .zip(thresholds.map(|t| logit(t.clamp(MARGIN, 1.0 - MARGIN))))
                .map(|(&platt, logit)| (platt, logit))
                .collect(),
        }
    }

    /// For each label, from its logit before calibration, how far the calibrated logit lies above (or, negative,
    /// below) that of the threshold.
    pub fn margins(&self, logits: &[f64]) -> impl Iterator<Item = f64> {
        self.labels
            .iter()
            .zip(logits)
            .map(|((platt, threshold), logit)| platt.slope * logit + platt.offset - threshold)
    }

    /// How unsure the decisions are, in (0, 1]: for each label 4 s (1 - s), where s is the logistic function of the margin,
    /// 1 at the threshold; the mean of labels.
    pub fn of(&self, logits: &[f64]) -> f64 {
        let unsure = |margin: f64| {
            let e = libm::exp(-margin.abs());
            4.0 * e / ((1.0 + e) * (1.0 + e))
        };
        self.margins(logits).map(unsure).sum::<f64>() / self.labels.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_greatest_at_the_threshold_and_falls_on_both_sides() {
        let platt = Platt {
            slope: 2.0,
            offset: -1.0,
        };
        let logit = |p: f64| libm::log(p / (1.0 - p));
        let measure = Uncertainty {
            labels: vec![(platt, logit(0.3))],
        };
        let at = (logit(0.3) + 1.0) / 2.0;
        assert!((measure.of(&[at]) - 1.0).abs() < 1e-12);
        assert!(measure.margins(&[at]).all(|m| m.abs() < 1e-12));
        let (above, below) = (measure.of(&[at + 0.7]), measure.of(&[at - 0.7]));
        assert!((above - below).abs() < 1e-12 && above < 0.8);
        assert!(measure.of(&[at + 50.0]) > 0.0);
    }

    #[test]
    fn thresholds_of_0_and_1_stay_finite() {
        let mut classifier = Classifier::shipped();
        classifier.set_threshold("claim", 0.0).unwrap();
        classifier.set_threshold("denial", 1.0).unwrap();
        let unsure = Uncertainty::new(&classifier).of(&[0.0; 4]);
        assert!(unsure.is_finite() && unsure < 0.6, "{unsure}");
    }
}
