//! Character n-grams by number: a token's n-grams are looked up without writing a string.
//!
//! A character has six bits, so up to five of them fit into 32, and the n-grams that end at a character are suffixes
//! of the same rolling number. Tokens with a character that has no number, and models with longer n-grams, take the
//! way of strings; the result is the same.

use super::alphabet::{Alphabet, BITS, Code};
use super::number_table::{LookUps, NumberTable};
use super::packer::Packer;
use super::{Sums, WeightRow};
use crate::features::{FeatureKind, NgramRange, Vocabulary};

/// The longest n-gram, in characters.
const LONGEST: usize = 5;

/// N-grams up to this length are few and occur everywhere; in a table of their own they stay near the processor.
const SHORT: usize = 3;

/// The weights of the character n-grams of a vocabulary.
#[derive(Debug)]
pub(super) struct NgramIndex {
    range: NgramRange,
    short: NumberTable<u32>,
    long: NumberTable<u32>,
}

/// Look-ups in both tables.
#[derive(Debug, Default)]
pub(super) struct NgramLookUps {
    /// For each character of a word the number of the five characters that end with it.
    ends: Vec<u32>,
    short: LookUps<u32>,
    long: LookUps<u32>,
}

impl NgramIndex {
    /// The index of a vocabulary; `None` where n-grams do not fit into numbers. `row` gives the weights of a column.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        alphabet: &mut Alphabet,
        range: NgramRange,
        row: impl Fn(u32) -> WeightRow,
    ) -> Option<Self> {
        if range.max > LONGEST {
            return None;
        }
        let keys = vocabulary.with_prefix(FeatureKind::CharNgram.prefix());
        let mut packer = Packer::<false>::new(alphabet);
        let mut long = NumberTable::with_capacity(keys.len());
        // Kept aside until it is known how many they are.
        let mut shorts = Vec::new();
        for step in keys {
            // An n-gram that cannot be packed cannot occur in a word that can.
            let Some(ngram) = packer.number(&step) else {
                continue;
            };
            if ngram >> (BITS * SHORT as u32) == 0 {
                shorts.push((ngram as u32, step.column));
            } else if ngram >> (BITS * LONGEST as u32) == 0 {
                long.insert(ngram as u32, row(step.column));
            }
        }
        let mut short = NumberTable::with_capacity(shorts.len());
        for (ngram, column) in shorts {
            short.insert(ngram, row(column));
        }
        Some(Self { range, short, long })
    }

    /// Asks for the n-grams of a word. `false`, with nothing asked for, if the word has a character without number.
    #[inline]
    pub(super) fn ask(&self, alphabet: &Alphabet, word: &str, look_ups: &mut NgramLookUps) -> bool {
        look_ups.ends.clear();
        let mut rolling = 0u32;
        let mut run_start = 0;
        for c in std::iter::once('<').chain(word.chars()).chain(['>']) {
            match alphabet.code(c) {
                Code::Number(number) => rolling = rolling << BITS | u32::from(number),
                // No n-gram of the vocabulary reaches across this character.
                Code::Absent => {
                    self.ask_run(run_start, look_ups);
                    run_start = look_ups.ends.len();
                    continue;
                }
                Code::Unnumbered => {
                    look_ups.short.clear();
                    look_ups.long.clear();
                    return false;
                }
            }
            look_ups.ends.push(rolling);
        }
        self.ask_run(run_start, look_ups);
        true
    }

    /// Adds the weights of the n-grams that were asked for and that the vocabulary knows, once for each occurrence.
    #[inline]
    pub(super) fn answer(&self, look_ups: &mut NgramLookUps, sums: &mut Sums) {
        self.long.answer(&mut look_ups.long, sums);
        self.short.answer(&mut look_ups.short, sums);
    }

    /// Asks for the n-grams of a run of characters, whose ends are those from `run_start` on.
    #[inline]
    fn ask_run(&self, run_start: usize, look_ups: &mut NgramLookUps) {
        let NgramLookUps { ends, short, long } = look_ups;
        let run = &ends[run_start..];
        for n in self.range.min..=self.range.max.min(run.len()) {
            let mask = (1u32 << (BITS * n as u32)) - 1;
            for &end in &run[n - 1..] {
                if n <= SHORT {
                    self.short.ask(end & mask, short);
                } else {
                    self.long.ask(end & mask, long);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Analyzer, FeatureParams, Term};
    use crate::text::{Language, TokenKind};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_sums_as_by_strings(
            keys in prop::collection::btree_set("c[<اب]{0,1}[ابa\u{1F00}]{1,4}[>]{0,1}", 1..60),
            word in "[ابتaé\u{1F00}]{1,7}",
            min in 1usize..4,
            more in 0usize..4,
        ) {
            let vocabulary = Vocabulary::from_sorted(&keys).unwrap();
            let mut alphabet = Alphabet::default();
            let range = NgramRange { min, max: (min + more).min(5) };
            let params = FeatureParams { char_ngrams: Some(range), words: false, language: Language::None, ..FeatureParams::default() };
            let analyzer = Analyzer::new(params);
            let mut term = Term::default();
            prop_assume!(analyzer.analyze(TokenKind::Word, &word, &mut term));
            let row = |column: u32| [column as i16 + 1, 1, -(column as i16), 7];
            let mut expected = Sums::default();
            analyzer.term_features(&mut term, |key| {
                vocabulary.column(key).into_iter().for_each(|column| super::super::add_row(&mut expected, &row(column)));
            });
            let index = NgramIndex::new(&vocabulary, &mut alphabet, range, row).unwrap();
            let mut sums = Sums::default();
            let mut look_ups = NgramLookUps::default();
            let by_number = index.ask(&alphabet, &term.normal, &mut look_ups);
            index.answer(&mut look_ups, &mut sums);
            if by_number {
                prop_assert_eq!(sums, expected);
            } else {
                prop_assert_eq!(sums, Sums::default());
                prop_assert!(word.contains('\u{1F00}'), "only for characters without number");
            }
        }
    }
}
