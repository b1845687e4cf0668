//! Ascending keys as numbers: what a key shares with the one before it is not packed again.

use super::alphabet::{Alphabet, BITS};
use crate::features::{Buffer, Step};

/// A key shares fewer bytes with the one before.
const DEPTHS: usize = 1 << u8::BITS;
/// The most characters that fit into a number.
pub(super) const LONGEST: u32 = 10;
/// Instead of a number: what was read cannot be packed.
const UNPACKABLE: u64 = u64::MAX;

/// Packs all keys of a vocabulary that begin with the same ASCII character, one after another. `PAIRS`: the keys are
/// divided by the first space in two.
pub(super) struct Packer<'a, const PAIRS: bool> {
    alphabet: &'a mut Alphabet,
    /// For each number of bytes of the last key what is known of these.
    states: [State; DEPTHS],
    /// The last key.
    text: Buffer,
}

/// What is known of some bytes of a key.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// The characters since the key's prefix, or since the space; 0 if there are none.
    packed: u64,
    /// Where the space is; 0 before there is one.
    space: u32,
    /// The bits of the last character's first byte.
    begun: u32,
}

/// Bits of a first byte: of a character that has more than two bytes, and so no number.
const FAR: u32 = 1 << 16;

/// A key without its prefix, or a part of it: its number as [`Alphabet::pack`] would give it, and its bytes.
pub(super) type Part<'p> = (Option<u64>, &'p [u8]);

impl<'a, const PAIRS: bool> Packer<'a, PAIRS> {
    /// Characters that are new to the alphabet get numbers.
    pub(super) fn new(alphabet: &'a mut Alphabet) -> Self {
        Self {
            alphabet,
            states: [State::default(); DEPTHS],
            text: Buffer::default(),
        }
    }

    // A call costs as much as the few bytes that are new in most keys.
    #[inline(always)]
    fn go(&mut self, step: &Step<'_>) -> State {
        // The prefix is not packed.
        let skip = usize::from(step.shared == 0);
        let mut depth = step.shared + skip;
        let mut state = self.states[depth % DEPTHS];
        let alphabet = &mut *self.alphabet;
        for &byte in &step.suffix()[skip..] {
            if byte >= 0xC0 {
                state.begun = if byte < 0xE0 { u32::from(byte & 0x1F) << 6 } else { FAR };
            } else if PAIRS && byte == b' ' && state.space == 0 {
                state.packed = 0;
                state.space = depth as u32;
            } else {
                let ascii = byte < 0x80;
                let c = if ascii {
                    u32::from(byte)
                } else {
                    state.begun | u32::from(byte & 0x3F)
                };
                state.packed = match alphabet.number(c) {
                    Some(number) if state.packed >> (BITS * (LONGEST - 1)) == 0 => {
                        state.packed << BITS | u64::from(number)
                    }
                    _ => UNPACKABLE,
                };
            }
            depth += 1;
            if let Some(known) = self.states.get_mut(depth) {
                *known = state;
            }
        }
        state
    }
}

impl Packer<'_, false> {
    /// The number of the next key without its prefix, as [`Alphabet::pack`] would give it.
    #[inline]
    pub(super) fn number(&mut self, step: &Step<'_>) -> Option<u64> {
        number(self.go(step).packed)
    }

    /// The next key without its prefix, as a number if it has one and as UTF-8.
    #[inline]
    pub(super) fn whole(&mut self, step: &Step<'_>) -> Part<'_> {
        self.text.replace(step);
        (self.number(step), &self.text.bytes()[1..])
    }
}

/// A key that is divided in two by a space.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'p> {
    left: u64,
    right: u64,
    space: usize,
    text: &'p Buffer,
    /// Whether the left part is certainly that of the key before.
    pub same_left: bool,
}

impl<'p> Pair<'p> {
    /// The part before the space.
    #[inline]
    pub(super) fn left(&self) -> Part<'p> {
        (number(self.left), &self.text.bytes()[1..self.space])
    }

    /// The part after it.
    #[inline]
    pub(super) fn right(&self) -> Part<'p> {
        (number(self.right), &self.text.bytes()[self.space + 1..])
    }
}

impl Packer<'_, true> {
    /// The parts of the next key; `None` if it has no space.
    #[inline]
    pub(super) fn pair(&mut self, step: &Step<'_>) -> Option<Pair<'_>> {
        self.text.replace(step);
        let State { packed, space, .. } = self.go(step);
        let space = space as usize;
        (space > 0).then(|| Pair {
            // A part that ends behind the kept states has too many characters.
            left: self.states.get(space).map_or(UNPACKABLE, |state| state.packed),
            right: packed,
            space,
            text: &self.text,
            same_left: step.shared > space,
        })
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
        fn the_same_numbers_as_one_by_one(
            keys in prop::collection::btree_set("[bc][اab\u{1F00}]{0,9}[ a]{0,3}[اب]{0,12}[a]{0,260}[اa]{0,9}", 1..60),
        ) {
            let vocabulary = Vocabulary::from_sorted(&keys).unwrap();
            let mut alphabet = Alphabet::default();
            let mut again = Alphabet::by_frequency(&vocabulary);
            for alphabet in [&mut alphabet, &mut again] {
                for prefix in ['b', 'c'] {
                    vocabulary.keys().flat_map(str::chars).for_each(|c| { alphabet.number(c as u32); });
                    let frozen = Alphabet::clone(alphabet);
                    let alone = |text: &str| match frozen.pack(text, LONGEST as usize) {
                        Packed::Number(number) => Some(number),
                        _ => None,
                    };
                    let mut packer = Packer::<false>::new(alphabet);
                    for step in vocabulary.with_prefix(prefix) {
                        let text = &vocabulary.key(step.column)[1..];
                        prop_assert_eq!(packer.whole(&step), (alone(text), text.as_bytes()));
                    }
                    let mut packer = Packer::<true>::new(alphabet);
                    let mut last = None;
                    for step in vocabulary.with_prefix(prefix) {
                        let parts = vocabulary.key(step.column)[1..].split_once(' ');
                        let pair = packer.pair(&step);
                        prop_assert_eq!(pair.map(|pair| (pair.left(), pair.right())), parts.map(|(a, b)| ((alone(a), a.as_bytes()), (alone(b), b.as_bytes()))));
                        let same = pair.is_some_and(|pair| pair.same_left);
                        prop_assert!(!same || last == parts.map(|(left, _)| left));
                        last = parts.map(|(left, _)| left);
                    }
                }
            }
        }
    }
}
