//! The table by label.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::confusion::Confusion;
use super::metrics::{average_precision, expected_calibration_error, f1, log_loss, ratio};
use crate::label::LabelSet;

/// What was true of a sentence and what was predicted.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its labels.
    pub truth: LabelSet,
    /// The labels that were predicted.
    pub predicted: LabelSet,
    /// The probability of each label.
    pub probabilities: Vec<f64>,
}

/// Precision, recall and F1, each in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Of the sentences that got the label, the share that has it.
    pub precision: f64,
    /// Of the sentences that have the label, the share that got it.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// Name of the label.
    pub label: String,
    /// Precision, recall, F1 at the threshold.
    #[serde(flatten)]
    pub scores: Scores,
    /// Average precision over all thresholds.
    pub average_precision: f64,
    /// Mean negative log-likelihood.
    pub log_loss: f64,
    /// Expected calibration error, ten bins.
    pub calibration_error: f64,
    /// How many sentences have the label.
    pub support: usize,
    /// The probability from which on the label is given.
    pub threshold: f64,
}

/// The whole evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How many sentences were evaluated.
    pub sentences: usize,
    /// One row for each label, in the order of the schema.
    pub labels: Vec<LabelReport>,
    /// Unweighted mean over labels. Its F1 is the mean of the labels' F1.
    pub macro_average: Scores,
    /// Over all decisions together.
    pub micro_average: Scores,
    /// Mean of the labels' average precisions.
    pub mean_average_precision: f64,
    /// Share of sentences whose label set is exactly right.
    pub exact_match: f64,
    /// Which labels are taken for each other or missed together.
    pub confusion: Confusion,
}

impl Evaluation {
    /// Evaluates `outcomes`; `names` and `thresholds` are those of the labels.
    ///
    /// # Panics
    /// If an outcome has fewer probabilities than there are names.
    pub fn new(names: &[String], thresholds: &[f64], outcomes: &[Outcome]) -> Self {
        let mut totals = (0, 0, 0);
        let labels: Vec<LabelReport> = (0..names.len())
            .map(|label| {
                let truths: Vec<bool> = outcomes.iter().map(|o| o.truth.contains(label)).collect();
                let probabilities: Vec<f64> = outcomes.iter().map(|o| o.probabilities[label]).collect();
                let support = truths.iter().filter(|&&t| t).count();
                let predicted = outcomes.iter().filter(|o| o.predicted.contains(label)).count();
                let hits = outcomes
                    .iter()
                    .filter(|o| o.predicted.contains(label) && o.truth.contains(label))
                    .count();
                totals = (totals.0 + hits, totals.1 + predicted, totals.2 + support);
                LabelReport {
                    label: names[label].clone(),
                    scores: scores(hits, predicted, support),
                    average_precision: average_precision(&probabilities, &truths),
                    log_loss: log_loss(&probabilities, &truths),
                    calibration_error: expected_calibration_error(&probabilities, &truths),
                    support,
                    threshold: thresholds[label],
                }
            })
            .collect();
        let mean = |value: fn(&LabelReport) -> f64| labels.iter().map(value).sum::<f64>() / labels.len() as f64;
        Self {
            sentences: outcomes.len(),
            macro_average: Scores {
                precision: mean(|l| l.scores.precision),
                recall: mean(|l| l.scores.recall),
                f1: mean(|l| l.scores.f1),
            },
            micro_average: scores(totals.0, totals.1, totals.2),
            mean_average_precision: mean(|l| l.average_precision),
            exact_match: ratio(
                outcomes.iter().filter(|o| o.truth == o.predicted).count(),
                outcomes.len(),
            ),
            confusion: Confusion::new(outcomes, names.len()),
            labels,
        }
    }
}

/// Scores from counts.
pub(super) fn scores(hits: usize, predicted: usize, support: usize) -> Scores {
    Scores {
        precision: ratio(hits, predicted),
        recall: ratio(hits, support),
        f1: f1(hits, predicted, support),
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .labels
            .iter()
            .map(|l| l.label.chars().count())
            .max()
            .unwrap_or(0)
            .max(9);
        writeln!(
            f,
            "{:width$}  precision  recall     F1  avg.prec.    ECE  threshold  support",
            "label"
        )?;
        for label in &self.labels {
            let Scores { precision, recall, f1 } = label.scores;
            writeln!(
                f,
                "{:width$}  {precision:9.3}  {recall:6.3}  {f1:5.3}  {:9.3}  {:5.3}  {:9.3}  {:7}",
                label.label, label.average_precision, label.calibration_error, label.threshold, label.support
            )?;
        }
        let Scores { precision, recall, f1 } = self.macro_average;
        writeln!(
            f,
            "{:width$}  {precision:9.3}  {recall:6.3}  {f1:5.3}  {:9.3}",
            "macro avg", self.mean_average_precision
        )?;
        let Scores { precision, recall, f1 } = self.micro_average;
        writeln!(f, "{:width$}  {precision:9.3}  {recall:6.3}  {f1:5.3}", "micro avg")?;
        writeln!(
            f,
            "{} sentences; all labels right in {:.1} %",
            self.sentences,
            100.0 * self.exact_match
        )
    }
}

impl Evaluation {
    /// The confusions as text: for each missed label, what was given instead; then what was missed together.
    pub fn confusion_table(&self) -> String {
        use fmt::Write;
        let names: Vec<&str> = self
            .labels
            .iter()
            .map(|l| l.label.as_str())
            .chain(["nothing"])
            .collect();
        let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
        let mut out = format!("{:width$}", "missed");
        for name in &names {
            write!(out, "  {:>width$}", format!("+{name}")).expect("writing to a string");
        }
        for (row, name) in self.confusion.confused.iter().zip(&names) {
            write!(out, "\n{name:width$}").expect("writing to a string");
            for count in row {
                write!(out, "  {count:>width$}").expect("writing to a string");
            }
        }
        let n = self.labels.len();
        for (a, b) in (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))) {
            let count = self.confusion.missed_together[a][b];
            if count > 0 {
                write!(out, "\nmissed together: {} and {}: {count}", names[a], names[b]).expect("writing to a string");
            }
        }
        out.push('\n');
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table() {
        let outcome = |truth: bool, p: f64| Outcome {
            truth: if truth {
                LabelSet::default().with(0)
            } else {
                LabelSet::default()
            },
            predicted: if p >= 0.5 {
                LabelSet::default().with(0)
            } else {
                LabelSet::default()
            },
            probabilities: vec![p],
        };
        let outcomes = [
            outcome(true, 0.9),
            outcome(true, 0.2),
            outcome(false, 0.7),
            outcome(false, 0.1),
        ];
        let evaluation = Evaluation::new(&["claim".into()], &[0.5], &outcomes);
        let label = &evaluation.labels[0];
        assert_eq!(
            (label.scores.precision, label.scores.recall, label.scores.f1),
            (0.5, 0.5, 0.5)
        );
        assert_eq!((label.support, evaluation.exact_match), (2, 0.5));
        assert!(evaluation.to_string().contains("claim"));
        let json = serde_json::to_string(&evaluation).unwrap();
        assert_eq!(serde_json::from_str::<Evaluation>(&json).unwrap(), evaluation);
    }
}
