//! What is decided on out-of-fold logits: regularisation strength, calibration, threshold.

use super::params::Criterion;
use crate::error::Error;
use crate::evaluation::{average_precision, best_f1_threshold, log_loss};
use crate::linear::Platt;

/// Position of the best C, by the criterion; of equals the strongest regularisation.
pub(super) fn choose_c(criterion: Criterion, logits: &[Vec<f64>], truths: &[bool]) -> Result<usize, Error> {
    let mut best = (0, f64::NEG_INFINITY);
    for (i, logits) in logits.iter().enumerate() {
        let goodness = match criterion {
            Criterion::AveragePrecision => average_precision(logits, truths),
            Criterion::LogLoss => {
                let platt = Platt::fit(logits, truths)?;
                let probabilities: Vec<f64> = logits.iter().map(|&l| platt.probability(l)).collect();
                -log_loss(&probabilities, truths)
            }
        };
        if goodness > best.1 {
            best = (i, goodness);
        }
    }
    Ok(best.0)
}

/// Calibration and the threshold of best F1.
pub(super) fn calibrate(logits: &[f64], truths: &[bool]) -> Result<(Platt, f64), Error> {
    let platt = Platt::fit(logits, truths)?;
    let probabilities: Vec<f64> = logits.iter().map(|&l| platt.probability(l)).collect();
    Ok((platt, best_f1_threshold(&probabilities, truths).0))
}

/// For each row its probability and whether the label is given, by calibration and threshold fitted on the
/// other folds.
pub(super) fn cross_fitted(logits: &[f64], truths: &[bool], folds: &[usize], fold_count: usize) -> Result<Vec<(f64, bool)>, Error> {
    let mut decisions = vec![(0.0, false); logits.len()];
    for fold in 0..fold_count {
        let others: Vec<usize> = (0..logits.len()).filter(|&row| folds[row] != fold).collect();
        let other_logits: Vec<f64> = others.iter().map(|&row| logits[row]).collect();
        let other_truths: Vec<bool> = others.iter().map(|&row| truths[row]).collect();
        let (platt, threshold) = calibrate(&other_logits, &other_truths)?;
        for row in (0..logits.len()).filter(|&row| folds[row] == fold) {
            let probability = platt.probability(logits[row]);
            decisions[row] = (probability, probability >= threshold);
        }
    }
    Ok(decisions)
}
