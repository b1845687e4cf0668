//! How good predictions are.
//!
//! Enters: probabilities, thresholds and truths. Leaves: an [`Evaluation`] with the table by label, averages,
//! calibration error and confusions. Must not know: where the probabilities come from.

mod confusion;
mod metrics;
mod report;

pub use confusion::Confusion;
pub use metrics::{average_precision, best_f1_threshold, expected_calibration_error, log_loss};
pub use report::{Evaluation, LabelReport, Outcome, Scores};
