//! Ascending keys as numbers: what a key shares with the one before it is not packed again.

use super::alphabet::{Alphabet, BITS, Code};
use crate::features::Step;

/// So many bytes of a key can be taken over from the one before; nearly all keys are shorter.
const DEPTHS: usize = 64;
/// The most characters that fit into a number.
const LONGEST: u32 = 10;
/// Instead of a number: what was read cannot be packed.
const UNPACKABLE: u64 = u64::MAX;

/// What is known after some bytes of a key.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// The characters since the key's prefix or the separator; 0 if there are none.
    packed: u64,
    /// Where the separator is; 0 before there is one.
    split: usize,
}

/// Packs the keys of a vocabulary that begin with the same ASCII character, one after another.
#[derive(Debug)]
pub(super) struct Packer<'a> {
    alphabet: &'a Alphabet,
    separator: Option<char>,
    /// For each number of bytes of the last key that are whole characters.
    states: [State; DEPTHS],
}

/// A key as numbers, without its prefix. A number is as [`Alphabet::pack`] gives it; `None` where it gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedKey {
    /// What comes before the first separator, and where that is.
    pub left: Option<(Option<u64>, usize)>,
    /// What comes after it, or all if there is no separator.
    pub right: Option<u64>,
}

impl<'a> Packer<'a> {
    /// A packer of keys that consist of two parts if there is a `separator`.
    pub(super) fn new(alphabet: &'a Alphabet, separator: Option<char>) -> Self {
        Self {
            alphabet,
            separator,
            states: [State::default(); DEPTHS],
        }
    }

    /// The numbers of the next key.
    #[inline]
    pub(super) fn pack(&mut self, step: &Step<'_>) -> PackedKey {
        // The prefix is one byte, and the state behind it never changes.
        let mut depth = if step.shared < DEPTHS { step.shared.max(1) } else { 1 };
        let mut state = self.states[depth];
        for c in step.key[depth..].chars() {
            state = self.after(state, depth, c);
            depth += c.len_utf8();
            if let Some(known) = self.states.get_mut(depth) {
                *known = state;
            }
        }
        // A part that ends behind the kept states has too many characters.
        let left = self.states.get(state.split).map_or(UNPACKABLE, |state| state.packed);
        PackedKey {
            left: (state.split > 0).then_some((number(left), state.split)),
            right: number(state.packed),
        }
    }

    #[inline]
    fn after(&self, State { packed, split }: State, depth: usize, c: char) -> State {
        if split == 0 && Some(c) == self.separator {
            return State {
                packed: 0,
                split: depth,
            };
        }
        let packed = match self.alphabet.code(c) {
            Code::Number(number) if packed >> (BITS * (LONGEST - 1)) == 0 => packed << BITS | u64::from(number),
            _ => UNPACKABLE,
        };
        State { packed, split }
    }
}

#[inline]
fn number(packed: u64) -> Option<u64> {
    (packed != 0 && packed != UNPACKABLE).then_some(packed)
}

#[cfg(test)]
mod tests {
    use super::super::alphabet::Packed;
    use super::*;
    use crate::features::Vocabulary;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_numbers_as_one_by_one(keys in prop::collection::btree_set("[bc][اab\u{1F00}]{0,9}[ a]{0,3}[اب]{0,12}[a]{0,60}[اa]{0,9}", 1..60)) {
            let vocabulary = Vocabulary::from_sorted(&keys).unwrap();
            let alphabet = Alphabet::new(&vocabulary);
            let alone = |text: &str| match alphabet.pack(text, LONGEST as usize) {
                Packed::Number(number) => Some(number),
                _ => None,
            };
            for prefix in ['b', 'c'] {
                let (mut whole, mut pairs) = (Packer::new(&alphabet, None), Packer::new(&alphabet, Some(' ')));
                for step in vocabulary.with_prefix(prefix) {
                    let text = &step.key[1..];
                    prop_assert_eq!(whole.pack(&step), PackedKey { left: None, right: alone(text) });
                    let pair = pairs.pack(&step);
                    if let Some((left, right)) = text.split_once(' ') {
                        prop_assert_eq!(pair.left, Some((alone(left), 1 + left.len())));
                        prop_assert_eq!(pair.right, alone(right));
                    } else {
                        prop_assert_eq!(pair, PackedKey { left: None, right: alone(text) });
                    }
                }
            }
        }
    }
}
