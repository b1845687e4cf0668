//! The names of the columns.
//!
//! Enters: feature keys in ascending order. Leaves: the column of a key, the key of a column.
//! Must not know: what a key means, weights.
//!
//! Keys are held front-coded; labelling needs no more. Whole keys are made when one is first asked for.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::front_coded::{Buffer, FrontCoded, Steps};

/// A sorted list of distinct feature keys, and an index into it. Column `i` is the `i`-th key.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    coded: FrontCoded,
    /// Made when first asked for.
    whole: OnceLock<WholeKeys>,
    /// Made when first asked for.
    index: OnceLock<HashTable<u32>>,
    hasher: DefaultHashBuilder,
}

/// All keys, one behind the other.
#[derive(Debug, Clone)]
struct WholeKeys {
    text: String,
    /// Where each key begins, and one past the last.
    offsets: Vec<u32>,
}

impl Vocabulary {
    /// The vocabulary of `keys`. `None` if they do not strictly ascend, one is empty, or they are longer than 4 GiB together.
    pub fn from_sorted<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Option<Self> {
        FrontCoded::encode(keys).map(Self::from_coded)
    }

    /// The vocabulary of front-coded keys that [`FrontCoded::check`] finds sound.
    pub(crate) fn from_coded(coded: FrontCoded) -> Self {
        Self {
            coded,
            whole: OnceLock::new(),
            index: OnceLock::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn whole(&self) -> &WholeKeys {
        made(&self.whole, || {
            let mut text = Vec::with_capacity(4 * self.coded.suffixes.len());
            let mut offsets = Vec::with_capacity(self.len() + 1);
            let mut buffer = Buffer::default();
            offsets.push(0);
            for step in self.coded.steps() {
                buffer.replace(&step);
                text.extend_from_slice(buffer.bytes());
                offsets.push(text.len() as u32);
            }
            let text = String::from_utf8(text).expect("each key is UTF-8");
            WholeKeys { text, offsets }
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
        self.coded.shared.len()
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
        let (whole, i) = (self.whole(), column as usize);
        &whole.text[whole.offsets[i] as usize..whole.offsets[i + 1] as usize]
    }

    /// The column of a key.
    #[inline]
    pub fn column(&self, key: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        made(&self.index, || self.make_index())
            .find(hash, |&column| self.key(column) == key)
            .copied()
    }

    /// Calls `sink` with the position and the column of each of `keys` that is there. They ascend strictly, or some are missed.
    /// Takes one pass over the vocabulary and no index: the way for a few hundred keys, where [`Vocabulary::column`] would have
    /// to make one.
    pub(crate) fn join(&self, keys: &[impl AsRef<str>], sink: impl FnMut(usize, u32)) {
        self.coded.join(keys, sink);
    }

    /// The keys front-coded.
    pub(crate) fn coded(&self) -> &FrontCoded {
        &self.coded
    }

    /// The keys that begin with `prefix`, an ASCII character, step by step; the first one shares nothing.
    pub(crate) fn with_prefix(&self, prefix: char) -> Steps<'_> {
        self.coded.with_prefix(prefix as u8)
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|column| self.key(column))
    }
}

/// What is in the cell, made now if nothing is. Nobody waits for another thread that is making it: in the child of a process
/// that has forked there is none. So two threads may make the same.
fn made<T>(cell: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    if cell.get().is_none() {
        // An error: another thread was sooner.
        let _ = cell.set(make());
    }
    cell.get().expect("it was set, by this thread or another")
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
        assert_eq!(
            vocabulary.with_prefix('a').map(|step| step.column).collect::<Vec<_>>(),
            [0, 1]
        );
        assert!(Vocabulary::from_sorted(["b", "a"]).is_none());
        assert!(Vocabulary::from_sorted(["a", "a"]).is_none());
        assert!(Vocabulary::from_sorted([""]).is_none());
        assert!(Vocabulary::from_sorted(Vec::<&str>::new()).unwrap().is_empty());
    }
}
