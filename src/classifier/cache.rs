//! What each distinct token contributes, computed once.
//!
//! Word frequencies are Zipfian: a few thousand forms make up most of any text. The cache is a fixed number of
//! sets of two slots, addressed by the hash of the token's bytes; a new token takes the first slot of its set, the one
//! that was there moves to the second, and a hit in the second moves to the first. So memory is bounded whatever the
//! text, and a stream of words that never repeat only makes the cache useless.

use std::hint::black_box;

use super::pairs::NO_STEM;

/// The longest token, in bytes, that is kept.
const LONGEST: usize = 32;
/// The most labels whose sums lie in the slot itself.
pub(super) const INLINE_LABELS: usize = 4;

/// The bytes of a token, padded with zeros. No token holds a zero byte, so the padding tells the length.
pub(super) type Key = [u64; LONGEST / 8];

/// What is known of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenEntry {
    /// Its summed weights by label.
    pub sums: [i32; INLINE_LABELS],
    /// The number of its stem.
    pub stem: u32,
    /// 1 if the token yields a term, else 0.
    pub terms: u32,
}

/// A token and what is known of it. 64 bytes: one cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Slot {
    key: Key,
    entry: TokenEntry,
}

impl Slot {
    const EMPTY: Self = Self {
        key: [0; 4],
        entry: TokenEntry {
            sums: [0; INLINE_LABELS],
            stem: NO_STEM,
            terms: 0,
        },
    };
}

/// How many slots a cache begins with: 256 KiB.
const FIRST_SLOTS: usize = 1 << 12;

/// How far a hash is shifted to become the number of a set of two of `slots` slots.
fn shift_for(slots: usize) -> u32 {
    64 - (slots / 2).trailing_zeros()
}

/// The first slot of a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(u32);

/// A bounded map from tokens to what they contribute.
#[derive(Debug)]
pub(super) struct TokenCache {
    slots: Vec<Slot>,
    /// Tokens put in since the cache last grew.
    put: usize,
    most_slots: usize,
    shift: u32,
}

impl TokenCache {
    /// A cache of at most about `slots` slots of 64 bytes. It begins small and doubles as it fills, so that a short
    /// text does not pay for the room that a long one needs.
    pub(super) fn new(slots: usize) -> Self {
        let most_slots = slots.next_power_of_two().max(4);
        let slots = vec![Slot::EMPTY; most_slots.min(FIRST_SLOTS)];
        let shift = shift_for(slots.len());
        Self {
            slots,
            put: 0,
            most_slots,
            shift,
        }
    }

    /// Doubles the room and puts what is known into its new places. Places that were asked for before stay valid
    /// numbers: a token that is put there is only not found again.
    fn grow(&mut self) {
        let larger = vec![Slot::EMPTY; self.slots.len() * 2];
        let known = std::mem::replace(&mut self.slots, larger);
        self.shift = shift_for(self.slots.len());
        self.put = 0;
        // Second slots first, so that the first slot of a set is again the newer one.
        for way in [1, 0] {
            for set in known.chunks_exact(2).filter(|set| set[way].key != [0; 4]) {
                self.insert(self.place(&set[way].key), set[way]);
            }
        }
    }

    fn insert(&mut self, at: Place, slot: Slot) {
        let at = at.0 as usize;
        self.slots[at + 1] = self.slots[at];
        self.slots[at] = slot;
        self.put += 1;
    }

    /// The key of the token at `start..end` of `text`; `None` if it is too long to be kept.
    #[inline]
    pub(super) fn key(text: &[u8], start: usize, end: usize) -> Option<Key> {
        let length = end - start;
        if length > LONGEST {
            return None;
        }
        let mut bytes = [0u8; LONGEST];
        if let Some(ahead) = text.get(start..start + LONGEST) {
            // A whole fixed-size read, then the bytes behind the token are masked out.
            bytes.copy_from_slice(ahead);
            let mut key = words(&bytes);
            for (i, word) in key.iter_mut().enumerate() {
                let keep = length.saturating_sub(8 * i).min(8) as u32;
                *word &= u64::MAX.checked_shr(64 - 8 * keep).unwrap_or(0);
            }
            return Some(key);
        }
        bytes[..length].copy_from_slice(&text[start..end]);
        Some(words(&bytes))
    }

    /// What is known of a token; `at` is its [`TokenCache::place`].
    #[inline]
    pub(super) fn get(&mut self, at: Place, key: &Key) -> Option<&TokenEntry> {
        let at = at.0 as usize;
        if self.slots[at].key == *key {
            return Some(&self.slots[at].entry);
        }
        if self.slots[at + 1].key == *key {
            self.slots.swap(at, at + 1);
            return Some(&self.slots[at].entry);
        }
        None
    }

    /// Puts in what is known of a token that [`TokenCache::get`] did not find.
    pub(super) fn put(&mut self, at: Place, key: &Key, entry: TokenEntry) {
        self.insert(at, Slot { key: *key, entry });
        if self.put > self.slots.len() / 2 && self.slots.len() < self.most_slots {
            self.grow();
        }
    }

    /// Reads a word of each place, so that the processor fetches them side by side instead of one after another.
    #[inline]
    pub(super) fn touch(&self, places: impl Iterator<Item = Place>) {
        black_box(places.fold(0, |sum, at| sum ^ self.slots[at.0 as usize].key[0]));
    }

    /// Where a token is, if it is there.
    #[inline]
    pub(super) fn place(&self, key: &Key) -> Place {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let fold = |a: u64, b: u64| {
            let product = u128::from(a ^ MIX) * u128::from(b ^ 0xD6E8_FEB8_6659_FD93);
            product as u64 ^ (product >> 64) as u64
        };
        let hash = fold(key[0], key[1].rotate_left(23)) ^ fold(key[2].rotate_left(41), key[3] ^ MIX);
        Place((hash.wrapping_mul(MIX) >> self.shift) as u32 * 2)
    }
}

#[inline]
fn words(bytes: &[u8; LONGEST]) -> Key {
    let (chunks, _) = bytes.as_chunks::<8>();
    [chunks[0], chunks[1], chunks[2], chunks[3]].map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(stem: u32) -> TokenEntry {
        TokenEntry {
            sums: [stem as i32; 4],
            stem,
            terms: 1,
        }
    }

    #[test]
    fn keys_are_equal_wherever_the_token_stands() {
        let text = "نفى قال نفى ولكن المتحدث باسم الوزارة نفى".as_bytes();
        let at = |start: usize| TokenCache::key(text, start, start + 6).unwrap();
        assert_eq!(at(0), at(14));
        assert_eq!(at(0), at(text.len() - 6));
        assert_ne!(at(0), at(7));
        assert!(TokenCache::key(text, 0, 33).is_none());
        assert!(TokenCache::key(text, 0, 32).is_some());
    }

    #[test]
    fn a_full_set_forgets_the_oldest() {
        let mut cache = TokenCache::new(2);
        let keys: Vec<Key> = (1..200u64).map(|i| [i, 0, 0, 0]).collect();
        for (i, key) in keys.iter().enumerate() {
            let at = cache.place(key);
            assert!(cache.get(at, key).is_none());
            cache.put(at, key, entry(i as u32));
            assert_eq!(cache.get(cache.place(key), key), Some(&entry(i as u32)));
        }
        let kept = keys
            .iter()
            .filter(|key| cache.get(cache.place(key), key).is_some())
            .count();
        assert!((1..=4).contains(&kept), "{kept}");
    }

    #[test]
    fn growing_forgets_nothing_that_fits() {
        let mut cache = TokenCache::new(1 << 15);
        let keys: Vec<Key> = (1..6000u64).map(|i| [i * i, i, 0, 0]).collect();
        for (i, key) in keys.iter().enumerate() {
            cache.put(cache.place(key), key, entry(i as u32));
        }
        assert!(cache.slots.len() > FIRST_SLOTS);
        let kept = keys
            .iter()
            .enumerate()
            .filter(|(i, key)| cache.get(cache.place(key), key) == Some(&entry(*i as u32)));
        assert!(kept.count() > 5000);
    }
}
