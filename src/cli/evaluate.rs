//! `bayan evaluate`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::evaluate_args::EvaluateArgs;
use super::output::{note, print, prove_writable};
use super::{Outcome, learning_curve, load_model};
use crate::classifier::Classifier;
use crate::dataset::{LabelledSet, find_files, read_annotations};
use crate::error::Error;
use crate::evaluation::{self, Evaluation, LearningPoint};
use crate::io::write_atomically;
use crate::report::{Report, ReportedSentence};

/// What the built-in model is called.
const SHIPPED: &str = "arabic-news (in the program)";
/// How many features the report shows for and against each label.
const LISTED_FEATURES: usize = 20;

/// What was measured.
struct Measured {
    classifier: Classifier,
    set: LabelledSet,
    /// The id of each text.
    ids: HashMap<String, String>,
    outcomes: Vec<evaluation::Outcome>,
    evaluation: Evaluation,
}

/// Measures a model on annotations.
pub fn evaluate(args: &EvaluateArgs, quiet: bool) -> Result<Outcome, Error> {
    let classifier = load_model(&args.model)?;
    let files = find_files(&args.paths)?;
    if let Some(path) = &args.report {
        refuse_inputs(path, &files, args)?;
        prove_writable(path)?;
    }
    let annotations = read_annotations(&files, Some(classifier.schema().names()))?;
    let ids = annotations.iter().map(|a| (a.text.clone(), a.id.clone())).collect();
    let set = LabelledSet::new(annotations, Some(classifier.schema().clone()))?;
    let curve = match args.learning_curve.as_slice() {
        [] => None,
        paths => Some(learning_curve::read(paths, &set, quiet)?),
    };
    let (outcomes, evaluation) = classifier.evaluate(set.rows().iter().map(|row| (row.text.as_str(), row.labels)));
    print_tables(&evaluation, args.json)?;
    let measured = Measured {
        classifier,
        set,
        ids,
        outcomes,
        evaluation,
    };
    if let Some(path) = &args.report {
        write_report(path, args, &measured, curve.as_ref(), quiet)?;
    }
    Ok(Outcome::Done)
}

fn print_tables(evaluation: &Evaluation, json: bool) -> Result<(), Error> {
    if json {
        let json = serde_json::to_string_pretty(evaluation).map_err(|e| Error::InvalidSetting(e.to_string()))?;
        return print(&(json + "\n"));
    }
    print(&format!(
        "{evaluation}\nMissed labels (rows) and labels given wrongly (columns), in sentences:\n\n{}",
        evaluation.confusion_table()
    ))
}

/// A report must not replace what it is made from.
fn refuse_inputs(report: &Path, files: &[PathBuf], args: &EvaluateArgs) -> Result<(), Error> {
    let Ok(target) = report.canonicalize() else {
        return Ok(());
    };
    let training = find_files(&args.learning_curve)?;
    let mut inputs = files.iter().chain(&training).chain(&args.model.model);
    match inputs.find(|input| input.canonicalize().is_ok_and(|input| input == target)) {
        Some(_) => Err(Error::Io {
            path: report.to_path_buf(),
            source: std::io::Error::other("the report would replace a file that it is made from"),
        }),
        None => Ok(()),
    }
}

fn write_report(
    path: &Path,
    args: &EvaluateArgs,
    measured: &Measured,
    curve: Option<&LabelledSet>,
    quiet: bool,
) -> Result<(), Error> {
    let Measured { classifier, set, .. } = measured;
    let learning = match curve {
        Some(training) => learning_curve::run(training, set, classifier, quiet)?,
        None => Vec::new(),
    };
    let html = page(args, measured, &learning)?;
    write_atomically(path, html.as_bytes())?;
    if !quiet {
        note(&format!("wrote {}", path.display()));
    }
    Ok(())
}

fn page(args: &EvaluateArgs, measured: &Measured, learning: &[LearningPoint]) -> Result<String, Error> {
    let Measured {
        classifier, set, ids, ..
    } = measured;
    let sentences: Vec<ReportedSentence<'_>> = set
        .rows()
        .iter()
        .map(|row| ReportedSentence {
            id: ids.get(&row.text).map_or("", String::as_str),
            text: &row.text,
        })
        .collect();
    let data: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
    let model = args.model.model.as_ref();
    let report = Report {
        model: &model.map_or_else(|| SHIPPED.to_owned(), |path| path.display().to_string()),
        classifier,
        data: &data.join(", "),
        data_digest: &set.digest(),
        groups: set.groups().len(),
        sentences: &sentences,
        outcomes: &measured.outcomes,
        evaluation: &measured.evaluation,
        learning,
        errors: args.errors,
        features: LISTED_FEATURES,
    };
    report.to_html()
}
