//! Letters and spaces of a stretch of text as bits, found for many bytes at once.
//!
//! Enters: bytes of UTF-8. Leaves: which of 64 bytes belong to the letters of Arabic, and which are spaces. Must not
//! know: tokens.
//!
//! The bits of all bytes are found side by side (after G. Langdale and D. Lemire, "Parsing gigabytes of JSON per second",
//! 2019), so that the end of a word costs the same few steps whatever its length.

use wide::u8x16;

/// How many bytes a window has.
const BYTES: usize = 64;
const LANES: usize = 16;
/// From here on the end of a long word may lie outside the window.
const HALF: usize = 32;

/// What is known of the 64 bytes from `at` on; bytes behind the end of the text are neither letters nor spaces.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    at: usize,
    letters: u64,
    spaces: u64,
}

/// Of 64 bytes, one bit each, which belong to the characters of U+0620 to U+065F, to tatweel (U+0640), or are spaces.
struct Bits {
    letters: u64,
    tatweels: u64,
    spaces: u64,
}

impl Bits {
    /// The bits of the bytes from `at` on. Behind the end of the text there is nothing.
    #[inline]
    fn new(text: &[u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(bytes) = rest.first_chunk() {
            return Self::of(bytes);
        }
        let mut bytes = [0; BYTES];
        bytes[..rest.len()].copy_from_slice(rest);
        Self::of(&bytes)
    }

    #[inline(always)]
    fn of(bytes: &[u8; BYTES]) -> Self {
        let (parts, _) = bytes.as_chunks::<LANES>();
        let [mut leads_d8, mut leads_d9, mut low_trails, mut high_trails] = [0; 4];
        let [mut firsts, mut spaces] = [0; 2];
        for (i, part) in parts.iter().enumerate() {
            let part = u8x16::from(*part);
            let bits = |equal: u8x16| u64::from(equal.to_bitmask()) << (i * LANES);
            let class = part & u8x16::splat(0xE0);
            leads_d8 |= bits(part.simd_eq(u8x16::splat(0xD8)));
            leads_d9 |= bits(part.simd_eq(u8x16::splat(0xD9)));
            low_trails |= bits(class.simd_eq(u8x16::splat(0x80)));
            high_trails |= bits(class.simd_eq(u8x16::splat(0xA0)));
            firsts |= bits(part.simd_eq(u8x16::splat(0x80)));
            spaces |= bits(part.simd_eq(u8x16::splat(b' ')));
        }
        // U+0620 to U+063F are D8 A0 to D8 BF, U+0640 to U+065F are D9 80 to D9 9F.
        let letters = leads_d8 & high_trails >> 1 | leads_d9 & low_trails >> 1;
        let tatweels = leads_d9 & firsts >> 1;
        Self {
            letters: letters | letters << 1,
            tatweels: tatweels | tatweels << 1,
            spaces,
        }
    }
}

/// How many of the bytes from `at` on, up to 63 or so, are letters of U+0620 to U+065F other than tatweel, or spaces.
#[inline]
pub fn letters_and_spaces(text: &str, at: usize) -> usize {
    let bits = Bits::new(text.as_bytes(), at);
    (bits.letters & !bits.tatweels | bits.spaces).trailing_ones() as usize
}

impl Window {
    /// The window that begins at byte `at`.
    #[inline]
    pub fn new(text: &[u8], at: usize) -> Self {
        let Bits { letters, spaces, .. } = Bits::new(text, at);
        Self { at, letters, spaces }
    }

    /// Moves the window, if need be, so that byte `at`, not before its beginning, lies in its first half.
    #[inline]
    pub fn reach(&mut self, text: &[u8], at: usize) {
        if at - self.at > HALF {
            *self = Self::new(text, at);
        }
    }

    /// How many bytes from `at` on, in the first half, are characters of U+0620 to U+065F: letters of Arabic, tatweel and
    /// vowel marks. From 30 on there may be more of them.
    #[inline]
    pub fn letters(&self, at: usize) -> usize {
        (!(self.letters >> (at - self.at))).trailing_zeros() as usize
    }

    /// Whether a byte of the window is a space.
    #[inline]
    pub fn is_space(&self, at: usize) -> bool {
        self.spaces >> (at - self.at) & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_agrees(text: &str) {
        let bytes = text.as_bytes();
        let mut window = Window::new(bytes, 0);
        for (at, _) in text.char_indices() {
            window.reach(bytes, at);
            let run = text[at..].chars().take_while(|c| ('\u{620}'..='\u{65F}').contains(c));
            let (expected, found) = (2 * run.count(), window.letters(at));
            assert!(
                found == expected || found.min(expected) >= 30,
                "{text:?} {at}: {found}, not {expected}"
            );
            assert_eq!(window.is_space(at), bytes[at] == b' ', "{text:?} {at}");
            let dull = text[at..].chars();
            let dull = dull.take_while(|&c| c == ' ' || c != '\u{640}' && ('\u{620}'..='\u{65F}').contains(&c));
            let (expected, found) = (dull.map(char::len_utf8).sum::<usize>(), letters_and_spaces(text, at));
            assert!(
                found == expected || expected > 62 && text.is_char_boundary(at + found),
                "{text:?} {at}"
            );
        }
    }

    #[test]
    fn every_character_alone_and_among_others() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            assert_agrees(&format!("{c}بيان{c}"));
        }
    }

    proptest! {
        #[test]
        fn agrees_with_character_after_character(text in "([\u{620}-\u{65f}]{0,40}[\u{5f0}-\u{6ff} a]{0,3}){0,8}") {
            assert_agrees(&text);
        }
    }
}
