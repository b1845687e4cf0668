//! The names of the columns.
//!
//! Enters: feature keys in ascending order. Leaves: the column of a key, the key of a column.
//! Must not know: what a key means, weights.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A sorted list of distinct feature keys, and an index into it. Column `i` is the `i`-th key.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    keys: String,
    /// Where each key begins in `keys`, and one past the last.
    offsets: Vec<u32>,
    /// Made when first asked for.
    index: OnceLock<HashTable<u32>>,
    hasher: DefaultHashBuilder,
}

impl Vocabulary {
    /// The vocabulary of `keys`. `None` if they do not strictly ascend, one is empty, or they are longer than 4 GiB together.
    pub fn from_sorted<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Option<Self> {
        let mut all = String::new();
        let mut offsets = vec![0u32];
        for key in keys {
            all.push_str(key.as_ref());
            offsets.push(u32::try_from(all.len()).ok()?);
        }
        Self::from_offsets(all, offsets)
    }

    /// The vocabulary of the keys `keys[offsets[i]..offsets[i + 1]]`. `None` if these are not whole strings that
    /// fill `keys`, do not strictly ascend, or one is empty.
    pub fn from_offsets(keys: String, offsets: Vec<u32>) -> Option<Self> {
        if offsets.first() != Some(&0) || *offsets.last()? as usize != keys.len() {
            return None;
        }
        let mut previous = "";
        for (start, end) in offsets.iter().zip(&offsets[1..]) {
            let key = keys.get(*start as usize..*end as usize)?;
            if key <= previous {
                return None;
            }
            previous = key;
        }
        Some(Self {
            keys,
            offsets,
            index: OnceLock::new(),
            hasher: DefaultHashBuilder::default(),
        })
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

    /// All keys, one behind the other.
    pub(crate) fn joined(&self) -> &str {
        &self.keys
    }

    /// The columns whose keys begin with `prefix`, and the keys.
    pub(crate) fn with_prefix(&self, prefix: char) -> impl ExactSizeIterator<Item = (u32, &str)> {
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
            low
        };
        let start = first(&|key| key.chars().next() < Some(prefix));
        let end = first(&|key| key.chars().next() <= Some(prefix));
        (start as usize..end as usize).map(|column| (column as u32, self.key(column as u32)))
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
        assert_eq!(vocabulary.with_prefix('a').collect::<Vec<_>>(), [(0, "a"), (1, "ab")]);
        assert_eq!(vocabulary.with_prefix('b').collect::<Vec<_>>(), [(2, "b")]);
        assert_eq!(vocabulary.with_prefix('c').count(), 0);
        assert_eq!(vocabulary.joined(), "aabb");
        assert!(Vocabulary::from_sorted(["b", "a"]).is_none());
        assert!(Vocabulary::from_sorted(["a", "a"]).is_none());
        assert!(Vocabulary::from_sorted([""]).is_none());
        assert!(Vocabulary::from_sorted(Vec::<&str>::new()).unwrap().is_empty());
    }
}
