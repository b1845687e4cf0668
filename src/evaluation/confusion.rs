//! Which labels are taken for each other, and which are missed together.

use serde::{Deserialize, Serialize};

use super::report::Outcome;

/// Counts of sentences by pairs of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// `confused[a][b]`: label `a` was missed and label `b` wrongly given. The last row counts sentences where no
    /// true label was missed, the last column those where nothing was given wrongly.
    pub confused: Vec<Vec<usize>>,
    /// `missed_together[a][b]`: labels `a` and `b` both hold and both were missed (on the diagonal: `a` was missed).
    pub missed_together: Vec<Vec<usize>>,
}

impl Confusion {
    /// Counts over all outcomes, for `labels` labels.
    pub fn new(outcomes: &[Outcome], labels: usize) -> Self {
        let mut confused = vec![vec![0; labels + 1]; labels + 1];
        let mut missed_together = vec![vec![0; labels]; labels];
        for outcome in outcomes {
            let all = 0..labels;
            let missed: Vec<usize> = all
                .clone()
                .filter(|&l| outcome.truth.contains(l) && !outcome.predicted.contains(l))
                .collect();
            let wrong: Vec<usize> = all
                .filter(|&l| outcome.predicted.contains(l) && !outcome.truth.contains(l))
                .collect();
            let nothing = [labels];
            let or_nothing = |some: &[usize]| {
                if some.is_empty() {
                    nothing.to_vec()
                } else {
                    some.to_vec()
                }
            };
            for a in or_nothing(&missed) {
                for b in or_nothing(&wrong) {
                    confused[a][b] += 1;
                }
            }
            for &a in &missed {
                for &b in &missed {
                    missed_together[a][b] += 1;
                }
            }
        }
        Self {
            confused,
            missed_together,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::LabelSet;

    #[test]
    fn counts_pairs() {
        let set = |labels: &[usize]| labels.iter().fold(LabelSet::default(), |set, &l| set.with(l));
        let outcomes = [
            Outcome {
                truth: set(&[0, 1]),
                predicted: set(&[2]),
                probabilities: vec![],
            },
            Outcome {
                truth: set(&[0]),
                predicted: set(&[0]),
                probabilities: vec![],
            },
            Outcome {
                truth: set(&[]),
                predicted: set(&[1]),
                probabilities: vec![],
            },
        ];
        let confusion = Confusion::new(&outcomes, 3);
        assert_eq!(confusion.confused[0][2], 1);
        assert_eq!(confusion.confused[1][2], 1);
        assert_eq!(confusion.confused[3][1], 1);
        assert_eq!(confusion.confused[3][3], 1);
        assert_eq!(confusion.missed_together[0][1], 1);
        assert_eq!(confusion.missed_together[2][2], 0);
    }
}
