//! Cross-validation as a whole: from a set to what is decided for each label, and what the held-out sentences got.

use super::cross_validation::{OutOfFold, out_of_fold};
use super::decide::{calibrate, choose_c, cross_fitted};
use super::params::TrainParams;
use super::progress::{Progress, Step, Unconverged, keep_on};
use super::start::Start;
use crate::dataset::{LabelledSet, grouped_folds};
use crate::error::Error;
use crate::evaluation::Outcome;
use crate::features::{Analyzer, CountMatrix, count_features};
use crate::label::LabelSet;
use crate::linear::Platt;

/// What cross-validation says of every sentence of a set.
#[derive(Debug, Clone)]
pub struct CrossValidated {
    /// For each row of the set, in its order: its labels, and the labels and calibrated probabilities that it got
    /// while its fold was held out. Weights, vocabulary, calibration and thresholds are all from other folds.
    pub outcomes: Vec<Outcome>,
    /// Fits that stopped before they converged.
    pub unconverged: Vec<Unconverged>,
}

/// Cross-validates `set` as [`super::train`] does, without the final fit. Same set, same parameters: the same result to the
/// bit, at any number of threads.
///
/// # Errors
/// As [`super::train`].
pub fn cross_validate(
    set: &LabelledSet,
    params: &TrainParams,
    progress: &dyn Progress,
) -> Result<CrossValidated, Error> {
    let validated = validate(set, params, None, 0, progress)?;
    Ok(CrossValidated {
        outcomes: validated.outcomes(set),
        unconverged: validated.unconverged,
    })
}

/// What was decided for one label.
pub(super) struct Decision {
    pub c: f64,
    pub platt: Platt,
    pub threshold: f64,
    pub prevalence: Option<f64>,
    /// For each row its cross-fitted probability and decision.
    pub held_out: Vec<(f64, bool)>,
}

/// A cross-validation that is done.
pub(super) struct Validated {
    pub counts: CountMatrix,
    pub decisions: Vec<Decision>,
    pub unconverged: Vec<Unconverged>,
}

impl Validated {
    /// The threshold of each label.
    pub(super) fn thresholds(&self) -> Vec<f64> {
        self.decisions.iter().map(|d| d.threshold).collect()
    }

    /// What each row of `set` got while it was held out.
    pub(super) fn outcomes(&self, set: &LabelledSet) -> Vec<Outcome> {
        let given = |row: usize| {
            let labels = self.decisions.iter().enumerate();
            labels.fold(LabelSet::default(), |set, (label, d)| {
                if d.held_out[row].1 { set.with(label) } else { set }
            })
        };
        let rows = set.rows().iter().enumerate();
        rows.map(|(row, truth)| Outcome {
            truth: truth.labels,
            predicted: given(row),
            probabilities: self.decisions.iter().map(|d| d.held_out[row].0).collect(),
        })
        .collect()
    }
}

/// Checks the parameters, counts features and decides on every label, fits starting from `start`; `more_fits` are to follow.
pub(super) fn validate(
    set: &LabelledSet,
    params: &TrainParams,
    start: Option<Start<'_>>,
    more_fits: usize,
    progress: &dyn Progress,
) -> Result<Validated, Error> {
    params.check()?;
    set.schema().set_of(&params.prevalence.keys().collect::<Vec<_>>())?;
    let grids: Vec<Vec<f64>> = set.schema().names().iter().map(|name| params.grid(name)).collect();
    let groups: Vec<&str> = set.rows().iter().map(|row| row.group.as_str()).collect();
    let folds = grouped_folds(&groups, params.folds, params.seed)?;
    let analyzer = Analyzer::new(params.features.clone());
    let texts = set.rows().iter().map(|row| row.text.as_str());
    let counts = count_features(&analyzer, texts.take_while(|_| !progress.stopped()));
    keep_on(progress)?;
    progress.done(Step::Counted {
        sentences: set.rows().len(),
        features: counts.keys.len(),
        fits: params.folds * grids.iter().map(Vec::len).sum::<usize>() + more_fits,
    });
    let held_out = out_of_fold(params, &grids, start, set, &counts, &folds, progress)?;
    let decisions: Result<Vec<Decision>, Error> = held_out
        .iter()
        .enumerate()
        .map(|(label, held_out)| {
            let name = &set.schema().names()[label];
            let prevalence = params.prevalence.get(name).copied();
            decide(params, &grids[label], held_out, &set.targets(label), &folds, prevalence)
                .map_err(|e| of_label(e, name))
        })
        .collect();
    Ok(Validated {
        counts,
        decisions: decisions?,
        unconverged: held_out.into_iter().flat_map(|o| o.unconverged).collect(),
    })
}

/// Names the label that an error is about.
fn of_label(error: Error, label: &str) -> Error {
    match error {
        Error::InvalidTrainingSet(reason) => Error::InvalidTrainingSet(format!("label {label}: {reason}")),
        Error::Solver(reason) => Error::Solver(format!("label {label}: {reason}")),
        other => other,
    }
}

fn decide(
    params: &TrainParams,
    grid: &[f64],
    held_out: &OutOfFold,
    truths: &[bool],
    folds: &[usize],
    prevalence: Option<f64>,
) -> Result<Decision, Error> {
    let best = choose_c(params.criterion, &held_out.logits, truths)?;
    let logits = &held_out.logits[best];
    let (platt, threshold) = calibrate(logits, truths, prevalence)?;
    let held_out = cross_fitted(logits, truths, folds, params.folds, prevalence)?;
    Ok(Decision {
        c: grid[best],
        platt,
        threshold,
        held_out,
        prevalence,
    })
}
