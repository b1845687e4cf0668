//! The vocabulary of an additive model arranged for speed: weights by numbers instead of columns by strings.

use super::alphabet::Alphabet;
use super::ngrams::{NgramIndex, NgramLookUps};
use super::pairs::{NO_STEM, PairIndex};
use super::{ClassifierParts, INLINE_LABELS, Sums, add_row};
use crate::features::{Analyzer, SENTENCE_END, SENTENCE_START, Term};
use crate::text::TokenKind;

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
    ngrams: NgramLookUps,
}

/// How character n-grams are looked up.
#[derive(Debug)]
enum Ngrams {
    /// The model has none.
    None,
    /// By number.
    ByNumber(NgramIndex),
    /// They do not fit into numbers.
    ByString,
}

/// Indices of the features of an additive model.
#[derive(Debug)]
pub(super) struct FastIndex {
    alphabet: Alphabet,
    ngrams: Ngrams,
    /// Stems and bigrams.
    pub pairs: PairIndex,
    /// The number of the stem before the first token.
    pub start: u32,
    /// The number of the stem after the last token.
    pub end: u32,
}

impl FastIndex {
    /// The index of a model; `None` if it is not additive, or has more labels than a row holds.
    pub(super) fn new(parts: &ClassifierParts) -> Option<Self> {
        if !parts.features.is_additive() || parts.schema.len() > INLINE_LABELS {
            return None;
        }
        let index = Self::with_alphabet(parts, Alphabet::default());
        if !index.alphabet.is_full() {
            return Some(index);
        }
        drop(index);
        Some(Self::with_alphabet(parts, Alphabet::by_frequency(&parts.vocabulary)))
    }

    /// The index with the numbers of an alphabet, which takes in the characters that are new to it.
    fn with_alphabet(parts: &ClassifierParts, mut alphabet: Alphabet) -> Self {
        let row = |column| parts.weights.padded(column);
        let vocabulary = &parts.vocabulary;
        let ngrams = match parts.features.char_ngrams {
            None => Ngrams::None,
            Some(range) => {
                NgramIndex::new(vocabulary, &mut alphabet, range, row).map_or(Ngrams::ByString, Ngrams::ByNumber)
            }
        };
        let pairs = PairIndex::new(vocabulary, &mut alphabet, &parts.features, row);
        Self {
            start: pairs.stem(&alphabet, SENTENCE_START),
            end: pairs.stem(&alphabet, SENTENCE_END),
            alphabet,
            ngrams,
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
        let term = &mut scratch.term;
        if !analyzer.analyze(kind, raw, term) {
            return Contribution {
                stem: NO_STEM,
                ..Contribution::default()
            };
        }
        let stem = self.pairs.stem(&self.alphabet, &term.stem);
        let mut sums = Sums::default();
        let by_number = match &self.ngrams {
            Ngrams::ByNumber(ngrams) if term.is_word => {
                ngrams.add(&self.alphabet, &term.normal, &mut scratch.ngrams, &mut sums)
            }
            Ngrams::ByString => !term.is_word,
            _ => true,
        };
        if by_number {
            self.pairs
                .stem_weights(stem)
                .into_iter()
                .for_each(|weights| add_row(&mut sums, weights));
        } else {
            analyzer.term_features(term, |key| {
                let column = parts.vocabulary.column(key);
                column
                    .into_iter()
                    .for_each(|column| add_row(&mut sums, &parts.weights.padded(column)));
            });
        }
        Contribution { sums, stem, terms: 1 }
    }
}
