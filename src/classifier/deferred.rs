//! The index of a model, made when it pays: a few sentences are labelled before it would be ready.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::ClassifierParts;
use super::fast::FastIndex;

/// What may be spent on sentences without an index. Then it is made: it costs about as much, so that never more than twice
/// of what was needed is spent, however much text comes. The unit is what a byte of text costs.
const SHORT: usize = 1 << 14;
/// What a pass over the vocabulary of the shipped model costs, which each sentence without an index needs; about the length of a
/// sentence, too.
const PASS: usize = 1 << 8;

/// An index that is made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    index: OnceLock<FastIndex>,
    /// What the sentences so far have cost.
    spent: AtomicUsize,
}

impl Deferred {
    /// The index, if it is there.
    #[inline]
    pub(super) fn get(&self) -> Option<&FastIndex> {
        self.index.get()
    }

    /// The index, which is made now if it is not there.
    pub(super) fn make(&self, parts: &ClassifierParts) -> &FastIndex {
        self.index.get_or_init(|| FastIndex::new(parts))
    }

    /// Makes the index if sentences of so many bytes in all are worth it.
    pub(super) fn make_if_worth(&self, parts: &ClassifierParts, bytes: usize) {
        let sentences = bytes / PASS;
        if bytes.saturating_add(sentences * PASS) >= SHORT {
            self.make(parts);
        }
    }

    /// The index for a sentence of so many bytes, or `None` if that had better be labelled without.
    #[cold]
    pub(super) fn make_for(&self, parts: &ClassifierParts, bytes: usize) -> Option<&FastIndex> {
        let cost = bytes.saturating_add(PASS);
        // Which thread sees which sum does not matter: the results are the same either way.
        let spent = self.spent.fetch_add(cost.min(SHORT), Relaxed);
        (spent.saturating_add(cost) >= SHORT).then(|| self.make(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Classifier;

    const SENTENCE: &str = "ونفى المتحدث باسم الوزارة صحة هذه الأنباء.";

    fn has_index(classifier: &Classifier) -> bool {
        classifier.fast.as_ref().unwrap().get().is_some()
    }

    #[test]
    fn a_few_sentences_need_no_index_and_many_get_one() {
        let classifier = Classifier::shipped();
        let expected = classifier.predict(SENTENCE);
        let mut labeller = classifier.labeller();
        for number in 1..=SHORT / PASS {
            let (labels, probabilities) = labeller.label(SENTENCE);
            assert_eq!((labels, probabilities), (expected.labels, &expected.probabilities[..]));
            // A sentence counts more than a pass alone, so the last ones are labelled by the index.
            let spent = number * (SENTENCE.len() + PASS);
            assert_eq!(has_index(&classifier), spent >= SHORT, "{number}");
        }
        assert!(has_index(&classifier));
    }

    #[test]
    fn a_long_sentence_or_much_text_to_come_gets_one_at_once() {
        let classifier = Classifier::shipped();
        assert!(!has_index(&classifier));
        classifier.labeller().label(&"ونفى ".repeat(SHORT / 9));
        assert!(has_index(&classifier));
        let classifier = Classifier::shipped();
        let mut labeller = classifier.labeller();
        labeller.expect(SHORT / 2 - 1);
        assert!(!has_index(&classifier));
        labeller.expect(SHORT / 2);
        assert!(has_index(&classifier));
    }
}
