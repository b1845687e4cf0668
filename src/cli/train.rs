//! `bayan train`.

use super::args::{FeatureArgs, TrainArgs};
use super::output::{note, print, prove_writable};
use super::progress::TrainBar;
use super::retrain::retrain;
use super::{Outcome, thread_count};
use crate::classifier::Classifier;
use crate::dataset::{LabelledSet, find_files, read_annotations};
use crate::error::Error;
use crate::features::FeatureParams;
use crate::label::LabelSchema;
use crate::linear::ClassWeight;
use crate::model_file;
use crate::text::Normalization;
use crate::train::{TrainParams, Trained, train as fit};

/// Trains a model, writes it and prints the table from cross-validation.
pub fn train(args: &TrainArgs, quiet: bool) -> Result<Outcome, Error> {
    prove_writable(&args.output)?;
    use_threads(thread_count(args.threads))?;
    if let Some(from) = &args.start.from {
        return retrain(args, from, quiet);
    }
    let params = params(args)?;
    params.check()?;
    let schema = args.labels.clone().map(LabelSchema::new).transpose()?;
    let annotations = read_annotations(&find_files(&args.paths)?, args.labels.as_deref())?;
    let set = LabelledSet::new(annotations, schema)?;
    let bar = TrainBar::new(quiet);
    let trained = fit(&set, &params, &bar)?;
    drop(bar);
    model_file::save(&trained.classifier, &args.output)?;
    print(&summary(&trained))?;
    if !quiet {
        trained.unconverged.iter().for_each(|fit| note(&fit.to_string()));
        note(&format!("wrote {}", args.output.display()));
    }
    Ok(Outcome::Done)
}

/// Sets the number of threads that fits are divided among; once in a process.
pub fn use_threads(threads: usize) -> Result<(), Error> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|e| Error::InvalidSetting(format!("threads: {e}")))
}

/// What is printed of a training.
pub fn summary(trained: &Trained) -> String {
    let info = trained.classifier.info();
    let out = format!(
        "{} sentences of {} groups, {} features; {}-fold cross-validation by group:\n\n{}\n",
        info.sentences,
        info.groups,
        trained.classifier.parts().vocabulary.len(),
        info.folds,
        trained.evaluation
    );
    out + &convergence(&trained.classifier)
}

/// How the fit of each label ended.
pub fn convergence(classifier: &Classifier) -> String {
    let mut out = String::new();
    for (name, fit) in classifier.schema().names().iter().zip(&classifier.info().fits) {
        let c = &fit.convergence;
        let state = if c.converged { "converged" } else { "NOT converged" };
        out += &format!(
            "{name}: C = {}, {state} in {} iterations, gradient norm {:.2e}\n",
            fit.params.c, c.iterations, c.gradient_norm
        );
    }
    out
}

fn params(args: &TrainArgs) -> Result<TrainParams, Error> {
    let defaults = TrainParams::default();
    Ok(TrainParams {
        features: features(&args.features)?,
        c_grid: if args.c_grid.is_empty() {
            defaults.c_grid
        } else {
            args.c_grid.clone()
        },
        chosen_c: defaults.chosen_c,
        criterion: args.criterion.into(),
        class_weight: class_weight(&args.class_weight)?,
        log_count_ratio: args.log_count_ratio.0,
        solver: args.solver.into(),
        tolerance: args.tolerance,
        max_iterations: args.max_iterations,
        prevalence: args.prevalence.iter().cloned().collect(),
        prune: args.prune.unwrap_or(defaults.prune),
        folds: args.folds.unwrap_or(defaults.folds),
        seed: args.seed.unwrap_or(defaults.seed),
    })
}

fn class_weight(value: &str) -> Result<ClassWeight, Error> {
    match value {
        "none" => Ok(ClassWeight::None),
        "balanced" => Ok(ClassWeight::Balanced),
        number => number.parse().map(ClassWeight::Positive).map_err(|_| {
            Error::InvalidSetting(format!("class weight {number:?}; expected none, balanced or a number"))
        }),
    }
}

/// The settings of features that the arguments ask for.
pub fn features(args: &FeatureArgs) -> Result<FeatureParams, Error> {
    Ok(FeatureParams {
        language: args.stemmer.parse()?,
        normalization: Normalization::default(),
        words: !args.no_words,
        bigrams: !args.no_bigrams,
        char_ngrams: args.char_ngrams.0,
        punctuation: args.punctuation,
        min_df: args.min_df,
        idf: !args.no_idf,
        term_frequency: args.term_frequency.into(),
        norm: args.norm.into(),
    })
}
