//! Stems by number, and stem bigrams by the numbers of their stems: one look-up, no string.

use hashbrown::HashMap;

use super::alphabet::{Alphabet, Packed};
use super::number_table::{LookUps, NumberTable};
use super::packer::{Packer, Part};
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
        alphabet: &mut Alphabet,
        features: &FeatureParams,
        row: impl Fn(u32) -> WeightRow,
    ) -> Self {
        let words = vocabulary.with_prefix(FeatureKind::Word.prefix());
        let mut stems = StemNumbers::default();
        stems.packed.reserve(words.len());
        let mut weights = vec![WeightRow::default()];
        let mut packer = Packer::<false>::new(alphabet);
        for step in words.filter(|_| features.words) {
            let number = stems.intern(packer.whole(&step)) as usize;
            debug_assert_eq!(number, weights.len(), "stems are distinct");
            weights.push(row(step.column));
        }
        let bigrams = vocabulary.with_prefix(FeatureKind::Bigram.prefix());
        let mut pairs = NumberTable::with_capacity(bigrams.len());
        let mut packer = Packer::<true>::new(alphabet);
        // Keys ascend, so that bigrams with the same left stem follow one another.
        let mut last_left = None;
        for step in bigrams.filter(|_| features.bigrams) {
            let Some(pair) = packer.pair(&step) else {
                last_left = None;
                continue;
            };
            let left = match last_left {
                Some(number) if pair.same_left => number,
                _ => stems.intern(pair.left()),
            };
            last_left = Some(left);
            let right = stems.intern(pair.right());
            pairs.insert(packed(left, right), row(step.column));
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

#[inline]
fn packed(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// Distinct stems, numbered from 1.
#[derive(Debug, Default)]
struct StemNumbers {
    packed: HashMap<u64, u32>,
    /// Stems that cannot be packed.
    others: HashMap<Vec<u8>, u32>,
}

impl StemNumbers {
    #[inline]
    fn number(&self, alphabet: &Alphabet, stem: &str) -> u32 {
        let found = match alphabet.pack(stem, LONGEST) {
            Packed::Number(number) => self.packed.get(&number),
            Packed::Absent => None,
            Packed::Unpackable => self.others.get(stem.as_bytes()),
        };
        found.copied().unwrap_or(NO_STEM)
    }

    /// The number of a stem, from now on if it is new.
    #[inline]
    fn intern(&mut self, (packed, stem): Part<'_>) -> u32 {
        let next = (self.packed.len() + self.others.len()) as u32 + 1;
        match packed {
            // Most are known.
            Some(number) => match self.packed.get(&number) {
                Some(&known) => known,
                None => *self.packed.entry(number).or_insert(next),
            },
            None => self.intern_other(stem, next),
        }
    }

    #[cold]
    #[inline(never)]
    fn intern_other(&mut self, stem: &[u8], next: u32) -> u32 {
        *self.others.entry_ref(stem).or_insert(next)
    }
}
