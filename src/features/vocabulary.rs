//! The names of the columns.
//!
//! Enters: feature keys in ascending order. Leaves: the column of a key, the key of a column.
//! Must not know: what a key means, weights.
//!
//! Keys are held front-coded; labelling needs no more. Whole keys are made when one is first asked for.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};
use memchr::memchr_iter;

/// A sorted list of distinct feature keys, and an index into it. Column `i` is the `i`-th key.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// For each key how many bytes it certainly shares with the one before; whole characters.
    shared: Vec<u8>,
    /// What follows, of all keys.
    pieces: String,
    /// For each key where its piece ends.
    ends: Vec<u32>,
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

/// How many bytes two keys share from their beginning on, at most 255.
pub(crate) fn shared_prefix(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).take(255).take_while(|(a, b)| a == b).count() as u8
}

/// A key of a vocabulary by what is new in it, on the way through all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step<'v> {
    /// Its column.
    pub column: u32,
    /// How many bytes it certainly shares with the key one step before, at most 255; whole characters.
    pub shared: usize,
    /// What follows.
    pub piece: &'v str,
}

impl Vocabulary {
    /// The vocabulary of `keys`. `None` if they do not strictly ascend, one is empty, or they are longer than 4 GiB together.
    pub fn from_sorted<S: AsRef<str>>(keys: impl IntoIterator<Item = S>) -> Option<Self> {
        let (mut pieces, mut ends, mut shared) = (String::new(), Vec::new(), Vec::new());
        let mut previous = String::new();
        let mut total = 0;
        for key in keys {
            let key = key.as_ref();
            total += key.len();
            if key <= previous.as_str() || u32::try_from(total).is_err() {
                return None;
            }
            let same = usize::from(shared_prefix(previous.as_bytes(), key.as_bytes()));
            let whole = (0..=same).rev().find(|&i| key.is_char_boundary(i)).unwrap_or(0);
            pieces.push_str(&key[whole..]);
            ends.push(pieces.len() as u32);
            shared.push(whole as u8);
            previous.clear();
            previous.push_str(key);
        }
        Some(Self::from_checked(pieces, ends, shared))
    }

    /// The vocabulary whose key `i` consists of the first `shared[i]` bytes of the one before, and of what lies before
    /// `ends[i]` in `pieces`. All are whole characters, the keys strictly ascend and are no longer than 4 GiB together.
    pub(crate) fn from_checked(pieces: String, ends: Vec<u32>, shared: Vec<u8>) -> Self {
        Self {
            shared,
            pieces,
            ends,
            whole: OnceLock::new(),
            index: OnceLock::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    fn whole(&self) -> &WholeKeys {
        self.whole.get_or_init(|| {
            let mut text = String::with_capacity(4 * self.pieces.len());
            let mut offsets = Vec::with_capacity(self.len() + 1);
            let mut last = 0;
            for step in self.steps() {
                let start = text.len();
                offsets.push(start as u32);
                text.extend_from_within(last..last + step.shared);
                text.push_str(step.piece);
                last = start;
            }
            offsets.push(text.len() as u32);
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
        self.shared.len()
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
        self.index
            .get_or_init(|| self.make_index())
            .find(hash, |&column| self.key(column) == key)
            .copied()
    }

    /// All keys, step by step.
    pub(crate) fn steps(&self) -> impl ExactSizeIterator<Item = Step<'_>> {
        self.steps_within(0..self.len())
    }

    /// The keys that begin with `prefix`, step by step; the first one shares nothing.
    pub(crate) fn with_prefix(&self, prefix: char) -> impl ExactSizeIterator<Item = Step<'_>> {
        // A key that begins with another character than the one before shares nothing with it.
        let mut first = memchr_iter(0, &self.shared).map(|column| (column, self.piece_from(column).chars().next()));
        let start = first
            .find(|&(_, c)| c == Some(prefix))
            .map_or(self.len(), |(column, _)| column);
        let end = first
            .find(|&(_, c)| c != Some(prefix))
            .map_or(self.len(), |(column, _)| column);
        self.steps_within(start..end)
    }

    /// The pieces from a column on.
    fn piece_from(&self, column: usize) -> &str {
        &self.pieces[column.checked_sub(1).map_or(0, |before| self.ends[before] as usize)..]
    }

    fn steps_within(&self, columns: Range<usize>) -> impl ExactSizeIterator<Item = Step<'_>> {
        let mut rest = self.piece_from(columns.start);
        let mut start = self.pieces.len() - rest.len();
        let places = self.shared[columns.clone()].iter().zip(&self.ends[columns.clone()]);
        columns.zip(places).map(move |(column, (&shared, &end))| {
            let piece;
            (piece, rest) = rest.split_at(end as usize - start);
            start = end as usize;
            Step {
                column: column as u32,
                shared: usize::from(shared),
                piece,
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
        let step = |column, shared, piece| Step { column, shared, piece };
        let all = [step(0, 0, "a"), step(1, 1, "b"), step(2, 0, "b")];
        assert_eq!(vocabulary.steps().collect::<Vec<_>>(), all);
        assert_eq!(vocabulary.with_prefix('a').collect::<Vec<_>>(), all[..2]);
        assert_eq!(vocabulary.with_prefix('b').collect::<Vec<_>>(), all[2..]);
        assert_eq!(vocabulary.with_prefix('c').count(), 0);
        let letters = Vocabulary::from_sorted(["cاب", "cات"]).unwrap();
        assert_eq!(letters.steps().nth(1), Some(step(1, 3, "ت")), "whole characters");
        assert!(Vocabulary::from_sorted(["b", "a"]).is_none());
        assert!(Vocabulary::from_sorted(["a", "a"]).is_none());
        assert!(Vocabulary::from_sorted([""]).is_none());
        assert!(Vocabulary::from_sorted(Vec::<&str>::new()).unwrap().is_empty());
    }
}
