//! Character n-grams by number: a token's n-grams are looked up without writing a string.
//!
//! A character below U+1000 is 12 bits, so up to five of them fit into one number, and the n-grams that end at a
//! character are suffixes of the same rolling number. Tokens with other characters, and models with longer n-grams,
//! take the way of strings; the result is the same.

use super::number_table::{NumberTable, Query};
use crate::features::{FeatureKind, NgramRange, Vocabulary};

const BITS: u32 = 12;
const LONGEST: usize = 5;
const BOUNDARY_START: u64 = '<' as u64;
const BOUNDARY_END: u64 = '>' as u64;

/// The character n-grams of a vocabulary.
#[derive(Debug)]
pub(super) struct NgramIndex {
    range: NgramRange,
    columns: NumberTable,
}

impl NgramIndex {
    /// The index of a vocabulary; `None` where n-grams do not fit into numbers.
    pub(super) fn new(vocabulary: &Vocabulary, range: Option<NgramRange>) -> Option<Self> {
        let range = range.filter(|range| range.max <= LONGEST)?;
        // An n-gram that cannot be packed cannot occur in a word that can.
        let ngrams = (0u32..)
            .zip(vocabulary.keys())
            .filter_map(|(column, key)| match FeatureKind::split(key) {
                Some((FeatureKind::CharNgram, content)) => Some((pack(content)?, column)),
                _ => None,
            });
        let ngrams: Vec<(u64, u32)> = ngrams.collect();
        Some(Self {
            range,
            columns: NumberTable::new(&ngrams),
        })
    }

    /// Appends the columns of the n-grams of a word that the vocabulary knows, once for each occurrence.
    /// `false`, with nothing appended, if the word has a character that does not fit.
    #[inline]
    pub(super) fn columns(&self, word: &str, scratch: &mut Vec<Query>, columns: &mut Vec<u32>) -> bool {
        if word.chars().any(|c| c as u32 >= 1 << BITS || c == '\0') {
            return false;
        }
        scratch.clear();
        let mut rolling = 0u64;
        let codes = std::iter::once(BOUNDARY_START)
            .chain(word.chars().map(u64::from))
            .chain([BOUNDARY_END]);
        for (seen, code) in (1usize..).zip(codes) {
            rolling = rolling << BITS | code;
            for n in self.range.min..=self.range.max.min(seen) {
                let packed = rolling & ((1 << (BITS * n as u32)) - 1);
                scratch.push(self.columns.query(packed));
            }
        }
        self.columns.touch(scratch);
        columns.extend(scratch.iter().filter_map(|&query| self.columns.column(query)));
        true
    }
}

/// An n-gram as a number; `None` if it has too many or too large characters.
fn pack(ngram: &str) -> Option<u64> {
    let mut packed = 0u64;
    for (i, c) in ngram.chars().enumerate() {
        if i == LONGEST || c as u32 >= 1 << BITS || c == '\0' {
            return None;
        }
        packed = packed << BITS | u64::from(c);
    }
    Some(packed).filter(|&packed| packed != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Analyzer, FeatureParams, Term};
    use crate::text::{Language, TokenKind};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_columns_as_by_strings(
            keys in prop::collection::btree_set("c[<اب]{0,1}[ابa\u{1F00}]{1,4}[>]{0,1}", 1..60),
            word in "[ابتaé\u{1F00}]{1,7}",
            min in 1usize..4,
            more in 0usize..4,
        ) {
            let vocabulary = Vocabulary::from_sorted(&keys).unwrap();
            let range = NgramRange { min, max: (min + more).min(5) };
            let params = FeatureParams { char_ngrams: Some(range), words: false, language: Language::None, ..FeatureParams::default() };
            let analyzer = Analyzer::new(params);
            let mut term = Term::default();
            prop_assume!(analyzer.analyze(TokenKind::Word, &word, &mut term));
            let mut expected = Vec::new();
            analyzer.term_features(&mut term, |key| expected.extend(vocabulary.column(key)));
            let index = NgramIndex::new(&vocabulary, Some(range)).unwrap();
            let mut columns = Vec::new();
            if index.columns(&term.normal, &mut Vec::new(), &mut columns) {
                columns.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(columns, expected);
            } else {
                prop_assert!(columns.is_empty() && word.contains('\u{1F00}'), "only for large characters");
            }
        }
    }
}
