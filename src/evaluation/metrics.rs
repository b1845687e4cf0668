//! Metrics of one label.

use super::curves::reliability_bins;

/// Positions of `scores` from the highest down.
fn ranked(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order
}

/// Calls `visit(score, hits, taken)` after each group of equal scores, from the highest down: of the `taken`
/// best-scored examples, `hits` are positive.
pub(super) fn sweep(scores: &[f64], truths: &[bool], mut visit: impl FnMut(usize, f64, usize, usize)) {
    let order = ranked(scores);
    let mut hits = 0;
    for (taken, &i) in order.iter().enumerate() {
        hits += usize::from(truths[i]);
        if order.get(taken + 1).is_none_or(|&next| scores[next] != scores[i]) {
            visit(i, scores[i], hits, taken + 1);
        }
    }
}

/// Average precision, as scikit-learn computes it: the sum over thresholds of (recall gained) x precision.
/// In [0, 1]; 0 where nothing is positive.
///
/// ```
/// # use bayan::evaluation::average_precision;
/// let ap = average_precision(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]);
/// assert!((ap - 0.8333).abs() < 1e-4);
/// ```
pub fn average_precision(scores: &[f64], truths: &[bool]) -> f64 {
    let positives = truths.iter().filter(|&&t| t).count();
    if positives == 0 {
        return 0.0;
    }
    let (mut sum, mut seen) = (0.0, 0);
    sweep(scores, truths, |_, _, hits, taken| {
        sum += (hits - seen) as f64 * hits as f64 / taken as f64;
        seen = hits;
    });
    sum / positives as f64
}

/// The threshold (predict where score >= threshold) with the best F1, and that F1. It lies half-way between two
/// neighbouring scores, rounded to six decimals; of equally good ones the highest wins. `(1.0, 0.0)` where nothing is positive.
///
/// A negative example counts `negative_weight` times as much as a positive one: more than 1 where positive examples are
/// rarer in the text to come than in this sample.
pub fn best_f1_threshold(scores: &[f64], truths: &[bool], negative_weight: f64) -> (f64, f64) {
    let positives = truths.iter().filter(|&&t| t).count();
    let mut best = (1.0, 0.0);
    let mut pending: Option<(f64, f64)> = None;
    let mut settle = |pending: &mut Option<(f64, f64)>, below: f64| {
        if let Some((score, f1)) = pending.take()
            && f1 > best.1
        {
            let middle = libm::round((score + below) / 2.0 * 1e6) / 1e6;
            best = (
                if middle > below && middle <= score {
                    middle
                } else {
                    score
                },
                f1,
            );
        }
    };
    sweep(scores, truths, |_, score, hits, taken| {
        settle(&mut pending, score);
        let false_ones = negative_weight * (taken - hits) as f64;
        let denominator = (hits + positives) as f64 + false_ones;
        pending = Some((
            score,
            if denominator > 0.0 {
                2.0 * hits as f64 / denominator
            } else {
                0.0
            },
        ));
    });
    settle(&mut pending, 0.0);
    best
}

/// F1 from counts: 2·hits / (predicted + positives), 0 where both are 0.
pub(super) fn f1(hits: usize, predicted: usize, positives: usize) -> f64 {
    ratio(2 * hits, predicted + positives)
}

pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Expected calibration error over ten bins of equal width (M. Naeini et al., 2015): how far, on average, a
/// stated probability is from the share of truths among sentences with about that probability. In [0, 1].
pub fn expected_calibration_error(probabilities: &[f64], truths: &[bool]) -> f64 {
    let bins = reliability_bins(probabilities, truths);
    let gaps = bins.iter().map(|bin| (bin.stated - bin.positives as f64).abs());
    gaps.sum::<f64>() / probabilities.len().max(1) as f64
}

/// Mean negative log-likelihood of the truths, probabilities being kept 1e-15 away from 0 and 1.
pub fn log_loss(probabilities: &[f64], truths: &[bool]) -> f64 {
    let terms = probabilities.iter().zip(truths).map(|(&p, &truth)| {
        let p = if truth { p } else { 1.0 - p };
        -libm::log(p.clamp(1e-15, 1.0))
    });
    terms.sum::<f64>() / probabilities.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        assert!((log_loss(&[0.8, 0.4], &[true, false]) - 0.366_984_587_5).abs() < 1e-9);
        assert!((expected_calibration_error(&[0.9, 0.9, 0.1, 0.1], &[true, false, false, false]) - 0.25).abs() < 1e-12);
        assert_eq!(average_precision(&[0.5, 0.2], &[false, false]), 0.0);
        let (threshold, best) = best_f1_threshold(&[0.9, 0.6, 0.4, 0.1], &[true, true, false, false], 1.0);
        let rare = best_f1_threshold(&[0.9, 0.8, 0.6, 0.5], &[true, false, true, true], 20.0).0;
        assert!((rare - 0.85).abs() < 1e-9, "{rare}");
        assert_eq!((threshold, best), (0.5, 1.0));
    }

    proptest! {
        #[test]
        fn the_best_threshold_is_best(
            pairs in prop::collection::vec((0u8..20, any::<bool>()), 1..60)
        ) {
            let scores: Vec<f64> = pairs.iter().map(|p| f64::from(p.0) / 20.0).collect();
            let truths: Vec<bool> = pairs.iter().map(|p| p.1).collect();
            let at = |threshold: f64| {
                let predicted = scores.iter().filter(|&&s| s >= threshold).count();
                let hits = scores.iter().zip(&truths).filter(|&(&s, &t)| s >= threshold && t).count();
                f1(hits, predicted, truths.iter().filter(|&&t| t).count())
            };
            let (threshold, best) = best_f1_threshold(&scores, &truths, 1.0);
            prop_assert!((at(threshold) - best).abs() < 1e-12);
            for &score in &scores {
                prop_assert!(at(score) <= best + 1e-12);
            }
        }
    }
}
