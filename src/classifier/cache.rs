//! What each distinct token contributes, computed once.
//!
//! Word frequencies are Zipfian: a few thousand forms make up most of any text. The cache is a fixed number of
//! slots, addressed by the hash of the token's bytes; a new token takes the place of the one that was there. So
//! its memory is bounded whatever the text, and a stream of words that never repeat only makes it useless.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

use super::pairs::NO_STEM;

/// The longest token, in bytes, that is kept.
const LONGEST_KEY: usize = 30;
/// Number of slots; a power of two.
const SLOTS: usize = 1 << 15;

/// What is known of a token.
#[derive(Debug, Clone, Copy)]
struct Slot {
    key: [u8; LONGEST_KEY],
    /// Length of the key; 0 for an empty slot.
    length: u8,
    /// Whether the token yields a term.
    is_term: bool,
    stem: u32,
}

/// A bounded map from the bytes of a token to its stem's number and its summed weights.
#[derive(Debug)]
pub(super) struct TokenCache {
    slots: Vec<Slot>,
    sums: Vec<i32>,
    labels: usize,
    hasher: DefaultHashBuilder,
}

/// Where a token is, or may be put.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    /// It is in this slot.
    Hit(usize),
    /// It may be put into this slot.
    Miss(usize),
    /// It is too long to be kept.
    TooLong,
}

impl TokenCache {
    pub(super) fn new(labels: usize) -> Self {
        let empty = Slot {
            key: [0; LONGEST_KEY],
            length: 0,
            is_term: false,
            stem: NO_STEM,
        };
        Self {
            slots: vec![empty; SLOTS],
            sums: vec![0; SLOTS * labels],
            labels,
            hasher: DefaultHashBuilder::default(),
        }
    }

    #[inline]
    pub(super) fn find(&self, token: &[u8]) -> Found {
        if token.len() > LONGEST_KEY {
            return Found::TooLong;
        }
        let at = self.hasher.hash_one(token) as usize & (SLOTS - 1);
        let slot = &self.slots[at];
        if usize::from(slot.length) == token.len() && &slot.key[..token.len()] == token {
            Found::Hit(at)
        } else {
            Found::Miss(at)
        }
    }

    /// Whether the token in a slot yields a term, its stem's number, and its summed weights by label.
    #[inline]
    pub(super) fn get(&self, at: usize) -> (bool, u32, &[i32]) {
        let slot = &self.slots[at];
        (slot.is_term, slot.stem, &self.sums[at * self.labels..][..self.labels])
    }

    /// Puts a token into a slot that [`TokenCache::find`] gave for it.
    pub(super) fn put(&mut self, at: usize, token: &[u8], is_term: bool, stem: u32, sums: &[i32]) {
        let slot = &mut self.slots[at];
        slot.key[..token.len()].copy_from_slice(token);
        slot.length = token.len() as u8;
        slot.is_term = is_term;
        slot.stem = stem;
        self.sums[at * self.labels..][..self.labels].copy_from_slice(sums);
    }
}
