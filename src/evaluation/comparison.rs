//! Two models on the same sentences: the table by label, and whether the new one is not worse.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bootstrap::{BootstrapParams, Difference, METRICS, Scored, differences, drawn_units};
use super::report::Outcome;
use crate::error::Error;

/// One label, or the mean of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricDifferences {
    /// Precision at the threshold.
    pub precision: Difference,
    /// Recall at the threshold.
    pub recall: Difference,
    /// F1 at the threshold.
    pub f1: Difference,
    /// Average precision over all thresholds.
    pub average_precision: Difference,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelComparison {
    /// Name of the label.
    pub label: String,
    /// How many sentences have it.
    pub support: usize,
    /// Its metrics.
    #[serde(flatten)]
    pub metrics: MetricDifferences,
    /// Sentences for which the old model was right about the label and the new one is wrong.
    pub lost: usize,
    /// Sentences for which the old model was wrong about the label and the new one is right.
    pub gained: usize,
}

/// A comparison of two models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How many sentences were compared.
    pub sentences: usize,
    /// How many groups (topics, else sources) were drawn as wholes; `None`: sentences were drawn one by one.
    pub groups: Option<usize>,
    /// How the intervals were made.
    pub bootstrap: BootstrapParams,
    /// One row for each label.
    pub labels: Vec<LabelComparison>,
    /// Unweighted means over the labels; the F1 is the mean of the labels' F1.
    pub macro_average: MetricDifferences,
    /// How many sentences got other labels from the new model.
    pub changed: usize,
}

impl MetricDifferences {
    fn new([precision, recall, f1, average_precision]: [Difference; METRICS]) -> Self {
        Self {
            precision,
            recall,
            f1,
            average_precision,
        }
    }

    fn named(&self) -> [(&'static str, Difference); METRICS] {
        [
            ("precision", self.precision),
            ("recall", self.recall),
            ("F1", self.f1),
            ("avg.prec.", self.average_precision),
        ]
    }
}

impl Comparison {
    /// Compares what two models say of the same sentences: `old[i]` and `new[i]` are of sentence i, whose group is `groups[i]`.
    /// Groups are drawn as wholes where there are at least [`super::FEWEST_GROUPS`], else sentences.
    ///
    /// # Errors
    /// If there is no sentence or no label, the sizes differ, or a setting is out of range.
    pub fn new(
        names: &[String],
        old: &[Outcome],
        new: &[Outcome],
        groups: &[&str],
        bootstrap: BootstrapParams,
    ) -> Result<Self, Error> {
        let bootstrap = bootstrap.check()?;
        if old.is_empty() || names.is_empty() || (old.len(), old.len()) != (new.len(), groups.len()) {
            let sizes = (names.len(), old.len(), new.len(), groups.len());
            return Err(Error::InvalidSetting(format!(
                "nothing to compare, or of unequal sizes: {sizes:?}"
            )));
        }
        let scored = |outcomes: &[Outcome]| {
            (0..names.len())
                .map(|label| scored(outcomes, label))
                .collect::<Vec<_>>()
        };
        let (of_old, of_new) = (scored(old), scored(new));
        let (units, groups) = drawn_units(groups);
        let mut metrics = differences(&of_old, &of_new, &units, bootstrap)
            .into_iter()
            .map(MetricDifferences::new);
        let labels = names.iter().zip(of_old.iter().zip(&of_new)).zip(metrics.by_ref());
        let labels: Vec<LabelComparison> = labels
            .map(|((label, (old, new)), metrics)| {
                let right = old.truths.iter().zip(&old.predicted).zip(&new.predicted);
                let right: Vec<(bool, bool)> = right.map(|((truth, old), new)| (truth == old, truth == new)).collect();
                LabelComparison {
                    label: label.clone(),
                    support: old.truths.iter().filter(|&&truth| truth).count(),
                    metrics,
                    lost: right.iter().filter(|&&right| right == (true, false)).count(),
                    gained: right.iter().filter(|&&right| right == (false, true)).count(),
                }
            })
            .collect();
        Ok(Self {
            sentences: old.len(),
            groups,
            bootstrap,
            labels,
            macro_average: metrics.next().expect("the mean follows the labels"),
            changed: old
                .iter()
                .zip(new)
                .filter(|(old, new)| old.predicted != new.predicted)
                .count(),
        })
    }

    /// Why the new model may be worse; nothing if it is not. It is not worse if
    ///
    /// 1. the lower end of the interval of the difference in macro-F1 is not below -`margin`: a loss of more than the margin is ruled out;
    /// 2. of no label the whole interval of the difference in F1 lies below 0: no label has certainly lost.
    pub fn reasons_against(&self, margin: f64) -> Vec<String> {
        let mut reasons = Vec::new();
        let f1 = self.macro_average.f1;
        if f1.low < -margin {
            let interval = interval(f1);
            let by = f1.difference;
            reasons.push(format!(
                "macro-F1 differs by {by:+.4}, interval {interval}: a loss of more than {margin} is not ruled out"
            ));
        }
        for label in self.labels.iter().filter(|label| label.metrics.f1.high < 0.0) {
            let f1 = label.metrics.f1;
            reasons.push(format!(
                "F1 of {} has fallen by {:.4}, interval {}",
                label.label,
                -f1.difference,
                interval(f1)
            ));
        }
        reasons
    }
}

fn scored(outcomes: &[Outcome], label: usize) -> Scored {
    Scored {
        truths: outcomes.iter().map(|o| o.truth.contains(label)).collect(),
        predicted: outcomes.iter().map(|o| o.predicted.contains(label)).collect(),
        scores: outcomes.iter().map(|o| o.probabilities[label]).collect(),
    }
}

fn interval(difference: Difference) -> String {
    format!("[{:+.4}, {:+.4}]", difference.low, difference.high)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.labels.iter().map(|l| l.label.chars().count());
        let width = names.max().unwrap_or(0).max(9);
        let percent = format!("{} % interval", 100.0 * self.bootstrap.confidence);
        writeln!(
            f,
            "{:width$}  metric       old    new     diff  {percent:18}  lost  gained  support",
            "label"
        )?;
        let rows = self
            .labels
            .iter()
            .map(|label| (label.label.as_str(), &label.metrics, Some(label)));
        for (name, metrics, label) in rows.chain([("macro avg", &self.macro_average, None)]) {
            for (i, (metric, difference)) in metrics.named().into_iter().enumerate() {
                let Difference {
                    old,
                    new,
                    difference: by,
                    ..
                } = difference;
                let name = if i == 0 { name } else { "" };
                write!(
                    f,
                    "{name:width$}  {metric:9}  {old:5.3}  {new:5.3}  {by:+7.4}  {:18}",
                    interval(difference)
                )?;
                match label.filter(|_| i == 0) {
                    Some(label) => writeln!(f, "  {:4}  {:6}  {:7}", label.lost, label.gained, label.support)?,
                    None => writeln!(f)?,
                }
            }
        }
        let drawn = self
            .groups
            .map_or_else(|| "sentences".into(), |groups| format!("{groups} groups"));
        let (changed, sentences, samples) = (self.changed, self.sentences, self.bootstrap.samples);
        writeln!(
            f,
            "{sentences} sentences, {changed} got other labels; intervals from {samples} resamples of {drawn}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::LabelSet;

    fn outcomes(truths: &[bool], predicted: &[bool]) -> Vec<Outcome> {
        let set = |has: bool| {
            if has {
                LabelSet::default().with(0)
            } else {
                LabelSet::default()
            }
        };
        let rows = truths.iter().zip(predicted);
        rows.map(|(&truth, &predicted)| Outcome {
            truth: set(truth),
            predicted: set(predicted),
            probabilities: vec![if predicted { 0.9 } else { 0.1 }],
        })
        .collect()
    }

    fn compare(old: &[bool], new: &[bool], truths: &[bool]) -> Comparison {
        let groups: Vec<String> = (0..truths.len()).map(|i| i.to_string()).collect();
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let names = ["claim".to_owned()];
        Comparison::new(
            &names,
            &outcomes(truths, old),
            &outcomes(truths, new),
            &groups,
            BootstrapParams::default(),
        )
        .unwrap()
    }

    #[test]
    fn not_worse_means_that_a_loss_is_ruled_out() {
        let truths: Vec<bool> = (0..200).map(|i| i % 2 == 0).collect();
        let with_errors =
            |every: usize| -> Vec<bool> { truths.iter().enumerate().map(|(i, &t)| t ^ (i % every == 0)).collect() };
        let (good, bad) = (with_errors(20), with_errors(4));
        let same = compare(&good, &good, &truths);
        assert_eq!(
            (same.changed, same.macro_average.f1.low, same.macro_average.f1.high),
            (0, 0.0, 0.0)
        );
        assert!(
            same.reasons_against(0.0).is_empty(),
            "the same predictions are not worse, even without a margin"
        );
        let better = compare(&bad, &good, &truths);
        assert!(better.reasons_against(0.0).is_empty() && better.labels[0].gained == 40 && better.labels[0].lost == 0);
        let worse = compare(&good, &bad, &truths);
        assert_eq!(worse.reasons_against(0.01).len(), 2, "{worse}");
        assert_eq!(worse.labels[0].lost, 40);
        assert!(worse.to_string().contains("40 got other labels"), "{worse}");
        // As many errors, but others: the difference is near 0 and uncertain.
        let other: Vec<bool> = truths.iter().enumerate().map(|(i, &t)| t ^ (i % 20 == 10)).collect();
        let uncertain = compare(&good, &other, &truths);
        assert_eq!(uncertain.reasons_against(0.01).len(), 1);
        assert!(uncertain.reasons_against(0.2).is_empty());
    }

    #[test]
    fn bad_settings_and_sizes_are_refused() {
        let outcomes = outcomes(&[true, false], &[true, false]);
        let names = ["claim".to_owned()];
        let compare = |new: &[Outcome], bootstrap| Comparison::new(&names, &outcomes, new, &["a", "b"], bootstrap);
        assert!(compare(&outcomes[..1], BootstrapParams::default()).is_err());
        for (samples, confidence) in [(0, 0.9), (10, 0.0), (10, 1.0), (10, f64::NAN)] {
            let bootstrap = BootstrapParams {
                samples,
                seed: 1,
                confidence,
            };
            assert!(compare(&outcomes, bootstrap).is_err(), "{bootstrap:?}");
        }
    }
}
