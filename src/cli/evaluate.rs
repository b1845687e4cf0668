//! `bayan evaluate`.

use super::args::EvaluateArgs;
use super::output::print;
use super::{Outcome, load_model};
use crate::dataset::{LabelledSet, find_files, read_annotations};
use crate::error::Error;
use crate::evaluation::{self, Evaluation};

/// Measures a model on annotations.
pub fn evaluate(args: &EvaluateArgs) -> Result<Outcome, Error> {
    let classifier = load_model(&args.model)?;
    let schema = classifier.schema();
    let annotations = read_annotations(&find_files(&args.paths)?, Some(schema.names()))?;
    let set = LabelledSet::new(annotations, Some(schema.clone()))?;
    let mut labeller = classifier.labeller();
    let outcomes: Vec<evaluation::Outcome> = set
        .rows()
        .iter()
        .map(|row| {
            let (predicted, probabilities) = labeller.label(&row.text);
            evaluation::Outcome {
                truth: row.labels,
                predicted,
                probabilities: probabilities.to_vec(),
            }
        })
        .collect();
    let evaluation = Evaluation::new(schema.names(), classifier.thresholds(), &outcomes);
    if args.json {
        let json = serde_json::to_string_pretty(&evaluation).map_err(|e| Error::InvalidSetting(e.to_string()))?;
        print(&(json + "\n"))?;
    } else {
        print(&format!(
            "{evaluation}\nMissed labels (rows) and labels given wrongly (columns), in sentences:\n\n{}",
            evaluation.confusion_table()
        ))?;
    }
    Ok(Outcome::Done)
}
