//! Stems by number, and stem bigrams by the numbers of their stems: one look-up, no string.

use hashbrown::HashMap;

use super::alphabet::{Alphabet, Packed};
use super::number_table::{LookUps, NumberTable};
use super::{Sums, WeightRow};
use crate::features::{FeatureKind, FeatureParams, Vocabulary};

/// Number of a stem that the vocabulary does not know.
pub(super) const NO_STEM: u32 = 0;
/// The longest stem that is packed, in characters.
const LONGEST: usize = 10;

/// The weights of the stems and bigrams of a vocabulary.
#[derive(Debug)]
pub(super) struct PairIndex {
    stems: StemNumbers,
    /// For each stem number the weights of the stem by itself.
    weights: Vec<WeightRow>,
    /// The weights of packed pairs of stem numbers.
    pairs: NumberTable<u64>,
}

impl PairIndex {
    /// The index of a vocabulary. `row` gives the weights of a column.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        alphabet: &Alphabet,
        features: &FeatureParams,
        row: impl Fn(u32) -> WeightRow,
    ) -> Self {
        let words = vocabulary.with_prefix(FeatureKind::Word.prefix());
        let mut stems = StemNumbers::default();
        stems.packed.reserve(words.len());
        let bigrams = vocabulary.with_prefix(FeatureKind::Bigram.prefix());
        let mut pairs = NumberTable::with_capacity(bigrams.len());
        // Keys ascend, so that bigrams with the same left stem follow one another.
        let mut last_left = ("", NO_STEM);
        for (column, key) in bigrams.filter(|_| features.bigrams) {
            let Some((left, right)) = split(&key[1..], last_left.0) else {
                continue;
            };
            if left != last_left.0 {
                last_left = (left, stems.intern(alphabet, left));
            }
            pairs.insert(packed(last_left.1, stems.intern(alphabet, right)), row(column));
        }
        let mut weights = Vec::new();
        for (column, key) in vocabulary
            .with_prefix(FeatureKind::Word.prefix())
            .filter(|_| features.words)
        {
            let number = stems.intern(alphabet, &key[1..]) as usize;
            if weights.len() <= number {
                weights.resize(number + 1, WeightRow::default());
            }
            weights[number] = row(column);
        }
        Self { stems, weights, pairs }
    }

    /// The number of a stem, or [`NO_STEM`].
    #[inline]
    pub(super) fn stem(&self, alphabet: &Alphabet, stem: &str) -> u32 {
        self.stems.number(alphabet, stem)
    }

    /// The weights of a numbered stem by itself, if it has any.
    #[inline]
    pub(super) fn stem_weights(&self, stem: u32) -> Option<&WeightRow> {
        self.weights.get(stem as usize)
    }

    /// Asks for the weights of the bigram of two numbered stems.
    #[inline]
    pub(super) fn ask(&self, left: u32, right: u32, look_ups: &mut LookUps<u64>) {
        if left != NO_STEM && right != NO_STEM {
            self.pairs.ask(packed(left, right), look_ups);
        }
    }

    /// Adds the weights of the bigrams that were asked for and that the vocabulary knows.
    #[inline]
    pub(super) fn answer(&self, look_ups: &mut LookUps<u64>, sums: &mut Sums) {
        self.pairs.answer(look_ups, sums);
    }
}

/// The two stems of a bigram; `guess` is probably the left one.
fn split<'k>(bigram: &'k str, guess: &str) -> Option<(&'k str, &'k str)> {
    match bigram.strip_prefix(guess).and_then(|rest| rest.strip_prefix(' ')) {
        Some(right) if !guess.is_empty() => Some((&bigram[..guess.len()], right)),
        _ => bigram.split_once(' '),
    }
}

#[inline]
fn packed(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// Distinct stems, numbered from 1.
#[derive(Debug, Default)]
struct StemNumbers {
    packed: HashMap<u64, u32>,
    /// Stems that cannot be packed.
    others: HashMap<String, u32>,
}

impl StemNumbers {
    #[inline]
    fn number(&self, alphabet: &Alphabet, stem: &str) -> u32 {
        let found = match alphabet.pack(stem, LONGEST) {
            Packed::Number(number) => self.packed.get(&number),
            Packed::Absent => None,
            Packed::Unpackable => self.others.get(stem),
        };
        found.copied().unwrap_or(NO_STEM)
    }

    fn intern(&mut self, alphabet: &Alphabet, stem: &str) -> u32 {
        let next = (self.packed.len() + self.others.len()) as u32 + 1;
        match alphabet.pack(stem, LONGEST) {
            Packed::Number(number) => *self.packed.entry(number).or_insert(next),
            _ => *self.others.entry_ref(stem).or_insert(next),
        }
    }
}
