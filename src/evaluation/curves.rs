//! Curves of one label: precision and recall over all thresholds, and stated against observed probabilities.

use serde::{Deserialize, Serialize};

use super::metrics::{ratio, sweep};
use super::report::{Scores, scores as scores_of};

/// Bins of the reliability diagram, which the calibration error is summed over.
const CALIBRATION_BINS: usize = 10;

/// What a threshold would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The label is given from this score on.
    pub threshold: f64,
    /// Precision, recall and F1 then.
    #[serde(flatten)]
    pub scores: Scores,
}

/// Precision, recall and F1 at every threshold that makes a difference: one point for each distinct score, from the
/// highest down (scikit-learn: `precision_recall_curve`, without its artificial last point). Recall ascends; a threshold
/// between two scores gives what the upper one gives. The area under the steps is the
/// [average precision](super::average_precision). Empty where there is no score.
///
/// ```
/// # use bayan::evaluation::precision_recall_curve;
/// let curve = precision_recall_curve(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]);
/// let recalls: Vec<f64> = curve.iter().map(|p| p.scores.recall).collect();
/// assert_eq!(recalls, [0.5, 0.5, 1.0, 1.0]);
/// ```
pub fn precision_recall_curve(scores: &[f64], truths: &[bool]) -> Vec<CurvePoint> {
    let positives = truths.iter().filter(|&&t| t).count();
    let mut curve = Vec::new();
    sweep(scores, truths, |_, threshold, hits, taken| {
        curve.push(CurvePoint {
            threshold,
            scores: scores_of(hits, taken, positives),
        });
    });
    curve
}

/// The sentences whose stated probability lies in one of ten equal parts of [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many sentences.
    pub count: usize,
    /// How many of them have the label.
    pub positives: usize,
    /// Sum of their stated probabilities.
    pub stated: f64,
}

impl ReliabilityBin {
    /// Mean stated probability; 0 in an empty bin.
    pub fn mean_probability(&self) -> f64 {
        self.stated / self.count.max(1) as f64
    }

    /// Share of sentences that have the label; 0 in an empty bin.
    pub fn observed(&self) -> f64 {
        ratio(self.positives, self.count)
    }
}

/// The reliability diagram (scikit-learn: `calibration_curve`): ten bins of equal width, ascending, empty ones too.
/// A probability of 1 is in the last bin. The mean of the bins' gaps between stated and observed, weighted by their
/// counts, is the [expected calibration error](super::expected_calibration_error).
pub fn reliability_bins(probabilities: &[f64], truths: &[bool]) -> Vec<ReliabilityBin> {
    let mut bins = vec![ReliabilityBin::default(); CALIBRATION_BINS];
    for (&p, &truth) in probabilities.iter().zip(truths) {
        let bin = &mut bins[((p * CALIBRATION_BINS as f64) as usize).min(CALIBRATION_BINS - 1)];
        bin.count += 1;
        bin.stated += p;
        bin.positives += usize::from(truth);
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{average_precision, best_f1_threshold, expected_calibration_error};
    use proptest::prelude::*;

    #[test]
    fn hand_computed_precision_and_recall() {
        // Ranked: 0.9 +, 0.7 - and + (tied), 0.4 -, 0.2 +.
        let curve = precision_recall_curve(&[0.7, 0.9, 0.2, 0.7, 0.4], &[false, true, true, true, false]);
        let expected = [
            (0.9, 1.0, 1.0 / 3.0, 0.5),
            (0.7, 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0),
            (0.4, 0.5, 2.0 / 3.0, 4.0 / 7.0),
            (0.2, 0.6, 1.0, 0.75),
        ];
        assert_eq!(curve.len(), expected.len());
        for (point, (threshold, precision, recall, f1)) in curve.iter().zip(expected) {
            assert_eq!(point.threshold, threshold);
            for (got, want) in [
                (point.scores.precision, precision),
                (point.scores.recall, recall),
                (point.scores.f1, f1),
            ] {
                assert!((got - want).abs() < 1e-12, "{point:?}: {got} is not {want}");
            }
        }
        assert!(precision_recall_curve(&[], &[]).is_empty());
    }

    #[test]
    fn hand_computed_reliability() {
        let bins = reliability_bins(&[0.0, 0.05, 0.1, 0.95, 1.0], &[false, true, false, true, false]);
        assert_eq!(bins.len(), 10);
        assert_eq!((bins[0].count, bins[0].positives, bins[0].observed()), (2, 1, 0.5));
        assert!((bins[0].mean_probability() - 0.025).abs() < 1e-12);
        assert_eq!((bins[1].count, bins[1].observed()), (1, 0.0));
        assert_eq!((bins[9].count, bins[9].mean_probability()), (2, 0.975));
        assert_eq!(
            (bins[5].count, bins[5].observed(), bins[5].mean_probability()),
            (0, 0.0, 0.0)
        );
    }

    proptest! {
        #[test]
        fn curves_agree_with_the_metrics(pairs in prop::collection::vec((0u8..=40, any::<bool>()), 1..80)) {
            let scores: Vec<f64> = pairs.iter().map(|p| f64::from(p.0) / 40.0).collect();
            let truths: Vec<bool> = pairs.iter().map(|p| p.1).collect();
            let curve = precision_recall_curve(&scores, &truths);
            let mut recall = 0.0;
            let area: f64 = curve.iter().map(|p| {
                let step = p.scores.recall - recall;
                recall = p.scores.recall;
                step * p.scores.precision
            }).sum();
            prop_assert!((area - average_precision(&scores, &truths)).abs() < 1e-9);
            let best = curve.iter().map(|p| p.scores.f1).fold(0.0, f64::max);
            prop_assert!((best - best_f1_threshold(&scores, &truths, 1.0).1).abs() < 1e-12);
            let bins = reliability_bins(&scores, &truths);
            let n = scores.len() as f64;
            let error: f64 = bins.iter().map(|b| b.count as f64 / n * (b.mean_probability() - b.observed()).abs()).sum();
            prop_assert!((error - expected_calibration_error(&scores, &truths)).abs() < 1e-9);
            prop_assert_eq!(bins.iter().map(|b| b.count).sum::<usize>(), scores.len());
        }
    }
}
