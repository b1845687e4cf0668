//! Labels that are probably wrong, by what a classifier that has not seen the sentence thinks of them.
//!
//! Confident learning (C. Northcutt, L. Jiang and I. Chuang, "Confident learning: estimating uncertainty in dataset labels",
//! JAIR 70, 2021), for each label by itself, one-vs-rest. A sentence is counted as an error of a label where its out-of-fold
//! probability of the other decision reaches the mean such probability of the sentences that have that decision.

use crate::evaluation::Outcome;
use crate::label::LabelSet;

/// What is usual for one label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// Mean out-of-fold probability of the label where it is given; NaN where it never is.
    pub given: f64,
    /// Mean out-of-fold probability of the label where it is not given; NaN where it always is.
    pub not_given: f64,
}

/// One doubtful label of a sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Doubt {
    /// Its position in the schema.
    pub label: usize,
    /// Whether it is given.
    pub given: bool,
    /// Its out-of-fold probability.
    pub probability: f64,
    /// Whether confident learning counts it as an error.
    pub confident: bool,
}

impl Doubt {
    /// The out-of-fold probability that the decision is wrong, in [0, 1].
    pub fn suspicion(&self) -> f64 {
        if self.given {
            1.0 - self.probability
        } else {
            self.probability
        }
    }
}

/// What is usual for each of `labels` labels.
pub(super) fn usual(outcomes: &[Outcome], labels: usize) -> Vec<Usual> {
    let mean = |label: usize, given: bool| {
        let rows = outcomes.iter().filter(|o| o.truth.contains(label) == given);
        let (sum, count) = rows.fold((0.0, 0usize), |(sum, count), o| {
            (sum + o.probabilities[label], count + 1)
        });
        sum / count as f64
    };
    (0..labels)
        .map(|label| Usual {
            given: mean(label, true),
            not_given: mean(label, false),
        })
        .collect()
}

/// The doubtful labels of a sentence, most doubtful first: those that were decided otherwise while it was held out, and
/// those that confident learning counts.
pub(super) fn doubts(outcome: &Outcome, usual: &[Usual]) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = (0..usual.len())
        .filter_map(|label| {
            let given = outcome.truth.contains(label);
            let probability = outcome.probabilities[label];
            let confident = if given {
                probability <= usual[label].not_given
            } else {
                probability >= usual[label].given
            };
            let doubtful = confident || outcome.predicted.contains(label) != given;
            doubtful.then_some(Doubt {
                label,
                given,
                probability,
                confident,
            })
        })
        .collect();
    doubts.sort_by(|a, b| b.suspicion().total_cmp(&a.suspicion()));
    doubts
}

/// The labels with the confident doubts acted on.
pub(super) fn suggested(labels: LabelSet, doubts: &[Doubt], count: usize) -> LabelSet {
    let wrong = |label: usize| doubts.iter().any(|d| d.confident && d.label == label);
    (0..count)
        .filter(|&label| labels.contains(label) != wrong(label))
        .fold(LabelSet::default(), LabelSet::with)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(truth: bool, probability: f64) -> Outcome {
        let set = |given: bool| {
            if given {
                LabelSet::default().with(0)
            } else {
                LabelSet::default()
            }
        };
        Outcome {
            truth: set(truth),
            predicted: set(probability >= 0.5),
            probabilities: vec![probability],
        }
    }

    #[test]
    fn confident_disagreement_is_told_from_the_rest() {
        let outcomes = [
            outcome(true, 0.9),
            outcome(true, 0.8),
            outcome(true, 0.01),
            outcome(false, 0.1),
            outcome(false, 0.05),
            outcome(false, 0.55),
            outcome(false, 0.97),
        ];
        let usual = usual(&outcomes, 1);
        assert!((usual[0].given - 0.57).abs() < 1e-9 && (usual[0].not_given - 0.4175).abs() < 1e-9);
        let found: Vec<Vec<Doubt>> = outcomes.iter().map(|o| doubts(o, &usual)).collect();
        let confident: Vec<Option<bool>> = found.iter().map(|d| d.first().map(|d| d.confident)).collect();
        assert_eq!(confident, [None, None, Some(true), None, None, Some(false), Some(true)]);
        assert!((found[2][0].suspicion() - 0.99).abs() < 1e-9);
        assert!(suggested(outcomes[2].truth, &found[2], 1).is_empty());
        assert!(suggested(outcomes[5].truth, &found[5], 1).is_empty());
        assert!(suggested(outcomes[6].truth, &found[6], 1).contains(0));
    }
}
