//! `bayan train --from`: training that starts from a model, and updates from new annotations alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::TrainArgs;
use super::output::{note, print};
use super::progress::TrainBar;
use super::train::{convergence, summary};
use super::{Outcome, compare, open_model};
use crate::classifier::Classifier;
use crate::dataset::{Additions, Annotation, LabelledSet, find_files, read_additions, read_annotations};
use crate::error::{Error, Fault};
use crate::evaluation::BootstrapParams;
use crate::label::LabelSchema;
use crate::model_file;
use crate::train::{Start, TrainParams, UpdateParams, Updated, train_from, update};

/// Pull of an update, unless told otherwise: see the measurements in docs/retraining.md.
const PULL: f64 = 100.0;

/// Trains from the model `from`.
pub fn retrain(args: &TrainArgs, from: &Path, quiet: bool) -> Result<Outcome, Error> {
    let (classifier, digest) = open_model(from)?;
    let start = Start {
        classifier: &classifier,
        digest: &digest,
    };
    let params = params(args, &classifier);
    params.check()?;
    let annotations = read(args, &classifier, quiet).inspect_err(|e| hint(args, e))?;
    let schema = schema(&classifier, &annotations)?;
    let more = schema.len() > classifier.schema().len();
    if !quiet && more {
        let names = &schema.names()[classifier.schema().len()..];
        note(&format!("new labels: {}", names.join(", ")));
    }
    if !args.start.test.is_empty() {
        // A fault in the test data is told before the work, not after it.
        read_annotations(&find_files(&args.start.test)?, Some(schema.names()))?;
    }
    let set = LabelledSet::new(annotations, Some(schema))?;
    let bar = TrainBar::new(quiet);
    let (new, unconverged, text) = if args.start.only_new.is_empty() {
        let trained = train_from(Some(start), &set, &params, &bar)?;
        let text = summary(&trained);
        (trained.classifier, trained.unconverged, text)
    } else {
        refuse_idle_settings(args, more)?;
        let pull = args.start.pull.unwrap_or(PULL);
        let updated = update(start, &set, &UpdateParams { pull, training: params }, &bar)?;
        let text = of_update(&updated, pull);
        (updated.classifier, updated.unconverged, text)
    };
    drop(bar);
    let forgotten = (!args.start.test.is_empty())
        .then(|| compare::on(&classifier, &new, &args.start.test, BootstrapParams::default()))
        .transpose()?;
    model_file::save(&new, &args.output)?;
    print(&text)?;
    if let Some(compared) = forgotten {
        print(&format!(
            "\nthe model before and after, on the test data:\n\n{}",
            compared.table()
        ))?;
    }
    if !quiet {
        unconverged.iter().for_each(|fit| note(&fit.to_string()));
        note(&format!("wrote {}", args.output.display()));
    }
    Ok(Outcome::Done)
}

/// The model's settings, with those that were given instead.
fn params(args: &TrainArgs, classifier: &Classifier) -> TrainParams {
    let mut params = TrainParams::of_model(classifier);
    params.criterion = args.criterion.into();
    params.prevalence.extend(args.prevalence.iter().cloned());
    params.prune = args.prune.unwrap_or(params.prune);
    params.seed = args.seed.unwrap_or(params.seed);
    params.folds = args.folds.unwrap_or(params.folds);
    if !args.c_grid.is_empty() {
        params.c_grid.clone_from(&args.c_grid);
        params.chosen_c.clear();
    }
    params
}

/// An update chooses nothing, except for new labels.
fn refuse_idle_settings(args: &TrainArgs, new_labels: bool) -> Result<(), Error> {
    let given = [
        ("-C", !args.c_grid.is_empty()),
        ("--folds", args.folds.is_some()),
        ("--seed", args.seed.is_some()),
    ];
    match given.iter().find(|(_, given)| *given && !new_labels) {
        Some((name, _)) => Err(Error::InvalidSetting(format!(
            "{name} has no effect with --only-new: nothing is chosen, and no label is new"
        ))),
        None => Ok(()),
    }
}

/// The annotations to train on. Any label may occur in them where new ones are to be learned.
fn read(args: &TrainArgs, classifier: &Classifier, quiet: bool) -> Result<Vec<Annotation>, Error> {
    let start = &args.start;
    let names = classifier.schema().names();
    let known = (!start.new_labels).then_some(names);
    if !start.only_new.is_empty() {
        return read_annotations(&find_files(&start.only_new)?, known);
    }
    let old = find_files(&args.paths)?;
    let additions = if start.add.is_empty() {
        Additions {
            old: read_annotations(&old, known)?,
            added: Vec::new(),
            repeated: Vec::new(),
        }
    } else {
        read_additions(&old, &find_files(&start.add)?, known)?
    };
    if !quiet {
        tell(&additions, classifier, &args.paths);
    }
    Ok(additions.together())
}

/// Says what is not as the reader may think.
fn tell(additions: &Additions, classifier: &Classifier, paths: &[PathBuf]) {
    let Additions { old, added, repeated } = additions;
    if added.is_empty() {
        return;
    }
    // Labels that are not the model's cannot be in the data that it was trained on.
    let digest = LabelledSet::new(old.clone(), Some(classifier.schema().clone())).map(|set| set.digest());
    if digest.is_ok_and(|digest| digest != classifier.info().data_digest) {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        note(&format!(
            "{}: not the annotations that the model was trained on",
            names.join(" ")
        ));
    }
    let relabelled = repeated.iter().filter(|(_, other)| *other).count();
    let replaced = repeated.len();
    note(&format!(
        "{} old annotations, {} new; {replaced} of the new sentences stand in the old ones too, {relabelled} with other labels: the new ones count",
        old.len(),
        added.len()
    ));
}

/// The model's labels, then those of the annotations that it does not have, sorted.
fn schema(classifier: &Classifier, annotations: &[Annotation]) -> Result<LabelSchema, Error> {
    let known = classifier.schema();
    let names = annotations.iter().flat_map(|a| &a.labels);
    let new: BTreeSet<&String> = names.filter(|name| known.position(name).is_none()).collect();
    LabelSchema::new(known.names().iter().chain(new).cloned())
}

fn hint(args: &TrainArgs, error: &Error) {
    let unknown = |fault: &Fault| fault.reason.starts_with("unknown label");
    if matches!(error, Error::InvalidAnnotations(faults) if faults.iter().any(unknown)) && !args.start.new_labels {
        note("a label that the model does not have is learned with --new-labels");
    }
}

fn of_update(updated: &Updated, pull: f64) -> String {
    let info = updated.classifier.info();
    let mut out = format!(
        "updated by {} sentences of {} groups, pull {pull}, {} new features\n",
        info.sentences, info.groups, updated.new_features
    );
    if let Some(table) = &updated.new_labels {
        out += &format!(
            "new labels, {}-fold cross-validation by group on the new sentences:\n\n{table}\n",
            info.folds
        );
    }
    out + &convergence(&updated.classifier)
}
