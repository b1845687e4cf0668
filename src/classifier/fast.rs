//! The vocabulary of an additive model arranged for speed: weights by numbers instead of columns by strings.

use super::alphabet::Alphabet;
use super::ngrams::{NgramIndex, NgramLookUps};
use super::pairs::{NO_STEM, PairIndex};
use super::{ClassifierParts, INLINE_LABELS, Sums, add_row};
use crate::features::{Analyzer, SENTENCE_END, SENTENCE_START, Term};
use crate::text::{StemMemo, TokenKind};

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
        let row = &parts.weights.rows();
        let vocabulary = &parts.vocabulary;
        let ngrams = match parts.features.char_ngrams {
            None => Ngrams::None,
            Some(range) => {
                NgramIndex::new(vocabulary, &mut alphabet, range, row).map_or(Ngrams::ByString, Ngrams::ByNumber)
            }
        };
        let pairs = PairIndex::new(vocabulary, &mut alphabet, &parts.features, row);
        Self {
            start: pairs.stem(pairs.ask_stem(&alphabet, SENTENCE_START)).0,
            end: pairs.stem(pairs.ask_stem(&alphabet, SENTENCE_END)).0,
            alphabet,
            ngrams,
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
        let TokenScratch { term, ngrams: look_ups } = scratch;
        if !analyzer.normalize(kind, raw, term) {
            return Contribution {
                stem: NO_STEM,
                ..Contribution::default()
            };
        }
        // Memory answers the look-ups while the word is stemmed.
        let by_number = match &self.ngrams {
            Ngrams::ByNumber(ngrams) if term.is_word => ngrams.ask(&self.alphabet, &term.normal, look_ups),
            Ngrams::ByString => !term.is_word,
            _ => true,
        };
        analyzer.stem_with(&self.stems, term);
        let asked = self.pairs.ask_stem(&self.alphabet, &term.stem);
        let mut sums = Sums::default();
        if let Ngrams::ByNumber(ngrams) = &self.ngrams {
            ngrams.answer(look_ups, &mut sums);
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

#[cfg(test)]
mod tests {
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
        assert!(classifier.fast.as_ref().unwrap().alphabet.is_full());
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
