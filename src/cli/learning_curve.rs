//! The learning curve of `bayan evaluate`: trains on parts of the annotations.

use std::collections::HashSet;
use std::path::PathBuf;

use super::output::note;
use super::progress::TrainBar;
use crate::classifier::Classifier;
use crate::dataset::{LabelledSet, find_files, read_annotations};
use crate::error::Error;
use crate::evaluation::LearningPoint;
use crate::train::{TrainParams, learning_point};

/// The parts of the topics that are trained on, and their names.
const SHARES: [(f64, &str); 4] = [(0.125, "1/8"), (0.25, "1/4"), (0.5, "1/2"), (1.0, "all")];

/// The training sentences of a learning curve, read and checked before anything else is done.
pub fn read(paths: &[PathBuf], test: &LabelledSet, quiet: bool) -> Result<LabelledSet, Error> {
    let schema = test.schema();
    let annotations = read_annotations(&find_files(paths)?, Some(schema.names()))?;
    let all = LabelledSet::new(annotations, Some(schema.clone()))?;
    let tested: HashSet<&str> = test.rows().iter().map(|row| row.text.trim()).collect();
    let set = all.filtered(|row| !tested.contains(row.text.trim()));
    let shared = all.groups().intersection(&test.groups()).count();
    let left_out = all.rows().len() - set.rows().len();
    if set.rows().is_empty() {
        let reason = "every sentence of the learning curve is also in the data that is evaluated";
        return Err(Error::InvalidTrainingSet(reason.into()));
    }
    if !quiet && left_out > 0 {
        note(&format!(
            "learning curve: sentences that are also in the data that is evaluated, left out of training: {left_out}"
        ));
    }
    if !quiet && shared > 0 {
        note(&format!(
            "learning curve: groups (topics or sources) that are also in the data that is evaluated: {shared}; the curve may be too high"
        ));
    }
    Ok(set)
}

/// Trains on each part with the settings of `classifier` and measures on `test`.
pub fn run(
    set: &LabelledSet,
    test: &LabelledSet,
    classifier: &Classifier,
    quiet: bool,
) -> Result<Vec<LearningPoint>, Error> {
    let params = TrainParams::of(classifier);
    let mut points = Vec::new();
    for (share, name) in SHARES {
        let bar = TrainBar::titled(quiet, &format!("learning curve, {name} of the topics: "));
        let point = learning_point(set, share, test, &params, &bar)?;
        drop(bar);
        if let Err(reason) = &point.result
            && !quiet
        {
            note(&format!("learning curve, {name} of the topics: cannot train: {reason}"));
        }
        points.push(point);
    }
    Ok(points)
}
