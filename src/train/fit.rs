//! The whole of training, step by step.

use rayon::prelude::*;

use super::design::design_matrix;
use super::params::TrainParams;
use super::progress::{Progress, Step, Unconverged, keep_on};
use super::start::Start;
use super::validate::{Decision, validate};
use crate::classifier::{Classifier, ClassifierParts, LabelFit, ModelInfo};
use crate::dataset::LabelledSet;
use crate::error::Error;
use crate::evaluation::Evaluation;
use crate::features::{CountMatrix, FeatureSpace, Norm};
use crate::linear::{FittedLogistic, QuantizedWeights};

/// A classifier and how its training went.
#[derive(Debug)]
pub struct Trained {
    /// The classifier.
    pub classifier: Classifier,
    /// The table from cross-validation, cross-fitted.
    pub evaluation: Evaluation,
    /// Fits, in cross-validation or at the end, that stopped before they converged.
    pub unconverged: Vec<Unconverged>,
}

/// Trains a classifier on `set`. Same set, same parameters: the same classifier to the bit, at any number of threads.
///
/// # Errors
/// If a parameter is out of range, the set has too few groups for the folds, a label has no positive or no
/// negative sentence in some training part, or scores are no better than chance; [`Error::Interrupted`] where `progress`
/// asks to stop.
pub fn train(set: &LabelledSet, params: &TrainParams, progress: &dyn Progress) -> Result<Trained, Error> {
    train_from(None, set, params, progress)
}

/// Trains a classifier on `set` as [`train`] does, every fit starting from the weights of a model where one is given. Same
/// set, same parameters, same start: the same classifier to the bit, at any number of threads.
///
/// # Errors
/// As [`train`].
pub fn train_from(
    start: Option<Start<'_>>,
    set: &LabelledSet,
    params: &TrainParams,
    progress: &dyn Progress,
) -> Result<Trained, Error> {
    let validated = validate(set, params, start, set.schema().len(), progress)?;
    let (counts, decisions) = (&validated.counts, &validated.decisions);
    let evaluation = Evaluation::new(set.schema().names(), &validated.thresholds(), &validated.outcomes(set));
    let fits = final_fits(params, start, set, counts, decisions, progress)?;
    let mut unconverged = validated.unconverged;
    unconverged.extend(unconverged_fits(set, decisions, &fits.1));
    let mut info = model_info(params, set, decisions, &fits.1, evaluation.clone());
    info.update = start.map(|start| start.update(params));
    let classifier = assemble(params, set, counts, decisions, fits, info)?;
    Ok(Trained {
        classifier,
        evaluation,
        unconverged,
    })
}

fn unconverged_fits(set: &LabelledSet, decisions: &[Decision], fits: &[FittedLogistic]) -> Vec<Unconverged> {
    let labels = set.schema().names().iter().zip(decisions).zip(fits);
    labels
        .filter(|(_, fit)| !fit.convergence.converged)
        .map(|((label, decision), fit)| Unconverged {
            label: label.clone(),
            c: decision.c,
            fold: None,
            convergence: fit.convergence.clone(),
        })
        .collect()
}

fn final_fits(
    params: &TrainParams,
    start: Option<Start<'_>>,
    set: &LabelledSet,
    counts: &CountMatrix,
    decisions: &[Decision],
    progress: &dyn Progress,
) -> Result<(FeatureSpace, Vec<FittedLogistic>), Error> {
    let all: Vec<usize> = (0..set.rows().len()).collect();
    let space = FeatureSpace::fit(&params.features, counts, &all);
    let matrix = design_matrix(&space, counts);
    let fits: Result<Vec<FittedLogistic>, Error> = decisions
        .par_iter()
        .enumerate()
        .map(|(label, decision)| {
            keep_on(progress)?;
            let targets = set.targets(label);
            let label = &set.schema().names()[label];
            let first = start.and_then(|start| start.parameters(label, &space, counts));
            let fitted = params
                .logistic(decision.c)
                .check()?
                .fit(&matrix, &all, &targets, first.as_deref())?;
            progress.done(Step::Fitted {
                label,
                c: decision.c,
                fold: None,
                convergence: &fitted.convergence,
            });
            Ok(fitted)
        })
        .collect();
    Ok((space, fits?))
}

fn model_info(
    params: &TrainParams,
    set: &LabelledSet,
    decisions: &[Decision],
    fits: &[FittedLogistic],
    evaluation: Evaluation,
) -> ModelInfo {
    ModelInfo {
        trained_by: concat!("bayan ", env!("CARGO_PKG_VERSION")).into(),
        sentences: set.rows().len(),
        groups: set.groups().len(),
        data_digest: set.digest(),
        seed: params.seed,
        folds: params.folds,
        fits: decisions
            .iter()
            .zip(fits)
            .map(|(d, f)| LabelFit {
                params: params.logistic(d.c),
                prevalence: d.prevalence,
                convergence: f.convergence.clone(),
            })
            .collect(),
        cross_validation: Some(evaluation),
        update: None,
    }
}

/// Folds idf into the weights, leaves out what is below the pruning limit, rounds to fixed point and puts everything
/// together.
fn assemble(
    params: &TrainParams,
    set: &LabelledSet,
    counts: &CountMatrix,
    decisions: &[Decision],
    (space, fits): (FeatureSpace, Vec<FittedLogistic>),
    info: ModelInfo,
) -> Result<Classifier, Error> {
    let folded = |fit: &FittedLogistic, column: usize| fit.weights()[column] * f64::from(space.idf()[column]);
    let kept: Vec<usize> = (0..space.columns())
        .filter(|&column| fits.iter().any(|fit| folded(fit, column).abs() >= params.prune))
        .collect();
    let weights: Vec<Vec<f64>> = fits
        .iter()
        .map(|fit| kept.iter().map(|&column| folded(fit, column)).collect())
        .collect();
    let round = |x: f64| libm::round(x * 1e6) / 1e6;
    Classifier::from_parts(ClassifierParts {
        schema: set.schema().clone(),
        features: params.features.clone(),
        vocabulary: space.vocabulary(counts, &kept),
        weights: QuantizedWeights::from_labels(&weights),
        idf: (params.features.norm == Norm::L2).then(|| kept.iter().map(|&column| space.idf()[column]).collect()),
        intercepts: fits.iter().map(|fit| round(fit.intercept())).collect(),
        calibration: decisions.iter().map(|d| d.platt).collect(),
        thresholds: decisions.iter().map(|d| d.threshold).collect(),
        info,
    })
}
