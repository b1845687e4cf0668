//! How unsure a classifier is of a sentence: how near each label's logit is to where the label begins to be given.

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
                .map(|(&platt, threshold)| (platt, threshold))
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
        match std::env::var("U").as_deref() {
            Ok("max") => self.margins(logits).map(unsure).fold(0.0, f64::max),
            Ok("pow") => self.margins(logits).map(|m| unsure(m).powi(2)).sum::<f64>() / self.labels.len() as f64,
            _ => self.margins(logits).map(unsure).sum::<f64>() / self.labels.len() as f64,
        }
    }
}
