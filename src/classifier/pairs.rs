//! Stems by number, and stem bigrams by the numbers of their stems: one look-up, no string.

use std::hash::BuildHasher;
use std::hint::black_box;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::features::{FeatureKind, Vocabulary};

/// Number of a stem that the vocabulary does not know.
pub(super) const NO_STEM: u32 = 0;
/// Stands for no column.
const NO_COLUMN: u32 = u32::MAX;

/// The stems and bigrams of a vocabulary.
#[derive(Debug)]
pub(super) struct PairIndex {
    stems: StemNumbers,
    /// For each stem number the column of the stem by itself, or [`NO_COLUMN`].
    columns: Vec<u32>,
    /// An open-addressing table with linear probing, at most half full: packed pair and column; 0 is empty.
    places: Vec<(u64, u32)>,
    shift: u32,
}

impl PairIndex {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut stems = StemNumbers::default();
        let mut columns = vec![NO_COLUMN];
        let mut pairs = Vec::new();
        for (column, key) in (0u32..).zip(vocabulary.keys()) {
            match FeatureKind::split(key) {
                Some((FeatureKind::Word, stem)) => {
                    let number = stems.intern(stem) as usize;
                    columns.resize(columns.len().max(number + 1), NO_COLUMN);
                    columns[number] = column;
                }
                Some((FeatureKind::Bigram, content)) => {
                    if let Some((left, right)) = content.split_once(' ') {
                        pairs.push((packed(stems.intern(left), stems.intern(right)), column));
                    }
                }
                _ => {}
            }
        }
        columns.resize(stems.ends.len() + 1, NO_COLUMN);
        let size = (2 * pairs.len()).next_power_of_two().max(16);
        let mut index = Self {
            stems,
            columns,
            places: vec![(0, 0); size],
            shift: 64 - size.trailing_zeros(),
        };
        for (pair, column) in pairs {
            let place = index.probe(index.start(pair), pair);
            index.places[place] = (pair, column);
        }
        index
    }

    /// The number of a stem, or [`NO_STEM`].
    pub(super) fn stem(&self, stem: &str) -> u32 {
        self.stems.number(stem)
    }

    /// The column of a numbered stem by itself.
    pub(super) fn stem_column(&self, stem: u32) -> Option<u32> {
        Some(self.columns[stem as usize]).filter(|&column| column != NO_COLUMN)
    }

    #[inline]
    fn start(&self, pair: u64) -> usize {
        (pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    /// Where a pair is, or the empty place where it would be.
    #[inline]
    fn probe(&self, start: usize, pair: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = start;
        loop {
            let found = self.places[at].0;
            if found == pair || found == 0 {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    /// The bigram of two numbered stems, to be looked up; `None` if the vocabulary cannot hold it.
    #[inline]
    pub(super) fn pair(&self, left: u32, right: u32) -> Option<Pair> {
        if left == NO_STEM || right == NO_STEM {
            return None;
        }
        let pair = packed(left, right);
        Some(Pair {
            pair,
            start: self.start(pair),
        })
    }

    /// The column of a bigram.
    #[inline]
    pub(super) fn column(&self, pair: Pair) -> Option<u32> {
        let (found, column) = self.places[self.probe(pair.start, pair.pair)];
        (found != 0).then_some(column)
    }

    /// Reads the first place of each pair, so that the processor fetches them side by side.
    #[inline]
    pub(super) fn touch(&self, pairs: &[Pair]) {
        black_box(pairs.iter().fold(0, |sum, pair| sum ^ self.places[pair.start].0));
    }
}

/// A bigram and where its look-up begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pair: u64,
    start: usize,
}

#[inline]
fn packed(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// Distinct stems in one string, numbered from 1.
#[derive(Debug, Default)]
struct StemNumbers {
    text: String,
    ends: Vec<u32>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl StemNumbers {
    fn get(&self, number: u32) -> &str {
        let i = number as usize - 1;
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.text[start..self.ends[i] as usize]
    }

    fn number(&self, stem: &str) -> u32 {
        let hash = self.hasher.hash_one(stem);
        self.index
            .find(hash, |&n| self.get(n) == stem)
            .copied()
            .unwrap_or(NO_STEM)
    }

    fn intern(&mut self, stem: &str) -> u32 {
        let known = self.number(stem);
        if known != NO_STEM {
            return known;
        }
        self.text.push_str(stem);
        self.ends.push(self.text.len() as u32);
        let number = self.ends.len() as u32;
        let mut index = std::mem::take(&mut self.index);
        index.insert_unique(self.hasher.hash_one(stem), number, |&n| {
            self.hasher.hash_one(self.get(n))
        });
        self.index = index;
        number
    }
}
