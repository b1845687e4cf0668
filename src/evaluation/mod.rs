//! How good predictions are.
//!
//! Enters: probabilities, thresholds and truths. Leaves: an [`Evaluation`] with the table by label, averages,
//! calibration error and confusions; curves, co-occurrences and the worst errors for a closer look; of two models on
//! the same sentences a [`Comparison`] with bootstrap intervals. Must not know: where the probabilities come from.

mod bootstrap;
mod comparison;
mod confusion;
mod cooccurrence;
mod curves;
mod errors;
mod learning;
mod metrics;
mod report;

pub use bootstrap::{BootstrapParams, Difference, FEWEST_GROUPS};
pub use comparison::{Comparison, LabelComparison, MetricDifferences};
pub use confusion::Confusion;
pub use cooccurrence::Cooccurrence;
pub use curves::{CurvePoint, ReliabilityBin, precision_recall_curve, reliability_bins};
pub use errors::{WrongLabel, WrongSentence, worst_errors};
pub use learning::LearningPoint;
pub use metrics::{average_precision, best_f1_threshold, expected_calibration_error, log_loss};
pub use report::{Evaluation, LabelReport, Outcome, Scores};
