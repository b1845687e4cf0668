//! What each distinct token contributes, computed once.
//!
//! Word frequencies are Zipfian: a few thousand forms make up most of any text. The cache is a fixed number of
//! sets of two slots, addressed by the hash of the token's bytes; a new token takes the first slot of its set, the one
//! that was there moves to the second, and a hit in the second moves to the first. So memory is bounded whatever the
//! text, and a stream of words that never repeat only makes the cache useless.

use std::hint::black_box;

use super::INLINE_LABELS;

/// The longest token, in bytes, that is kept.
const LONGEST: usize = 32;

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

/// A slot is one cache line of eight words: the key, the sums in pairs, stem and terms together, and in the first slot
/// of a set the fingerprint of the key in the second, so that a miss need not wait for another cache line.
const SLOT: usize = 8;
/// Where in a slot the fingerprint is.
const FINGERPRINT: usize = 7;
/// Two slots.
type Set = [u64; 2 * SLOT];

impl TokenEntry {
    #[inline]
    fn to_words(self) -> [u64; 3] {
        let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let [a, b, c, d] = self.sums.map(|sum| sum as u32);
        [pair(a, b), pair(c, d), pair(self.stem, self.terms)]
    }

    #[inline]
    fn from_words(words: &[u64; SLOT]) -> Self {
        let halves = |word: u64| [word as u32, (word >> 32) as u32];
        let ([a, b], [c, d], [stem, terms]) = (halves(words[4]), halves(words[5]), halves(words[6]));
        Self {
            sums: [a, b, c, d].map(|sum| sum as i32),
            stem,
            terms,
        }
    }
}

/// The first slot of a set, as a word of the cache.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(u32);

/// A bounded map from tokens to what they contribute.
#[derive(Debug)]
pub(super) struct TokenCache {
    /// Plain words of zero: the operating system hands out their pages when they are first written, so a short text
    /// does not pay for the room that a long one needs.
    words: Vec<u64>,
    /// Where in `words` the first cache line begins.
    base: usize,
    shift: u32,
}

impl TokenCache {
    /// A cache of about `slots` slots of 64 bytes.
    pub(super) fn new(slots: usize) -> Self {
        let slots = slots.next_power_of_two().clamp(4, 1 << 26);
        let words = vec![0; (slots + 1) * SLOT];
        let base = words.as_ptr().align_offset(64);
        Self {
            words,
            base: if base < SLOT { base } else { 0 },
            shift: 64 - (slots / 2).trailing_zeros(),
        }
    }

    #[inline]
    fn set(&mut self, at: Place) -> &mut Set {
        let words = &mut self.words[at.0 as usize..];
        words.first_chunk_mut().expect("a place is within the cache")
    }

    /// The key of the token at `start..end` of `text`; `None` if it is too long to be kept.
    #[inline]
    pub(super) fn key(text: &[u8], start: usize, end: usize) -> Option<Key> {
        let length = end - start;
        if length > LONGEST {
            return None;
        }
        // A whole fixed-size read, then the bytes behind the token are masked out.
        if let Some(ahead) = text[start..].first_chunk() {
            let (mut key, mask) = (words(ahead), &MASKS[length]);
            key.iter_mut().zip(mask).for_each(|(word, mask)| *word &= mask);
            return Some(key);
        }
        let mut bytes = [0u8; LONGEST];
        bytes[..length].copy_from_slice(&text[start..end]);
        Some(words(&bytes))
    }

    /// What is known of a token; `at` is its [`TokenCache::place`].
    #[inline]
    pub(super) fn get(&mut self, at: Place, key: &Key) -> Option<TokenEntry> {
        let set = self.set(at);
        if !set.starts_with(key) {
            if set[FINGERPRINT] != fingerprint(key) || !set[SLOT..].starts_with(key) {
                return None;
            }
            let (first, second) = set.split_at_mut(SLOT);
            first.swap_with_slice(second);
            set[FINGERPRINT] = second_fingerprint(set);
        }
        set.first_chunk().map(TokenEntry::from_words)
    }

    /// Puts in what is known of a token that [`TokenCache::get`] did not find.
    pub(super) fn put(&mut self, at: Place, key: &Key, entry: TokenEntry) {
        let set = self.set(at);
        set.copy_within(..SLOT, SLOT);
        set[..4].copy_from_slice(key);
        set[4..7].copy_from_slice(&entry.to_words());
        set[FINGERPRINT] = second_fingerprint(set);
    }

    /// Reads a word of each place, so that the processor fetches them side by side instead of one after another.
    #[inline]
    pub(super) fn touch(&self, places: impl Iterator<Item = Place>) {
        black_box(places.fold(0, |sum, at| sum ^ self.words[at.0 as usize]));
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
        let set = (hash.wrapping_mul(MIX) >> self.shift) as usize;
        Place((self.base + set * 2 * SLOT) as u32)
    }
}

/// Some bits of a key.
#[inline]
fn fingerprint(key: &[u64; 4]) -> u64 {
    key[0] ^ key[1].rotate_left(13) ^ key[2].rotate_left(29) ^ key[3].rotate_left(47)
}

#[inline]
fn second_fingerprint(set: &Set) -> u64 {
    set[SLOT..].first_chunk().map_or(0, fingerprint)
}

/// For each length of a token what of a key belongs to it.
static MASKS: [Key; LONGEST + 1] = {
    let mut masks = [[0; LONGEST / 8]; LONGEST + 1];
    let mut bit = 0;
    while bit < (LONGEST + 1) * LONGEST {
        let (length, byte) = (bit / LONGEST, bit % LONGEST);
        if byte < length {
            masks[length][byte / 8] |= 0xFF << (byte % 8 * 8);
        }
        bit += 1;
    }
    masks
};

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
            assert_eq!(cache.get(cache.place(key), key), Some(entry(i as u32)));
        }
        let kept = keys
            .iter()
            .filter(|key| cache.get(cache.place(key), key).is_some())
            .count();
        assert!((1..=4).contains(&kept), "{kept}");
    }
}
