//! Wrong decisions, the surest first.

use super::report::Outcome;

/// A label that was missed or wrongly given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WrongLabel {
    /// Position of the label.
    pub label: usize,
    /// Whether the sentence has the label (then it was missed).
    pub truth: bool,
    /// Its stated probability.
    pub probability: f64,
}

impl WrongLabel {
    /// The probability that was stated for what is not so, in [0, 1].
    pub fn surprise(&self) -> f64 {
        if self.truth {
            1.0 - self.probability
        } else {
            self.probability
        }
    }
}

/// A sentence with at least one wrong label.
#[derive(Debug, Clone, PartialEq)]
pub struct WrongSentence {
    /// Its position among the outcomes.
    pub row: usize,
    /// What is wrong, the surest first.
    pub labels: Vec<WrongLabel>,
}

/// All sentences with a wrong label, those first where the model was surest of what is not so: by descending
/// [`WrongLabel::surprise`] of their worst label, equal ones in the order of the outcomes.
pub fn worst_errors(outcomes: &[Outcome]) -> Vec<WrongSentence> {
    let mut wrong: Vec<WrongSentence> = outcomes
        .iter()
        .enumerate()
        .map(|(row, outcome)| WrongSentence {
            row,
            labels: wrong_labels(outcome),
        })
        .filter(|sentence| !sentence.labels.is_empty())
        .collect();
    wrong.sort_by(|a, b| b.labels[0].surprise().total_cmp(&a.labels[0].surprise()));
    wrong
}

fn wrong_labels(outcome: &Outcome) -> Vec<WrongLabel> {
    let mut labels: Vec<WrongLabel> = outcome
        .probabilities
        .iter()
        .enumerate()
        .filter(|&(label, _)| outcome.truth.contains(label) != outcome.predicted.contains(label))
        .map(|(label, &probability)| WrongLabel {
            label,
            truth: outcome.truth.contains(label),
            probability,
        })
        .collect();
    labels.sort_by(|a, b| b.surprise().total_cmp(&a.surprise()));
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::LabelSet;

    #[test]
    fn the_surest_error_comes_first() {
        let set = |labels: &[usize]| labels.iter().fold(LabelSet::default(), |set, &l| set.with(l));
        let outcome = |truth: &[usize], predicted: &[usize], probabilities: [f64; 2]| Outcome {
            truth: set(truth),
            predicted: set(predicted),
            probabilities: probabilities.to_vec(),
        };
        let outcomes = [
            outcome(&[0], &[0], [0.9, 0.1]),
            outcome(&[0], &[1], [0.3, 0.6]),
            outcome(&[], &[1], [0.2, 0.8]),
            outcome(&[0, 1], &[], [0.4, 0.05]),
        ];
        let worst = worst_errors(&outcomes);
        assert_eq!(worst.iter().map(|s| s.row).collect::<Vec<_>>(), [3, 2, 1]);
        let of = |i: usize| worst[i].labels.iter().map(|w| (w.label, w.truth)).collect::<Vec<_>>();
        assert_eq!(of(0), [(1, true), (0, true)]);
        assert_eq!(of(1), [(1, false)]);
        assert_eq!(of(2), [(0, true), (1, false)]);
        assert!((worst[0].labels[0].surprise() - 0.95).abs() < 1e-12);
    }
}
