//! Which labels stand together on a sentence.

use serde::{Deserialize, Serialize};

use crate::label::LabelSet;

/// Counts of sentences by pairs of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cooccurrence {
    /// `together[a][b]`: sentences with both labels; on the diagonal, sentences with the label. Symmetric.
    pub together: Vec<Vec<usize>>,
    /// Sentences without any label.
    pub none: usize,
}

impl Cooccurrence {
    /// Counts over sets of labels, one for each sentence, of a schema of `labels` labels.
    pub fn new(sets: impl IntoIterator<Item = LabelSet>, labels: usize) -> Self {
        let mut together = vec![vec![0; labels]; labels];
        let mut none = 0;
        for set in sets {
            none += usize::from(set.is_empty());
            for a in (0..labels).filter(|&a| set.contains(a)) {
                for b in (0..labels).filter(|&b| set.contains(b)) {
                    together[a][b] += 1;
                }
            }
        }
        Self { together, none }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_pairs_labels_and_none() {
        let set = |labels: &[usize]| labels.iter().fold(LabelSet::default(), |set, &l| set.with(l));
        let counts = Cooccurrence::new([set(&[0, 2]), set(&[0]), set(&[]), set(&[0, 1, 2])], 3);
        assert_eq!(counts.together, [[3, 1, 2], [1, 1, 1], [2, 1, 2]]);
        assert_eq!(counts.none, 1);
    }
}
