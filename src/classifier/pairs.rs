//! Stems by number, and stem bigrams by the numbers of their stems: one look-up, no string.

use hashbrown::HashMap;

use super::alphabet::{Alphabet, Packed};
use super::number_table::{Candidate, LookUps, NumberTable};
use super::packer::{LONGEST, Packer, Part};
use super::{Sums, WeightRow};
use crate::features::{FeatureKind, FeatureParams, Vocabulary};

/// Number of a stem that the vocabulary does not know.
pub(super) const NO_STEM: u32 = 0;

/// The weights of the stems and bigrams of a vocabulary.
#[derive(Debug)]
pub(super) struct PairIndex {
    stems: StemNumbers,
    /// The weights of packed pairs of stem numbers.
    pairs: NumberTable,
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
        let mut stems = StemNumbers {
            packed: NumberTable::with_capacity(words.len()),
            others: HashMap::new(),
            count: 0,
        };
        let mut packer = Packer::<false>::new(alphabet);
        for step in words.filter(|_| features.words) {
            stems.add(packer.whole(&step), row(step.column));
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
        Self { stems, pairs }
    }

    /// Asks for a stem. The answer comes with [`PairIndex::stem`].
    #[inline]
    pub(super) fn ask_stem(&self, alphabet: &Alphabet, stem: &str) -> StemLookUp {
        match alphabet.pack(stem, LONGEST as usize) {
            Packed::Number(number) => self.stems.packed.ask_one(number).ok_or(None),
            Packed::Absent => Err(None),
            Packed::Unpackable => Err(self.stems.others.get(stem.as_bytes()).copied()),
        }
    }

    /// The number of a stem, or [`NO_STEM`], and its weights by itself.
    #[inline]
    pub(super) fn stem(&self, asked: StemLookUp) -> (u32, WeightRow) {
        let found = asked.map_or_else(|known| known, |candidate| self.stems.packed.resolve(candidate));
        found.unwrap_or((NO_STEM, WeightRow::default()))
    }

    /// Asks for the weights of the bigram of two numbered stems.
    #[inline]
    pub(super) fn ask(&self, left: u32, right: u32, look_ups: &mut LookUps) {
        if left != NO_STEM && right != NO_STEM {
            self.pairs.ask(packed(left, right), look_ups);
        }
    }

    /// Adds the weights of the bigrams that were asked for and that the vocabulary knows.
    #[inline]
    pub(super) fn answer(&self, look_ups: &mut LookUps, sums: &mut Sums) {
        self.pairs.answer(look_ups, sums);
    }
}

#[inline]
fn packed(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// A stem that was asked for, or what is known of it at once.
type StemLookUp = Result<Candidate, Option<(u32, WeightRow)>>;

/// Distinct stems, numbered from 1, with their weights.
#[derive(Debug)]
struct StemNumbers {
    packed: NumberTable<(u32, WeightRow)>,
    /// Stems that cannot be packed.
    others: HashMap<Vec<u8>, (u32, WeightRow)>,
    count: u32,
}

impl StemNumbers {
    /// Adds a stem that is new.
    #[inline]
    fn add(&mut self, (packed, stem): Part<'_>, weights: WeightRow) -> u32 {
        self.count += 1;
        let value = (self.count, weights);
        match packed {
            Some(number) => self.packed.insert(number, value),
            None => drop(self.others.insert(stem.to_vec(), value)),
        }
        self.count
    }

    /// The number of a stem, from now on if it is new.
    #[inline]
    fn intern(&mut self, part: Part<'_>) -> u32 {
        let known = match part {
            (Some(number), _) => {
                let candidate = self.packed.ask_one(number);
                candidate.and_then(|candidate| self.packed.resolve(candidate))
            }
            (None, stem) => self.others.get(stem).copied(),
        };
        known.map_or_else(|| self.add(part, WeightRow::default()), |(number, _)| number)
    }
}
