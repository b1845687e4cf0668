//! A model updated from new sentences alone, staying near its old weights.
//!
//! Enters: a model and new labelled sentences; the data it was trained on is not needed. Leaves: an updated model.
//!
//! The model gives sentence x the calibrated logit a·(w·x + b) + c, with a and c from its calibration and w its stored weights
//! (idf and scale folded in). In terms of the calibrated weights u = a·w and β = a·b + c, what is minimised over the new
//! sentences is
//!
//! ```text
//! sum_i s_i · log-loss(y_i, u·x_i + β)  +  (pull / 2) · ( sum_j ((u_j − u_old_j) / d_j)² + (β − β_old)² )
//! ```
//!
//! where s_i is the weight of the example's class and d_j = idf_j · (0.5 + |log-count ratio of j|), as in training but measured on
//! the new sentences: the factor by which training multiplies a column, so that the pull is measured in the units in
//! which training regularises, and pull = 1/C presses on a change as hard as training at C presses on a weight. d only
//! says how a change is shared out among features; what the model knew stays in u_old as it is. A feature that the model
//! does not know has u_old = 0 and joins the vocabulary if it occurs in as many new sentences as the model's cut-off asks.
//! Then w = w_old + (u − u_old) / a and b likewise; a, c and the thresholds stay.
//!
//! An update knows the sentences that it saw better than others, and more of what has a label rarely than of what never has it, so on
//! others its probabilities are too low. So β is moved once more: by the shift that minimises the same loss under the
//! same pull on margins of updates that did not see the sentence (folds by group; none if all sentences are of one group).
//! An endless pull leaves the model as it is.
//!
//! The quadratic pull is the one of L2 regularisation towards a source model: C. Chelba and A. Acero, "Adaptation of maximum
//! entropy capitalizer: little data can help a lot" (2004).

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::fit::{Trained, train};
use super::params::TrainParams;
use super::progress::{Progress, Step, Unconverged};
use super::start::Start;
use super::updated_model::{Weights, assemble, info, weights_of};
use crate::classifier::{Classifier, ClassifierParts};
use crate::dataset::{LabelledSet, grouped_folds};
use crate::error::Error;
use crate::evaluation::Evaluation;
use crate::features::{Analyzer, FeatureSpace, Norm, SparseVector, count_features};
use crate::label::LabelSchema;
use crate::linear::{CsrMatrix, FittedLogistic, ValidLogisticParams};

/// Settings of an update.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateParams {
    /// Strength of the pull to the old weights; positive. 1/C of training is as strong as training's regularisation.
    pub pull: f64,
    /// How labels that the model does not have are trained, and the settings of the solver; see [`TrainParams::of_model`].
    pub training: TrainParams,
}

/// An updated model and how the update went.
#[derive(Debug)]
pub struct Updated {
    /// The model.
    pub classifier: Classifier,
    /// How many features it has learned.
    pub new_features: usize,
    /// The table of the new labels, from cross-validation on the new sentences; `None` where no label is new.
    pub new_labels: Option<Evaluation>,
    /// Fits that stopped before they converged.
    pub unconverged: Vec<Unconverged>,
}

/// Updates the model of `start` from `set`, whose schema is the model's, or the model's with new labels after it. Same set, same
/// parameters, same model: the same result to the bit, at any number of threads.
///
/// # Errors
/// If a parameter is out of range, the schema does not begin with the model's, or a new label cannot be trained.
pub fn update(
    start: Start<'_>,
    set: &LabelledSet,
    params: &UpdateParams,
    progress: &dyn Progress,
) -> Result<Updated, Error> {
    let old = start.classifier.parts();
    let new_names = set.schema().names().strip_prefix(old.schema.names()).ok_or_else(|| {
        Error::InvalidSchema(format!(
            "expected the model's labels first: {}",
            old.schema.names().join(", ")
        ))
    })?;
    if !(params.pull.is_finite() && params.pull > 0.0) {
        let reason = format!("pull is {}; expected a positive number", params.pull);
        return Err(Error::InvalidSetting(reason));
    }
    let new_labels = train_new_labels(new_names, set, old, params, progress)?;
    let new_sentences = NewSentences::count(start.classifier, set);
    progress.done(Step::Counted {
        sentences: set.rows().len(),
        features: new_sentences.keys.len(),
        fits: old.schema.len(),
    });
    let fits: Vec<FittedLogistic> = (0..old.schema.len())
        .into_par_iter()
        .map(|label| new_sentences.fit(start.classifier, label, set, params, progress))
        .collect::<Result<_, _>>()?;
    let mut weights: Vec<Weights<'_>> = fits
        .iter()
        .enumerate()
        .map(|(label, fit)| new_sentences.changed(old, label, fit))
        .collect();
    weights.extend(new_labels.iter().flat_map(|new| weights_of(new.classifier.parts())));
    let info = info(start, set, params, &fits, new_labels.as_ref());
    let classifier = assemble(start.classifier, set.schema(), &weights, new_labels.as_ref(), info)?;
    let names = old.schema.names().iter().zip(&fits);
    let unconverged = names
        .filter(|(_, fit)| !fit.convergence.converged)
        .map(|(label, fit)| Unconverged {
            label: label.clone(),
            c: 1.0 / params.pull,
            fold: None,
            convergence: fit.convergence.clone(),
        });
    let unconverged: Vec<Unconverged> = unconverged.collect();
    Ok(Updated {
        new_features: classifier.parts().vocabulary.len() - old.vocabulary.len(),
        classifier,
        unconverged: new_labels
            .iter()
            .flat_map(|new| new.unconverged.clone())
            .chain(unconverged)
            .collect(),
        new_labels: new_labels.map(|new| new.evaluation),
    })
}

/// Labels that the model does not have are trained on the new sentences as from nothing.
fn train_new_labels(
    names: &[String],
    set: &LabelledSet,
    old: &ClassifierParts,
    params: &UpdateParams,
    progress: &dyn Progress,
) -> Result<Option<Trained>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    if old.features.norm == Norm::L2 {
        return Err(Error::InvalidSetting(
            "a model whose vectors are divided by their Euclidean length learns new labels only together with its old data".into(),
        ));
    }
    let set = set.restricted_to(LabelSchema::new(names.to_vec())?);
    train(&set, &params.training, progress).map(Some)
}

/// The features of the new sentences that the updated model has.
struct NewSentences {
    keys: Vec<String>,
    /// By what a column is multiplied, as in training.
    idf: Vec<f64>,
    matrix: CsrMatrix,
    /// The fold of each sentence; empty if there are too few groups.
    folds: Vec<usize>,
}

/// As many folds as the model had, or as there are groups.
fn folds(classifier: &Classifier, set: &LabelledSet) -> Vec<usize> {
    let groups: Vec<&str> = set.rows().iter().map(|row| row.group.as_str()).collect();
    let distinct = groups.iter().collect::<BTreeSet<_>>().len();
    let info = classifier.info();
    grouped_folds(&groups, info.folds.min(distinct), info.seed).unwrap_or_default()
}

impl NewSentences {
    fn count(classifier: &Classifier, set: &LabelledSet) -> Self {
        let parts = classifier.parts();
        let analyzer = Analyzer::new(parts.features.clone());
        let counts = count_features(&analyzer, set.rows().iter().map(|row| row.text.as_str()));
        let all: Vec<usize> = (0..set.rows().len()).collect();
        let known = |key: &str| parts.vocabulary.column(key).is_some();
        let space = FeatureSpace::fit_keeping(&parts.features, &counts, &all, known);
        // The divisor of a sentence stays the one of the features that the model knew.
        let rows = all.iter().map(|&row| {
            let known = counts.rows[row]
                .iter()
                .filter_map(|&(column, count)| Some((parts.vocabulary.column(&counts.keys[column as usize])?, count)));
            space.vector_divided_by(&counts, row, parts.divisor(&known.collect(), counts.lengths[row]))
        });
        Self {
            keys: space.keys(&counts).map(str::to_owned).collect(),
            idf: space.idf().iter().copied().map(f64::from).collect(),
            matrix: CsrMatrix::from_rows(rows, space.columns()),
            folds: folds(classifier, set),
        }
    }

    /// The change of the calibrated weights of `label`.
    fn fit(
        &self,
        classifier: &Classifier,
        label: usize,
        set: &LabelledSet,
        params: &UpdateParams,
        progress: &dyn Progress,
    ) -> Result<FittedLogistic, Error> {
        let platt = classifier.parts().calibration[label];
        let texts = set.rows().iter().map(|row| &row.text);
        let margins: Vec<f64> = texts
            .map(|text| platt.slope * classifier.decision_function(text)[label] + platt.offset)
            .collect();
        let c = 1.0 / params.pull;
        let logistic = params.training.logistic(c).check()?;
        let targets = set.targets(label);
        let all: Vec<usize> = (0..targets.len()).collect();
        let mut fitted = logistic.fit_change(&self.matrix, &all, &targets, &margins)?;
        if !self.folds.is_empty() {
            *fitted.parameters.last_mut().expect("an intercept") += self.shift(&logistic, &targets, &margins)?;
        }
        progress.done(Step::Fitted {
            label: &set.schema().names()[label],
            c,
            fold: None,
            convergence: &fitted.convergence,
        });
        Ok(fitted)
    }

    /// By how much the intercept has to move for sentences that an update did not see, out of fold and under the same pull.
    fn shift(&self, logistic: &ValidLogisticParams, targets: &[bool], margins: &[f64]) -> Result<f64, Error> {
        let mut held_out = margins.to_vec();
        for fold in 0..=self.folds.iter().copied().max().unwrap_or(0) {
            let (train, rest): (Vec<usize>, Vec<usize>) = (0..targets.len()).partition(|&row| self.folds[row] != fold);
            let fitted = logistic.fit_change(&self.matrix, &train, targets, margins)?;
            rest.iter()
                .for_each(|&row| held_out[row] += fitted.decision(&self.matrix, row));
        }
        let all: Vec<usize> = (0..targets.len()).collect();
        let nothing = CsrMatrix::from_rows(all.iter().map(|_| SparseVector::default()), 0);
        Ok(logistic.fit_change(&nothing, &all, targets, &held_out)?.intercept())
    }

    /// The model's weights of `label` after the change.
    fn changed<'k>(&'k self, old: &'k ClassifierParts, label: usize, change: &FittedLogistic) -> Weights<'k> {
        let mut weights: BTreeMap<&str, f64> = old
            .vocabulary
            .keys()
            .zip(0..)
            .map(|(key, column)| (key, old.weights.weight(column, label)))
            .collect();
        let slope = old.calibration[label].slope;
        for ((key, idf), change) in self.keys.iter().zip(&self.idf).zip(change.weights()) {
            *weights.entry(key).or_default() += change * idf / slope;
        }
        (weights, old.intercepts[label] + change.intercept() / slope)
    }
}
