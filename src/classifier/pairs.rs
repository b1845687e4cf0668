//! Stem bigrams by the numbers of their stems: one look-up of two numbers, no string.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::features::{FeatureKind, Vocabulary};

/// Number of a stem that stands in no bigram of the vocabulary.
pub(super) const NO_STEM: u32 = 0;

/// The bigrams of a vocabulary.
#[derive(Debug)]
pub(super) struct PairIndex {
    stems: StemNumbers,
    columns: HashMap<(u32, u32), u32>,
}

impl PairIndex {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut index = Self {
            stems: StemNumbers::default(),
            columns: HashMap::new(),
        };
        for (column, key) in (0u32..).zip(vocabulary.keys()) {
            if let Some((FeatureKind::Bigram, content)) = FeatureKind::split(key)
                && let Some((left, right)) = content.split_once(' ')
            {
                let pair = (index.stems.intern(left), index.stems.intern(right));
                index.columns.insert(pair, column);
            }
        }
        index
    }

    /// The number of a stem, or [`NO_STEM`].
    pub(super) fn stem(&self, stem: &str) -> u32 {
        self.stems.number(stem)
    }

    /// The column of the bigram of two numbered stems.
    #[inline]
    pub(super) fn column(&self, left: u32, right: u32) -> Option<u32> {
        if left == NO_STEM || right == NO_STEM {
            return None;
        }
        self.columns.get(&(left, right)).copied()
    }
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
