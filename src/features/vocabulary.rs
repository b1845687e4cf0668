//! The names of the columns.
//!
//! Enters: feature keys in ascending order. Leaves: the column of a key, the key of a column.
//! Must not know: what a key means, weights.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A sorted list of distinct feature keys, and an index into it. Column `i` is the `i`-th key.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    keys: String,
    /// Where each key begins in `keys`, and one past the last.
    offsets: Vec<u32>,
    /// For each key how many bytes it certainly shares with the one before; whole characters.
    shared: Vec<u8>,
    /// Made when first asked for.
    index: OnceLock<HashTable<u32>>,
    hasher: DefaultHashBuilder,
}

/// How many bytes two keys share from their beginning on, at most 255.
pub(crate) fn shared_prefix(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).take(255).take_while(|(a, b)| a == b).count() as u8
}

/// A key of a vocabulary, on the way through all that begin with the same character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step<'v> {
    /// Its column.
    pub column: u32,
    /// The key.
    pub key: &'v str,
    /// How many bytes it certainly shares with the key one step before; whole characters.
    pub shared: usize,
}

impl Vocabulary {
    /// The vocabulary of `keys`. `None` if they do not strictly ascend, one is empty, or they are longer than 4 GiB together.
    pub fn from_sorted<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Option<Self> {
        let (mut all, mut offsets, mut shared) = (String::new(), vec![0u32], Vec::new());
        let mut last = 0;
        for key in keys {
            let (key, previous) = (key.as_ref(), &all[last..]);
            if key <= previous {
                return None;
            }
            let same = usize::from(shared_prefix(previous.as_bytes(), key.as_bytes()));
            let whole = (0..=same).rev().find(|&i| key.is_char_boundary(i));
            shared.push(whole.unwrap_or(0) as u8);
            last = all.len();
            all.push_str(key);
            offsets.push(u32::try_from(all.len()).ok()?);
        }
        Some(Self::from_checked(all, offsets, shared))
    }

    /// The vocabulary of the keys `keys[offsets[i]..offsets[i + 1]]`, which fill `keys`, strictly ascend and share at
    /// least `shared[i]` bytes of whole characters with the one before.
    pub(crate) fn from_checked(keys: String, offsets: Vec<u32>, shared: Vec<u8>) -> Self {
        Self {
            keys,
            offsets,
            shared,
            index: OnceLock::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn make_index(&self) -> HashTable<u32> {
        let mut index = HashTable::with_capacity(self.len());
        for column in 0..self.len() as u32 {
            let hash = self.hasher.hash_one(self.key(column));
            index.insert_unique(hash, column, |&c| self.hasher.hash_one(self.key(c)));
        }
        index
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key of a column.
    ///
    /// # Panics
    /// If `column` is not below [`Vocabulary::len`].
    #[inline]
    pub fn key(&self, column: u32) -> &str {
        let i = column as usize;
        &self.keys[self.offsets[i] as usize..self.offsets[i + 1] as usize]
    }

    /// The column of a key.
    #[inline]
    pub fn column(&self, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.index
            .get_or_init(|| self.make_index())
            .find(hash, |&column| self.key(column) == key)
            .copied()
    }

    /// How many bytes a key certainly shares with the one before; whole characters.
    #[cfg(test)]
    pub(crate) fn shared(&self, column: u32) -> u8 {
        self.shared[column as usize]
    }

    /// All keys.
    pub(crate) fn steps(&self) -> impl ExactSizeIterator<Item = Step<'_>> {
        self.steps_within(0..self.len())
    }

    /// The keys that begin with `prefix`.
    pub(crate) fn with_prefix(&self, prefix: char) -> impl ExactSizeIterator<Item = Step<'_>> {
        let first = |below: &dyn Fn(&str) -> bool| {
            let (mut low, mut high) = (0, self.len() as u32);
            while low < high {
                let middle = low + (high - low) / 2;
                if below(self.key(middle)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low as usize
        };
        let start = first(&|key| key.chars().next() < Some(prefix));
        let end = first(&|key| key.chars().next() <= Some(prefix));
        self.steps_within(start..end)
    }

    fn steps_within(&self, columns: Range<usize>) -> impl ExactSizeIterator<Item = Step<'_>> {
        let ends = self.offsets[columns.start + 1..]
            .iter()
            .zip(&self.shared[columns.clone()]);
        let mut start = self.offsets[columns.start] as usize;
        columns.zip(ends).map(move |(column, (&end, &shared))| {
            let key = &self.keys[start..end as usize];
            start = end as usize;
            Step {
                column: column as u32,
                key,
                shared: usize::from(shared),
            }
        })
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|column| self.key(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_keys() {
        let vocabulary = Vocabulary::from_sorted(["a", "ab", "b"]).unwrap();
        assert_eq!(vocabulary.len(), 3);
        for (i, key) in ["a", "ab", "b"].into_iter().enumerate() {
            assert_eq!(vocabulary.column(key), Some(i as u32));
            assert_eq!(vocabulary.key(i as u32), key);
        }
        assert_eq!(vocabulary.column("c"), None);
        let step = |column, key, shared| Step { column, key, shared };
        let all = [step(0, "a", 0), step(1, "ab", 1), step(2, "b", 0)];
        assert_eq!(vocabulary.steps().collect::<Vec<_>>(), all);
        assert_eq!(vocabulary.with_prefix('a').collect::<Vec<_>>(), all[..2]);
        assert_eq!(vocabulary.with_prefix('b').collect::<Vec<_>>(), all[2..]);
        assert_eq!(vocabulary.with_prefix('c').count(), 0);
        let letters = Vocabulary::from_sorted(["cاب", "cات"]).unwrap();
        assert_eq!(letters.steps().nth(1).unwrap().shared, 3, "whole characters");
        assert!(Vocabulary::from_sorted(["b", "a"]).is_none());
        assert!(Vocabulary::from_sorted(["a", "a"]).is_none());
        assert!(Vocabulary::from_sorted([""]).is_none());
        assert!(Vocabulary::from_sorted(Vec::<&str>::new()).unwrap().is_empty());
    }
}
