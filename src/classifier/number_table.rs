//! A map from numbers to columns: open addressing with linear probing, at most half full, built once and only read.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;

/// Columns by number. The number 0 cannot be stored; it stands for an empty place.
#[derive(Debug)]
pub(super) struct NumberTable {
    places: Vec<(u64, u32)>,
    /// An odd number drawn at random, so that nobody can make up a model whose numbers all meet in one place.
    spread: u64,
    shift: u32,
}

/// A number to be looked up, and where its look-up begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query {
    number: u64,
    start: usize,
}

impl NumberTable {
    /// The table of `(number, column)` pairs; of equal numbers the last one counts.
    pub(super) fn new(entries: &[(u64, u32)]) -> Self {
        let size = (2 * entries.len()).next_power_of_two().max(16);
        let spread = RandomState::new().hash_one(size) | 1;
        let mut table = Self {
            places: vec![(0, 0); size],
            spread,
            shift: 64 - size.trailing_zeros(),
        };
        for &(number, column) in entries {
            let place = table.probe(table.query(number));
            table.places[place] = (number, column);
        }
        table
    }

    /// Prepares a look-up.
    #[inline]
    pub(super) fn query(&self, number: u64) -> Query {
        Query {
            number,
            start: (number.wrapping_mul(self.spread) >> self.shift) as usize,
        }
    }

    /// The column of a number.
    #[inline]
    pub(super) fn column(&self, query: Query) -> Option<u32> {
        let (found, column) = self.places[self.probe(query)];
        (found != 0).then_some(column)
    }

    /// Reads the first place of each query, so that the processor fetches them side by side.
    #[inline]
    pub(super) fn touch(&self, queries: &[Query]) {
        black_box(queries.iter().fold(0, |sum, query| sum ^ self.places[query.start].0));
    }

    /// Where a number is, or the empty place where it would be.
    #[inline]
    fn probe(&self, query: Query) -> usize {
        let mask = self.places.len() - 1;
        let mut at = query.start;
        while self.places[at].0 != query.number && self.places[at].0 != 0 {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn agrees_with_a_hash_map() {
        let entries: Vec<(u64, u32)> = (1..3000u32)
            .map(|i| (u64::from(i) * u64::from(i) % 4093 + 1, i))
            .collect();
        let expected: HashMap<u64, u32> = entries.iter().copied().collect();
        let table = NumberTable::new(&entries);
        for number in 1..5000 {
            assert_eq!(table.column(table.query(number)), expected.get(&number).copied());
        }
        let empty = NumberTable::new(&[]);
        assert_eq!(empty.column(empty.query(7)), None);
    }
}
