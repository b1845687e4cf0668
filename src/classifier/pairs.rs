//! Stems by number, and stem bigrams by the numbers of their stems: one look-up, no string.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::number_table::{NumberTable, Query};
use crate::features::{FeatureKind, FeatureParams, Vocabulary};

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
    /// Columns of packed pairs of stem numbers.
    pairs: NumberTable,
}

impl PairIndex {
    pub(super) fn new(vocabulary: &Vocabulary, features: &FeatureParams) -> Self {
        let mut stems = StemNumbers::default();
        let mut columns = vec![NO_COLUMN];
        let mut pairs = Vec::new();
        for (column, key) in (0u32..).zip(vocabulary.keys()) {
            match FeatureKind::split(key) {
                Some((FeatureKind::Word, stem)) if features.words => {
                    let number = stems.intern(stem) as usize;
                    columns.resize(columns.len().max(number + 1), NO_COLUMN);
                    columns[number] = column;
                }
                Some((FeatureKind::Bigram, content)) if features.bigrams => {
                    if let Some((left, right)) = content.split_once(' ') {
                        pairs.push((packed(stems.intern(left), stems.intern(right)), column));
                    }
                }
                _ => {}
            }
        }
        columns.resize(stems.ends.len() + 1, NO_COLUMN);
        Self {
            stems,
            columns,
            pairs: NumberTable::new(&pairs),
        }
    }

    /// The number of a stem, or [`NO_STEM`].
    pub(super) fn stem(&self, stem: &str) -> u32 {
        self.stems.number(stem)
    }

    /// The column of a numbered stem by itself.
    pub(super) fn stem_column(&self, stem: u32) -> Option<u32> {
        Some(self.columns[stem as usize]).filter(|&column| column != NO_COLUMN)
    }

    /// The bigram of two numbered stems, to be looked up; `None` if the vocabulary cannot hold it.
    #[inline]
    pub(super) fn query(&self, left: u32, right: u32) -> Option<Query> {
        (left != NO_STEM && right != NO_STEM).then(|| self.pairs.query(packed(left, right)))
    }

    /// The table of bigrams.
    pub(super) fn table(&self) -> &NumberTable {
        &self.pairs
    }
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
