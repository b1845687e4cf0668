//! What each distinct token contributes, computed once and shared by all threads.
//!
//! Word frequencies are Zipfian: a few thousand forms make up most of any text. A [`Table`] is a fixed number of slots of
//! half a cache line, addressed by the hash of the token's bytes. A slot is written once and then only read, so readers
//! need no lock: what is published stays. A table that is full is replaced by one four times as large, up to a limit;
//! then by an empty one, into which goes what was used more than once ("second chance"). So a short text touches little
//! memory, memory is bounded whatever the text, and a stream of words that never repeat only makes the table useless.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, RwLock};

use zerocopy::FromZeros;

use super::fast::Contribution;
use super::prefetch::prefetch;
use super::token_key::Key;

/// A slot is four words: two of the key, then two of the [`Contribution`]. The last one is 0 until a slot is taken.
const SLOT: usize = 4;
const META: usize = 3;
/// Words of a cache line.
const LINE: usize = 8;
/// Slots of the first table, and by how much the next one is larger.
const FIRST_SLOTS: usize = 1 << 10;
const GROWTH: usize = 4;
/// How many slots a token may lie in.
const PROBES: usize = 8;

/// Flags in the lowest byte of the last word: the slot is complete; being written; was used again; has a term.
const COMPLETE: u64 = 1;
const BUSY: u64 = 2;
const USED: u64 = 4;
const TERM: u64 = 8;

/// Bits of a sum, two's complement.
const SUM_BITS: u32 = 24;

impl Contribution {
    /// The contribution in two words: 24 bits for each sum, 24 for the stem. `None` if a number is too large for that.
    fn to_words(self) -> Option<[u64; 2]> {
        let fits = |sum: i64| sum << (64 - SUM_BITS) >> (64 - SUM_BITS) == sum;
        if !self.sums.into_iter().all(fits) || self.stem >> 24 != 0 {
            return None;
        }
        let [a, b, c, d] = self.sums.map(|sum| sum as u64 & ((1 << SUM_BITS) - 1));
        let stem = u64::from(self.stem);
        let term = if self.terms > 0 { TERM } else { 0 };
        Some([
            a << 40 | b << 16 | stem & 0xFFFF,
            c << 40 | d << 16 | stem >> 16 << 8 | term,
        ])
    }

    #[inline]
    fn from_words([first, second]: [u64; 2]) -> Self {
        let sums = |word: u64| [word as i64 >> 40, (word << SUM_BITS) as i64 >> 40];
        let ([a, b], [c, d]) = (sums(first), sums(second));
        Self {
            sums: [a, b, c, d],
            stem: (first as u32 & 0xFFFF) | (second as u32 >> 8 & 0xFF) << 16,
            terms: u32::from(second & TERM != 0),
        }
    }
}

/// The first slot that a token may lie in, as a word of the table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place(u32);

/// A counter with cache lines of its own: what is read with each token must not lie beside what changes with each new one.
#[derive(Default)]
#[repr(align(128))]
struct Counter(AtomicUsize);

/// A bounded map from tokens to what they contribute, that only grows.
pub(super) struct Table {
    words: Box<[AtomicU64]>,
    /// Where in `words` the first cache line begins.
    base: usize,
    shift: u32,
    filled: Counter,
    /// How many slots may be filled before another table takes over.
    limit: usize,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let filled = &self.filled.0;
        f.debug_struct("Table").field("filled", filled).finish_non_exhaustive()
    }
}

impl Table {
    /// An empty table; `slots` is a power of two, at least 16.
    fn new(slots: usize) -> Self {
        let words = <[AtomicU64]>::new_box_zeroed_with_elems((slots + PROBES) * SLOT + LINE);
        let words = words.expect("the memory for a cache of tokens");
        let base = words.as_ptr().align_offset(64);
        Self {
            base: if base < LINE { base } else { 0 },
            words,
            shift: 64 - (slots * SLOT / LINE).trailing_zeros(),
            filled: Counter::default(),
            limit: slots / 8 * 5,
        }
    }

    #[inline]
    fn slot(&self, at: Place, probe: usize) -> &[AtomicU64; SLOT] {
        let words = &self.words[at.0 as usize + probe * SLOT..];
        words.first_chunk().expect("a place is within the table")
    }

    /// Where a token is, if it is there; its memory is on the way from now on.
    #[inline]
    pub(super) fn place(&self, key: Key) -> Place {
        let at = self.base + (key.hash() >> self.shift) as usize * LINE;
        prefetch(&self.words[at]);
        Place(at as u32)
    }

    /// What is known of a token; `at` is its [`Table::place`].
    #[inline]
    pub(super) fn get(&self, at: Place, key: Key) -> Option<Contribution> {
        for probe in 0..PROBES {
            let slot = self.slot(at, probe);
            let known = Key::new(slot[0].load(Relaxed), slot[1].load(Relaxed));
            if known == key {
                // What was written before the last word is visible to whom sees that word.
                let meta = slot[META].load(Acquire);
                if meta & COMPLETE != 0 {
                    if meta & USED == 0 {
                        slot[META].store(meta | USED, Release);
                    }
                    return Some(Contribution::from_words([slot[2].load(Relaxed), meta]));
                }
            } else if known == Key::NONE {
                return None;
            }
        }
        None
    }

    /// Puts in what is known of a token that [`Table::get`] did not find, if there is room, and says whether there was; what
    /// was put in is to be told to [`Table::count`], now or later.
    pub(super) fn put(&self, at: Place, key: Key, entry: Contribution) -> bool {
        entry.to_words().is_some_and(|words| self.put_words(at, key, words))
    }

    /// So many more tokens have been put in. The count is shared by all threads, so that it had better not change with each.
    pub(super) fn count(&self, more: usize) {
        self.filled.0.fetch_add(more, Relaxed);
    }

    fn put_words(&self, at: Place, key: Key, [first, second]: [u64; 2]) -> bool {
        for probe in 0..PROBES {
            let slot = self.slot(at, probe);
            if slot[META].compare_exchange(0, BUSY, Relaxed, Relaxed).is_ok() {
                slot[2].store(first, Relaxed);
                let [low, high] = key.words();
                slot[0].store(low, Relaxed);
                slot[1].store(high, Relaxed);
                slot[META].store(second | COMPLETE, Release);
                return true;
            }
        }
        false
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.filled.0.load(Relaxed) >= self.limit
    }

    /// A larger table with all that is known, or one of `most` slots with what was used again, at most half of what it
    /// may hold.
    fn successor(&self, most: usize) -> Self {
        let slots = self.limit / 5 * 8;
        let (next, carried) = if slots < most {
            (Self::new((GROWTH * slots).min(most)), COMPLETE)
        } else {
            (Self::new(most), COMPLETE | USED)
        };
        let (all, _) = self.words[self.base..].as_chunks::<SLOT>();
        let mut count = 0;
        for slot in all {
            let meta = slot[META].load(Acquire);
            if meta & carried == carried && count < next.limit / 2 {
                let key = Key::new(slot[0].load(Relaxed), slot[1].load(Relaxed));
                let words = [slot[2].load(Relaxed), meta & !USED];
                count += usize::from(next.put_words(next.place(key), key, words));
            }
        }
        next.count(count);
        next
    }
}

/// The table that is in use, shared by threads. Nobody ever waits: where a lock is held (it may be so for ever after a
/// process forked), a thread goes on with the table that it has.
#[derive(Debug)]
pub(super) struct TokenCache {
    current: RwLock<Arc<Table>>,
    most: usize,
}

impl TokenCache {
    /// A cache of at most about `most` slots of 32 bytes.
    pub(super) fn new(most: usize) -> Self {
        let most = most.next_power_of_two().clamp(16, 1 << 26);
        Self {
            current: RwLock::new(Arc::new(Table::new(most.min(FIRST_SLOTS)))),
            most,
        }
    }

    /// Sees to it that `table` is the one in use, and not full.
    #[inline]
    pub(super) fn refresh<'t>(&self, table: &'t mut Option<Arc<Table>>) -> &'t Table {
        if table.as_ref().is_none_or(|table| table.is_full()) {
            self.change(table);
        }
        table.as_ref().expect("a table is there from the first time on")
    }

    #[cold]
    fn change(&self, table: &mut Option<Arc<Table>>) {
        if let Ok(current) = self.current.try_read()
            && table.as_ref().is_none_or(|old| !Arc::ptr_eq(old, &current))
        {
            *table = Some(Arc::clone(&current));
        }
        if let Some(full) = table.as_ref().filter(|table| table.is_full())
            && let Ok(mut current) = self.current.try_write()
        {
            if Arc::ptr_eq(full, &current) {
                *current = Arc::new(full.successor(self.most));
            }
            *table = Some(Arc::clone(&current));
        }
        // Only where the lock was held at the very first time.
        table.get_or_insert_with(|| Arc::new(Table::new(self.most.min(FIRST_SLOTS))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(i: u64) -> Contribution {
        Contribution {
            sums: [i as i64, -(i as i64), 0, 1],
            stem: i as u32,
            terms: (i % 2) as u32,
        }
    }

    fn key(i: u64) -> Key {
        Key::new(i, i * 7)
    }

    proptest! {
        #[test]
        fn an_entry_survives_its_words(
            sums in prop::array::uniform4(-(1i64 << 24)..1 << 24),
            stem in 0u32..1 << 25,
            terms in 0u32..2,
        ) {
            let entry = Contribution { sums, stem, terms };
            let fits = sums.iter().all(|sum| (-(1 << 23)..1 << 23).contains(sum)) && stem < 1 << 24;
            match entry.to_words() {
                Some(words) => prop_assert_eq!(Contribution::from_words(words), entry),
                None => prop_assert!(!fits),
            }
        }
    }

    #[test]
    fn what_is_put_in_is_found_until_the_table_is_full() {
        let cache = TokenCache::new(64);
        let mut table = None;
        for i in 1..=40 {
            let table = cache.refresh(&mut table);
            let at = table.place(key(i));
            assert_eq!(table.get(at, key(i)), None);
            table.count(table.put(at, key(i), entry(i)).into());
            assert_eq!(table.get(at, key(i)), Some(entry(i)));
        }
        let first = table.clone().unwrap();
        assert!(first.is_full());
        let second = cache.refresh(&mut table);
        let kept = (1..=40).filter(|&i| second.get(second.place(key(i)), key(i)) == Some(entry(i)));
        assert_eq!(kept.count(), 20, "half of them, since all were used again");
    }

    #[test]
    fn only_what_was_used_again_survives() {
        let cache = TokenCache::new(64);
        let mut table = None;
        for i in 1..=40 {
            let table = cache.refresh(&mut table);
            table.count(table.put(table.place(key(i)), key(i), entry(i)).into());
            table.get(table.place(key(1)), key(1));
        }
        let second = cache.refresh(&mut table);
        let kept: Vec<u64> = (1..=40)
            .filter(|&i| second.get(second.place(key(i)), key(i)).is_some())
            .collect();
        assert_eq!(kept, [1]);
    }

    #[test]
    fn a_growing_cache_forgets_nothing() {
        let cache = TokenCache::new(1 << 16);
        let mut table = None;
        for i in 1..=30_000 {
            let table = cache.refresh(&mut table);
            table.count(table.put(table.place(key(i)), key(i), entry(i)).into());
        }
        let table = cache.refresh(&mut table);
        let kept = (1..=30_000).filter(|&i| table.get(table.place(key(i)), key(i)) == Some(entry(i)));
        let kept = kept.count();
        assert!(kept > 29_000, "only {kept}, though few find no room");
    }

    #[test]
    fn threads_see_only_whole_entries() {
        let cache = TokenCache::new(1 << 8);
        std::thread::scope(|scope| {
            for thread in 0..4u64 {
                let cache = &cache;
                scope.spawn(move || {
                    let mut table = None;
                    for round in 0..20_000u64 {
                        let table = cache.refresh(&mut table);
                        let i = 1 + (round * (2 * thread + 1)) % 300;
                        let at = table.place(key(i));
                        match table.get(at, key(i)) {
                            Some(found) => assert_eq!(found, entry(i)),
                            None => table.count(table.put(at, key(i), entry(i)).into()),
                        }
                    }
                });
            }
        });
    }
}
