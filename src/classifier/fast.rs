//! The vocabulary of an additive model arranged for speed: weights by numbers instead of columns by strings.

use std::panic::resume_unwind;
use std::thread;

use super::alphabet::Alphabet;
use super::ngrams::{NgramTrie, Ways};
use super::pairs::{NO_STEM, PairIndex};
use super::pool::thread_count;
use super::{ClassifierParts, INLINE_LABELS, Sums, add_row};
use crate::features::{Analyzer, SENTENCE_END, SENTENCE_START, Term};
use crate::text::{StemMemo, TokenKind};

/// For how many features a second thread is worth its start.
const WORTH_A_THREAD: usize = 1 << 14;

/// What a token adds to a sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Contribution {
    /// The summed weights of the features that it has by itself.
    pub sums: Sums,
    /// The number of its stem.
    pub stem: u32,
    /// 1 if it yields a term, else 0.
    pub terms: u32,
}

/// Room that is reused from token to token.
#[derive(Debug, Default)]
pub(super) struct TokenScratch {
    term: Term,
    ways: Ways,
}

/// Indices of the features of an additive model.
#[derive(Debug)]
pub(super) struct FastIndex {
    /// `None` where the model has no character n-grams.
    ngrams: Option<(Alphabet, NgramTrie)>,
    stem_alphabet: Alphabet,
    /// What the stemmer did to other words.
    stems: StemMemo,
    /// Stems and bigrams.
    pub pairs: PairIndex,
    /// The number of the stem before the first token.
    pub start: u32,
    /// The number of the stem after the last token.
    pub end: u32,
}

impl FastIndex {
    /// Whether a model can have an index: if it is additive, and a row holds its labels.
    pub(super) fn suits(parts: &ClassifierParts) -> bool {
        parts.features.is_additive() && parts.schema.len() <= INLINE_LABELS
    }

    /// The index of a model that it suits.
    pub(super) fn new(parts: &ClassifierParts) -> Self {
        let row = &parts.weights.rows();
        let vocabulary = &parts.vocabulary;
        let ngrams = || {
            let range = parts.features.char_ngrams?;
            Some(Alphabet::numbering(vocabulary, |alphabet| {
                NgramTrie::new(vocabulary, alphabet, range, row)
            }))
        };
        let pairs = || {
            Alphabet::numbering(vocabulary, |alphabet| {
                PairIndex::new(vocabulary, alphabet, &parts.features, row)
            })
        };
        let is_worth_it = vocabulary.len() >= WORTH_A_THREAD && thread_count(0) > 1;
        let (ngrams, (stem_alphabet, pairs)) = if is_worth_it {
            side_by_side(ngrams, pairs)
        } else {
            (ngrams(), pairs())
        };
        Self {
            start: pairs.stem(pairs.ask_stem(&stem_alphabet, SENTENCE_START)).0,
            end: pairs.stem(pairs.ask_stem(&stem_alphabet, SENTENCE_END)).0,
            ngrams,
            stem_alphabet,
            stems: StemMemo::default(),
            pairs,
        }
    }

    /// What a token contributes by itself; `raw` is its text.
    pub(super) fn contribution(
        &self,
        parts: &ClassifierParts,
        analyzer: &Analyzer,
        kind: TokenKind,
        raw: &str,
        scratch: &mut TokenScratch,
    ) -> Contribution {
        let TokenScratch { term, ways } = scratch;
        if !analyzer.normalize(kind, raw, term) {
            return Contribution {
                stem: NO_STEM,
                ..Contribution::default()
            };
        }
        let mut sums = Sums::default();
        // Memory answers while the word is stemmed.
        let ngrams = self.ngrams.as_ref().filter(|_| term.is_word);
        let by_number = ngrams.is_none_or(|(alphabet, ngrams)| ngrams.begin(alphabet, &term.normal, ways));
        analyzer.stem_with(&self.stems, term);
        let asked = self.pairs.ask_stem(&self.stem_alphabet, &term.stem);
        if let Some((_, ngrams)) = ngrams.filter(|_| by_number) {
            ngrams.finish(ways, &mut sums);
        }
        let (stem, weights) = self.pairs.stem(asked);
        if by_number {
            add_row(&mut sums, &weights);
        } else {
            let row = parts.weights.rows();
            analyzer.term_features(term, |key| {
                let column = parts.vocabulary.column(key);
                column.into_iter().for_each(|column| add_row(&mut sums, &row(column)));
            });
        }
        Contribution { sums, stem, terms: 1 }
    }
}

/// Does two things at the same time, by a thread that ends with it: one of a pool would not live on in a process that forks.
fn side_by_side<A: Send, B>(a: impl Fn() -> A + Sync, b: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, &a);
        let b = b();
        let a = match other {
            Ok(other) => other.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // The system gives no more threads.
            Err(_) => a(),
        };
        (a, b)
    })
}

#[cfg(test)]
mod tests {
    use crate::classifier::deferred::Deferred;
    use crate::classifier::{Classifier, ClassifierParts};
    use crate::features::Vocabulary;
    use crate::linear::QuantizedWeights;

    #[test]
    fn equal_with_more_characters_than_numbers() {
        let parts = Classifier::shipped().parts().clone();
        // "ا" is the commonest and comes late: by frequency it has a number, as it comes it would have none.
        let latin = ('a'..='z')
            .chain('\u{E0}'..='\u{F6}')
            .chain('\u{103}'..='\u{128}')
            .filter(|c| c.is_lowercase());
        let mut keys: Vec<String> = latin
            .flat_map(|c| [format!("c{c}"), format!("w{c}{c}"), format!("b{c}{c} با")])
            .collect();
        keys.extend(["c<ا", "cاا", "cب", "wبا", "bبا با", "bبا aa"].map(str::to_owned));
        keys.sort();
        let (labels, columns) = (parts.schema.len(), keys.len());
        let codes = (0..labels * columns).map(|i| (i * 37 % 1001) as i16 - 500);
        let classifier = Classifier::from_parts(ClassifierParts {
            vocabulary: Vocabulary::from_sorted(&keys).unwrap(),
            weights: QuantizedWeights::from_parts(codes, vec![0.5; labels]).unwrap(),
            ..parts
        })
        .unwrap();
        classifier.prepare();
        let index = classifier.fast.as_ref().and_then(Deferred::get);
        assert!(index.unwrap().stem_alphabet.is_full());
        let mut labeller = classifier.labeller();
        for text in ["با با aa", "ààà با zz اا", "ģģ öö با", "\u{1F00}با با", "ا"] {
            assert_eq!(
                labeller.decision_function(text),
                classifier.decision_function(text),
                "{text}"
            );
        }
    }
}
