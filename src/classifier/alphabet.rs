//! Characters as small numbers, so that n-grams and most stems fit into 64 bits.
//!
//! The characters of a vocabulary are few (38 in the Arabic news model), and get numbers of six bits as they come. Of
//! more than 63 the commonest get numbers; a text with another one goes the way of strings, with the same result.

use crate::features::Vocabulary;

/// Bits of a character's number.
pub(super) const BITS: u32 = 6;
/// Characters from here on have no number.
const TABLE_END: usize = 0x700;
/// Table entry: the vocabulary does not have this character.
const ABSENT: u8 = 0;
/// Table entry: the vocabulary has it, but it has no number.
const UNNUMBERED: u8 = u8::MAX;

/// What a character is to a vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Its number, 1 to 63.
    Number(u8),
    /// No key of the vocabulary has it.
    Absent,
    /// It may be in the vocabulary, but has no number.
    Unnumbered,
}

/// A string as one number, if it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    /// Its number, not 0; different for different strings.
    Number(u64),
    /// It has a character that the vocabulary does not have.
    Absent,
    /// It is too long, or has a character without number.
    Unpackable,
}

/// The numbers of the characters of a vocabulary.
#[derive(Debug, Clone)]
pub(super) struct Alphabet {
    codes: Box<[u8; TABLE_END]>,
    /// How many characters came that could have a number.
    known: usize,
}

impl Default for Alphabet {
    /// No character is known yet.
    fn default() -> Self {
        Self {
            codes: Box::new([ABSENT; TABLE_END]),
            known: 0,
        }
    }
}

impl Alphabet {
    /// Numbers the characters of a vocabulary, the commonest ones first.
    pub(super) fn by_frequency(vocabulary: &Vocabulary) -> Self {
        let mut counts = [0u32; TABLE_END];
        for c in vocabulary.keys().flat_map(str::chars) {
            if let Some(count) = counts.get_mut(c as usize) {
                *count += 1;
            }
        }
        let mut found: Vec<usize> = (0..TABLE_END).filter(|&c| counts[c] > 0).collect();
        found.sort_by_key(|&c| std::cmp::Reverse(counts[c]));
        let mut alphabet = Self::default();
        for c in found {
            alphabet.learn(c);
        }
        alphabet
    }

    /// What `build` makes of the characters of a vocabulary, numbered as they come to it; if they are too many, the commonest
    /// ones are numbered, and it builds again.
    pub(super) fn numbering<T>(vocabulary: &Vocabulary, build: impl Fn(&mut Self) -> T) -> (Self, T) {
        let mut alphabet = Self::default();
        let mut built = build(&mut alphabet);
        if alphabet.is_full() {
            drop(built);
            alphabet = Self::by_frequency(vocabulary);
            built = build(&mut alphabet);
        }
        (alphabet, built)
    }

    /// Whether there are more characters than numbers.
    pub(super) fn is_full(&self) -> bool {
        self.known >= 1 << BITS
    }

    /// The number of a character of the vocabulary: its own, or the next one if there is one.
    #[inline]
    pub(super) fn number(&mut self, c: u32) -> Option<u8> {
        let code = match *self.codes.get(c as usize)? {
            ABSENT => self.learn(c as usize),
            code => code,
        };
        (code != UNNUMBERED).then_some(code)
    }

    #[cold]
    #[inline(never)]
    fn learn(&mut self, c: usize) -> u8 {
        self.known += 1;
        self.codes[c] = if self.is_full() { UNNUMBERED } else { self.known as u8 };
        self.codes[c]
    }

    /// Gives out the numbers anew, in the order of the characters. For each old number the new one.
    pub(super) fn put_in_order(&mut self) -> [u8; 1 << BITS] {
        let mut new = [ABSENT; 1 << BITS];
        let numbered = self
            .codes
            .iter_mut()
            .filter(|code| !matches!(**code, ABSENT | UNNUMBERED));
        for (code, number) in numbered.zip(1..) {
            new[usize::from(*code)] = number;
            *code = number;
        }
        new
    }

    /// What a character is to the vocabulary.
    #[inline]
    pub(super) fn code(&self, c: char) -> Code {
        match self.codes.get(c as usize) {
            Some(&ABSENT) => Code::Absent,
            Some(&UNNUMBERED) | None => Code::Unnumbered,
            Some(&number) => Code::Number(number),
        }
    }

    /// A string of at most `longest` (at most 10) characters as a number.
    #[inline]
    pub(super) fn pack(&self, text: &str, longest: usize) -> Packed {
        let mut packed = 0u64;
        let mut too_much = false;
        for (i, c) in text.chars().enumerate() {
            match self.code(c) {
                Code::Number(number) => packed = packed << BITS | u64::from(number),
                Code::Absent => return Packed::Absent,
                Code::Unnumbered => too_much = true,
            }
            too_much |= i >= longest;
        }
        if too_much || packed == 0 {
            Packed::Unpackable
        } else {
            Packed::Number(packed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_strings_apart() {
        let keys = ["cاب", "cابا", "cب", "cا"];
        let mut sorted = keys;
        sorted.sort_unstable();
        let alphabet = Alphabet::by_frequency(&Vocabulary::from_sorted(sorted).unwrap());
        let packed: std::collections::HashSet<_> = keys
            .iter()
            .map(|key| match alphabet.pack(&key[1..], 10) {
                Packed::Number(number) => number,
                other => panic!("{key}: {other:?}"),
            })
            .collect();
        assert_eq!(packed.len(), keys.len());
        assert_eq!(alphabet.pack("ات", 10), Packed::Absent);
        assert_eq!(alphabet.pack("اب\u{1F00}", 10), Packed::Unpackable);
        assert_eq!(alphabet.pack("اباباباباب", 9), Packed::Unpackable);
        assert_eq!(alphabet.pack("", 9), Packed::Unpackable);
    }

    #[test]
    fn the_commonest_characters_get_the_numbers() {
        let keys: Vec<String> = (0..100u32)
            .map(|i| format!("c{}", char::from_u32(0x100 + i).unwrap()))
            .collect();
        let alphabet = Alphabet::by_frequency(&Vocabulary::from_sorted(keys).unwrap());
        let numbered =
            (0..100u32).filter(|i| matches!(alphabet.code(char::from_u32(0x100 + i).unwrap()), Code::Number(_)));
        assert_eq!(numbered.count(), 62, "and the letter c");
        assert_eq!(alphabet.code('\u{1C0}'), Code::Absent);
    }
}
