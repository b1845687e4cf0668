//! What is decided on out-of-fold logits: regularisation strength, calibration, threshold.

use super::params::Criterion;
use crate::error::Error;
use crate::evaluation::{average_precision, best_f1_threshold, log_loss};
use crate::linear::Platt;

/// Position of the best C, by the criterion; of equals the strongest regularisation. A C whose logits are no
/// better than chance is passed over.
pub(super) fn choose_c(criterion: Criterion, logits: &[Vec<f64>], truths: &[bool]) -> Result<usize, Error> {
    let mut best: Result<(usize, f64), Option<Error>> = Err(None);
    for (i, logits) in logits.iter().enumerate() {
        match goodness(criterion, logits, truths) {
            Ok(goodness) if best.as_ref().is_ok_and(|&(_, other)| goodness <= other) => {}
            Ok(goodness) => best = Ok((i, goodness)),
            Err(e) if best.is_err() => best = Err(Some(e)),
            Err(_) => {}
        }
    }
    best.map(|(i, _)| i)
        .map_err(|e| e.unwrap_or_else(|| Error::InvalidSetting("no regularisation strength to choose from".into())))
}

fn goodness(criterion: Criterion, logits: &[f64], truths: &[bool]) -> Result<f64, Error> {
    let platt = Platt::fit(logits, truths)?;
    Ok(match criterion {
        Criterion::AveragePrecision => average_precision(logits, truths),
        Criterion::LogLoss => {
            let probabilities: Vec<f64> = logits.iter().map(|&l| platt.probability(l)).collect();
            -log_loss(&probabilities, truths)
        }
    })
}

/// Calibration and the threshold of best F1 in text where a share of `prevalence` of the sentences has the label (`None`:
/// as many as here).
pub(super) fn calibrate(logits: &[f64], truths: &[bool], prevalence: Option<f64>) -> Result<(Platt, f64), Error> {
    let platt = Platt::fit(logits, truths)?;
    let probabilities: Vec<f64> = logits.iter().map(|&l| platt.probability(l)).collect();
    let odds = |share: f64| share / (1.0 - share);
    let here = truths.iter().filter(|&&t| t).count() as f64 / truths.len() as f64;
    let negative_weight = prevalence.map_or(1.0, |there| odds(here) / odds(there));
    Ok((platt, best_f1_threshold(&probabilities, truths, negative_weight).0))
}

/// For each row its probability and whether the label is given, by calibration and threshold fitted on the
/// other folds.
pub(super) fn cross_fitted(
    logits: &[f64],
    truths: &[bool],
    folds: &[usize],
    fold_count: usize,
    prevalence: Option<f64>,
) -> Result<Vec<(f64, bool)>, Error> {
    let mut decisions = vec![(0.0, false); logits.len()];
    for fold in 0..fold_count {
        let others: Vec<usize> = (0..logits.len()).filter(|&row| folds[row] != fold).collect();
        let other_logits: Vec<f64> = others.iter().map(|&row| logits[row]).collect();
        let other_truths: Vec<bool> = others.iter().map(|&row| truths[row]).collect();
        let (platt, threshold) = calibrate(&other_logits, &other_truths, prevalence)?;
        for row in (0..logits.len()).filter(|&row| folds[row] == fold) {
            let probability = platt.probability(logits[row]);
            decisions[row] = (probability, probability >= threshold);
        }
    }
    Ok(decisions)
}
