//! Learning curves: what a part of the training sentences would have given.

use super::fit::train;
use super::params::TrainParams;
use super::progress::Progress;
use crate::dataset::LabelledSet;
use crate::error::Error;
use crate::evaluation::LearningPoint;

/// Trains on the sentences of about `share` (0 to 1) of the groups of `set` and measures on `test`. A part that is too
/// small to be trained on is a result too: the point then holds the reason.
///
/// # Errors
/// As [`train`], but for [`Error::InvalidTrainingSet`].
pub fn learning_point(
    set: &LabelledSet,
    share: f64,
    test: &LabelledSet,
    params: &TrainParams,
    progress: &dyn Progress,
) -> Result<LearningPoint, Error> {
    let part = set.share_of_groups(share, params.seed);
    let result = match train(&part, params, progress) {
        Ok(trained) => {
            let rows = test.rows().iter().map(|row| (row.text.as_str(), row.labels));
            Ok(trained.classifier.evaluate(rows).1)
        }
        Err(Error::InvalidTrainingSet(reason)) => Err(reason),
        Err(error) => return Err(error),
    };
    Ok(LearningPoint {
        share,
        groups: part.groups().len(),
        sentences: part.rows().len(),
        result,
    })
}
