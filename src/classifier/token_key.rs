//! The bytes of a token as two numbers: different tokens, different numbers.
//!
//! A character of U+0600 to U+06FF has two bytes in UTF-8, of which eight bits tell it from the others; so fifteen of
//! them fit into 120 bits. Any other token of up to fifteen bytes is taken as it is, with the last byte as a mark.

/// The longest token, in bytes, that has a key.
const LONGEST: usize = 30;
/// How many bytes are read at once.
const WINDOW: usize = 32;
/// The last byte of a key of plain bytes.
const PLAIN: u64 = 0xFF << 56;
const LONGEST_PLAIN: usize = 15;

/// In each pair of bytes.
const fn pairs(of: u64) -> u64 {
    of * 0x0001_0001_0001_0001
}
/// What the bytes of a character of U+0600 to U+06FF have in common, and where.
const ARABIC: u64 = pairs(0x80D8);
const ARABIC_BITS: u64 = pairs(0xC0FC);

/// The key of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Key {
    low: u64,
    high: u64,
}

impl Key {
    /// No token's key.
    pub(super) const NONE: Self = Self { low: 0, high: 0 };

    /// The key of two words.
    #[inline]
    pub(super) fn new(low: u64, high: u64) -> Self {
        Self { low, high }
    }

    /// The two words.
    #[inline]
    pub(super) fn words(self) -> [u64; 2] {
        [self.low, self.high]
    }

    /// The key of the token at `start..end` of `text`; [`Key::NONE`] if it is too long to have one. A token holds
    /// neither U+0000 nor U+0600, so that zeros tell where it ends. `is_run`: whether all its characters are known to be of
    /// U+0600 to U+06FF.
    #[inline(always)]
    pub(super) fn of(text: &[u8], start: usize, end: usize, is_run: bool) -> Self {
        let length = end - start;
        if length > LONGEST {
            return Self::NONE;
        }
        // A whole fixed-size read, then the bytes behind the token are masked out.
        if let Some(ahead) = text[start..].first_chunk() {
            return Self::of_words(words(ahead), length, is_run);
        }
        let mut bytes = [0u8; WINDOW];
        bytes[..length].copy_from_slice(&text[start..end]);
        Self::of_words(words(&bytes), length, is_run)
    }

    #[inline(always)]
    fn of_words(mut words: [u64; 4], length: usize, is_run: bool) -> Self {
        let mask = &MASKS[length];
        words.iter_mut().zip(mask).for_each(|(word, mask)| *word &= mask);
        let [a, b, c, d] = words;
        if is_run || is_arabic(words, mask) {
            Self::new(squeeze(a) | squeeze(b) << 32, squeeze(c) | squeeze(d) << 32)
        } else if length <= LONGEST_PLAIN {
            Self::new(a, b | PLAIN)
        } else {
            Self::NONE
        }
    }

    /// A hash, of which all bits are good.
    #[inline]
    pub(super) fn hash(self) -> u64 {
        let product = u128::from(self.low ^ 0x9E37_79B9_7F4A_7C15) * u128::from(self.high ^ 0xD6E8_FEB8_6659_FD93);
        product as u64 ^ (product >> 64) as u64
    }
}

/// Whether all characters within the mask are of U+0600 to U+06FF.
fn is_arabic(words: [u64; 4], mask: &[u64; 4]) -> bool {
    let mut pairs = words.iter().zip(mask);
    pairs.all(|(word, mask)| word & ARABIC_BITS == ARABIC & mask)
}

/// The eight telling bits of each of four characters.
#[inline]
fn squeeze(word: u64) -> u64 {
    let codes = (word >> 8 & pairs(0x3F)) | (word & pairs(0x03)) << 6;
    let twos = (codes | codes >> 8) & 0x0000_FFFF_0000_FFFF;
    (twos | twos >> 16) & 0xFFFF_FFFF
}

/// For each length of a token what of a window belongs to it.
static MASKS: [[u64; WINDOW / 8]; LONGEST + 1] = {
    let mut masks = [[0; WINDOW / 8]; LONGEST + 1];
    let mut at = 0;
    while at < (LONGEST + 1) * WINDOW {
        let (length, byte) = (at / WINDOW, at % WINDOW);
        if byte < length {
            masks[length][byte / 8] |= 0xFF << (byte % 8 * 8);
        }
        at += 1;
    }
    masks
};

#[inline]
fn words(bytes: &[u8; WINDOW]) -> [u64; 4] {
    let (chunks, _) = bytes.as_chunks::<8>();
    [chunks[0], chunks[1], chunks[2], chunks[3]].map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenize;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn key(token: &str) -> Key {
        Key::of(token.as_bytes(), 0, token.len(), false)
    }

    #[test]
    fn keys_are_equal_wherever_the_token_stands() {
        let text = "نفى قال نفى ولكن المتحدث باسم الوزارة نفى".as_bytes();
        let at = |start: usize| Key::of(text, start, start + 6, start == 0);
        assert_eq!(at(0), at(14));
        assert_eq!(at(0), at(text.len() - 6));
        assert_ne!(at(0), at(7));
    }

    #[test]
    fn only_short_tokens_have_a_key() {
        assert_ne!(key(&"و".repeat(15)), Key::NONE);
        assert_eq!(key(&"و".repeat(16)), Key::NONE);
        assert_ne!(key(&"7".repeat(15)), Key::NONE);
        assert_eq!(key(&"7".repeat(16)), Key::NONE);
    }

    proptest! {
        #[test]
        fn different_tokens_have_different_keys(text in r#"([\u{601}-\u{6ff}]{1,3}|[a-c0-2.]{1,3}|\PC{1,2}| )*"#) {
            let mut seen: HashMap<[u64; 2], &str> = HashMap::new();
            let mut tokens = tokenize(&text);
            while let Some((token, is_run)) = tokens.next_with_run() {
                let of = |is_run| Key::of(text.as_bytes(), token.span.start, token.span.end, is_run);
                let key = of(false);
                prop_assert_eq!(of(is_run), key);
                let token = token.span.of(&text);
                if key != Key::NONE {
                    prop_assert_eq!(*seen.entry(key.words()).or_insert(token), token);
                }
            }
        }
    }
}
