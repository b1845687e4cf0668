//! A map from numbers to small values, built once and only read: open addressing with linear probing, and one byte of
//! the hash of each place apart from the places, eight of which are compared at once (after Abseil's "Swiss tables").
//!
//! Look-ups are done together: [`NumberTable::ask`] reads only the bytes, which stay near the processor, and keeps what
//! may be there; [`NumberTable::answer`] then reads the places, one independent of the other, so that the processor
//! fetches them side by side.

use std::hash::{BuildHasher, RandomState};

use super::prefetch::prefetch;
use super::{Sums, WeightRow, add_row};

/// How many bytes are compared at once.
const GROUP: usize = 8;
const ONES: u64 = u64::from_le_bytes([1; GROUP]);
const HIGH_BITS: u64 = ONES << 7;

/// Values by number, for numbers that are not 0.
#[derive(Debug)]
pub(super) struct NumberTable<V = WeightRow> {
    /// For each place seven bits of the hash of what is there, and the eighth; 0 where nothing is.
    tags: Vec<u8>,
    places: Vec<(u64, V)>,
    filled: usize,
    /// An odd number drawn at random, so that nobody can make up a model whose numbers all meet in one place.
    spread: u64,
    shift: u32,
}

/// A number that may be in a table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Candidate {
    number: u64,
    place: u32,
}

/// Numbers that may be in a table; to be used again from one round of look-ups to the next.
#[derive(Debug, Default)]
pub(super) struct LookUps {
    candidates: Vec<Candidate>,
    found: usize,
}

impl LookUps {
    /// Gives back the room beyond that for `kept` look-ups.
    pub(super) fn shrink_to(&mut self, kept: usize) {
        self.candidates.truncate(kept);
        self.candidates.shrink_to(kept);
    }
}

impl<V: Copy + Default> NumberTable<V> {
    /// An empty table with room for `count` numbers; with more of them it grows.
    pub(super) fn with_capacity(count: usize) -> Self {
        let size = (count * 8 / 7 + 1).next_power_of_two().max(16);
        Self {
            tags: vec![0; size + GROUP],
            places: vec![Default::default(); size + GROUP],
            filled: 0,
            spread: RandomState::new().hash_one(size) | 1,
            shift: 64 - size.trailing_zeros(),
        }
    }

    /// Puts in a number, not 0 and not in the table, and its value.
    #[inline]
    pub(super) fn insert(&mut self, number: u64, value: V) {
        if 8 * self.filled >= 7 << (64 - self.shift) {
            self.grow();
        }
        self.filled += 1;
        let (mut at, tag) = self.start(number);
        while let Some(group) = self.tags.get(at..at + GROUP).and_then(<[u8]>::first_chunk) {
            let empty = zero_bytes(u64::from_le_bytes(*group));
            if empty == 0 {
                at += GROUP;
                continue;
            }
            at += empty.trailing_zeros() as usize / 8;
            break;
        }
        // Behind the last place there is always a group of empty ones.
        match self.places.get_mut(at) {
            Some(place) if at + GROUP < self.tags.len() => {
                self.tags[at] = tag;
                *place = (number, value);
            }
            _ => self.insert_behind(at, tag, (number, value)),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let mut larger = Self::with_capacity(2 * self.filled);
        let filled = self.tags.iter().zip(&self.places).filter(|&(&tag, _)| tag != 0);
        filled.for_each(|(_, &(number, value))| larger.insert(number, value));
        *self = larger;
    }

    #[cold]
    #[inline(never)]
    fn insert_behind(&mut self, at: usize, tag: u8, place: (u64, V)) {
        self.tags.resize(at + GROUP + 1, 0);
        self.places.resize(at + GROUP + 1, Default::default());
        self.tags[at] = tag;
        self.places[at] = place;
    }

    /// Where the look-up of a number begins, and its tag.
    #[inline]
    fn start(&self, number: u64) -> (usize, u8) {
        let hash = number.wrapping_mul(self.spread);
        ((hash >> self.shift) as usize, (hash >> (self.shift - 8)) as u8 | 1)
    }

    /// Where a number is, or the first empty place from `start` on.
    #[inline]
    fn probe(&self, start: usize, number: u64) -> usize {
        let mut places = self.tags[start..].iter().zip(&self.places[start..]);
        let end = places.position(|(&tag, (known, _))| tag == 0 || *known == number);
        start + end.unwrap_or(self.tags.len() - start)
    }

    /// Where a number may be, if it may be in the table; the memory of the place is on the way from now on.
    #[inline(always)]
    fn locate(&self, number: u64) -> (Candidate, bool) {
        let (start, tag) = self.start(number);
        let group = self.tags[start..].first_chunk().copied().map_or(0, u64::from_le_bytes);
        let same = zero_bytes(group ^ (ONES * u64::from(tag)));
        let none_empty = zero_bytes(group) == 0;
        let offset = if same == 0 { 0 } else { same.trailing_zeros() / 8 };
        let place = start as u32 + offset;
        prefetch(&self.places[place as usize]);
        (Candidate { number, place }, same != 0 || none_empty)
    }

    /// Asks for one number. The answer comes with [`NumberTable::resolve`].
    #[inline]
    pub(super) fn ask_one(&self, number: u64) -> Option<Candidate> {
        let (candidate, found) = self.locate(number);
        found.then_some(candidate)
    }

    /// The value of a number that was asked for.
    #[inline]
    pub(super) fn resolve(&self, candidate: Candidate) -> Option<V> {
        let (number, value) = self.places[candidate.place as usize];
        if number == candidate.number {
            return Some(value);
        }
        self.get(candidate.number).copied()
    }

    /// The value of a number.
    #[cold]
    #[inline(never)]
    fn get(&self, number: u64) -> Option<&V> {
        let place = self.probe(self.start(number).0, number);
        self.tags
            .get(place)
            .filter(|&&tag| tag != 0)
            .map(|_| &self.places[place].1)
    }
}

impl NumberTable {
    /// Asks for a number. The answer comes with [`NumberTable::answer`].
    #[inline(always)]
    pub(super) fn ask(&self, number: u64, look_ups: &mut LookUps) {
        if look_ups.found == look_ups.candidates.len() {
            let room = 2 * look_ups.found + 64;
            look_ups.candidates.resize(room, Candidate::default());
        }
        let (candidate, found) = self.locate(number);
        look_ups.candidates[look_ups.found] = candidate;
        look_ups.found += usize::from(found);
    }

    /// Adds the weights of each number that was asked for and that the table has, once for each time.
    ///
    /// Whether a place holds the number is known only when memory has answered, so nothing is decided on it at once: the
    /// weights of another number are masked out, and the number is looked for afterwards.
    #[inline]
    pub(super) fn answer(&self, look_ups: &mut LookUps, sums: &mut Sums) {
        let mut elsewhere = 0;
        let mut total = Sums::default();
        for i in 0..look_ups.found {
            let candidate = look_ups.candidates[i];
            let (number, weights) = &self.places[candidate.place as usize];
            let here = *number == candidate.number;
            let mask = -i16::from(here);
            add_row(&mut total, &weights.map(|weight| weight & mask));
            look_ups.candidates[elsewhere] = candidate;
            elsewhere += usize::from(!here);
        }
        for candidate in &look_ups.candidates[..elsewhere] {
            if let Some(weights) = self.get(candidate.number) {
                add_row(&mut total, weights);
            }
        }
        sums.iter_mut().zip(total).for_each(|(sum, part)| *sum += part);
        look_ups.found = 0;
    }
}

/// The high bit of each byte that is zero; possibly also of bytes behind the first such byte.
#[inline]
fn zero_bytes(group: u64) -> u64 {
    group.wrapping_sub(ONES) & !group & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// Weights that tell one value from another.
    fn weights(value: u32) -> WeightRow {
        [value as i16, 1, (value >> 16) as i16, -1]
    }

    fn assert_agrees(entries: &[(u64, u32)], asked: &[u64], room: usize) {
        let expected: HashMap<u64, u32> = entries.iter().copied().collect();
        let mut table = NumberTable::with_capacity(room);
        entries
            .iter()
            .for_each(|&(number, value)| table.insert(number, weights(value)));
        let mut look_ups = LookUps::default();
        for asked in [asked, &asked[..asked.len() / 2]] {
            let (mut found, mut wanted) = ([100; 4], [100; 4]);
            asked.iter().for_each(|&number| table.ask(number, &mut look_ups));
            table.answer(&mut look_ups, &mut found);
            for value in asked.iter().filter_map(|number| expected.get(number)) {
                add_row(&mut wanted, &weights(*value));
            }
            assert_eq!(found, wanted);
        }
        for &number in asked {
            let found = table.ask_one(number).and_then(|candidate| table.resolve(candidate));
            assert_eq!(found, expected.get(&number).map(|value| weights(*value)));
        }
    }

    #[test]
    fn agrees_with_a_hash_map_when_it_is_as_full_as_it_gets() {
        for count in [0, 13, 14, 55, 56, 3500, 3583, 57_000] {
            let entries: Vec<(u64, u32)> = (1..=count).map(|i| (u64::from(i * 7 + i % 3), i)).collect();
            let asked: Vec<u64> = (1..=u64::from(count) * 8).collect();
            assert_agrees(&entries, &asked, entries.len());
            assert_agrees(&entries, &asked, 0);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_hash_map(
            entries in prop::collection::hash_map(1u64..2000, any::<u32>(), 0..600),
            asked in prop::collection::vec(1u64..4000, 0..600),
        ) {
            assert_agrees(&entries.into_iter().collect::<Vec<_>>(), &asked, 20);
        }
    }
}
