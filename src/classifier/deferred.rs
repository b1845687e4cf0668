//! The index of a model, made when it pays: a few sentences are labelled before it would be ready.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::ClassifierParts;
use super::fast::FastIndex;

/// To label a byte of text without an index costs about as much as to put so many features into one.
const FEATURES_A_BYTE: usize = 8;
/// A pass over the vocabulary, which each sentence without an index needs, costs this part of what the index costs.
const PASSES: usize = 64;
/// The most that is spent without an index: the keys of a text take much more room than it does itself.
const LARGEST_PRICE: usize = 1 << 16;
/// About how long a sentence is, in bytes.
const SENTENCE: usize = 1 << 8;

/// An index that is made when sentences without it have cost as much as it will. So never more than about twice of what was
/// needed is spent, however much text comes. The unit of cost is a byte of text without an index.
#[derive(Debug)]
pub(super) struct Deferred {
    index: OnceLock<FastIndex>,
    /// What the index costs.
    price: usize,
    /// What the sentences so far have cost.
    spent: AtomicUsize,
}

impl Deferred {
    /// Of a model with so many features.
    pub(super) fn new(features: usize) -> Self {
        Self {
            index: OnceLock::new(),
            price: (features / FEATURES_A_BYTE).min(LARGEST_PRICE),
            spent: AtomicUsize::new(0),
        }
    }

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
        if bytes.saturating_add(bytes / SENTENCE * self.pass()) >= self.price {
            self.make(parts);
        }
    }

    /// The index for a sentence of so many bytes, or `None` if that had better be labelled without.
    #[cold]
    pub(super) fn make_for(&self, parts: &ClassifierParts, bytes: usize) -> Option<&FastIndex> {
        let cost = bytes.saturating_add(self.pass());
        // Which thread sees which sum does not matter: the results are the same either way.
        let spent = self.spent.fetch_add(cost.min(self.price), Relaxed);
        (spent.saturating_add(cost) >= self.price).then(|| self.make(parts))
    }

    fn pass(&self) -> usize {
        self.price / PASSES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Classifier;
    use std::thread;

    const TEXT: &str = "ونفى المتحدث باسم الوزارة صحة هذه الأنباء.";

    fn has_index(classifier: &Classifier) -> bool {
        classifier.fast.as_ref().unwrap().get().is_some()
    }

    #[test]
    fn a_few_sentences_need_no_index_and_many_get_one() {
        let classifier = Classifier::shipped();
        let expected = classifier.predict(TEXT);
        let mut labeller = classifier.labeller();
        let deferred = classifier.fast.as_ref().unwrap();
        for number in 1..=PASSES {
            let (labels, probabilities) = labeller.label(TEXT);
            assert_eq!((labels, probabilities), (expected.labels, &expected.probabilities[..]));
            // A sentence costs more than a pass alone, so the last ones are labelled by the index.
            let spent = number * (TEXT.len() + deferred.pass());
            assert_eq!(has_index(&classifier), spent >= deferred.price, "{number}");
        }
        assert!(has_index(&classifier));
    }

    #[test]
    fn a_long_sentence_or_much_text_to_come_gets_one_at_once() {
        let classifier = Classifier::shipped();
        assert!(!has_index(&classifier));
        classifier.labeller().label(&"ونفى ".repeat(4000));
        assert!(has_index(&classifier));
        let classifier = Classifier::shipped();
        let labeller = classifier.labeller();
        labeller.announce(4000);
        assert!(!has_index(&classifier));
        labeller.announce(10_000);
        assert!(has_index(&classifier));
    }

    #[test]
    fn threads_may_find_the_index_made_meanwhile() {
        let expected = Classifier::shipped().decision_function(TEXT);
        let classifier = Classifier::shipped();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut labeller = classifier.labeller();
                    (0..PASSES).for_each(|_| assert_eq!(labeller.decision_function(TEXT), expected));
                });
            }
        });
        assert!(has_index(&classifier));
    }
}
