//! Front-coded strings: of each one in ascending order only what differs from the one before.
//!
//! Enters: ascending strings, or bytes that are to be such. Leaves: the strings step by step. Must not know: what they mean.

use std::borrow::Cow;
use std::ops::Range;
use std::slice;

use memchr::memchr_iter;

/// Strings in ascending order, front-coded. Byte slices that live as long as the program are read where they lie.
#[derive(Debug, Clone)]
pub(crate) struct FrontCoded {
    /// For each string how many bytes it shares with the one before.
    pub shared: Cow<'static, [u8]>,
    /// For each string how many bytes follow.
    pub lengths: Lengths,
    /// The bytes that follow.
    pub suffixes: Cow<'static, [u8]>,
}

/// Lengths as they are stored, or as they are counted.
#[derive(Debug, Clone)]
pub(crate) enum Lengths {
    /// Two bytes each, little-endian.
    Stored(Cow<'static, [u8]>),
    /// Of any size.
    Counted(Vec<u32>),
}

impl Lengths {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Stored(bytes) => bytes.len() / 2,
            Self::Counted(lengths) => lengths.len(),
        }
    }

    pub(super) fn sum(&self, range: Range<usize>) -> usize {
        match self {
            Self::Stored(bytes) => {
                let (chunks, _) = bytes.as_chunks();
                chunks[range].iter().map(|&l| usize::from(u16::from_le_bytes(l))).sum()
            }
            Self::Counted(lengths) => lengths[range].iter().map(|&l| l as usize).sum(),
        }
    }

    /// As they are stored; `None` if one is too large for that.
    pub fn to_stored(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Stored(bytes) => Some(bytes.as_ref().into()),
            Self::Counted(lengths) => {
                let stored: Option<Vec<[u8; 2]>> = lengths
                    .iter()
                    .map(|&l| Some(u16::try_from(l).ok()?.to_le_bytes()))
                    .collect();
                Some(stored?.into_flattened().into())
            }
        }
    }
}

/// A string by what is new in it, on the way through all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step<'v> {
    /// Which one it is.
    pub column: u32,
    /// How many bytes it shares with the one a step before, at most 255.
    pub shared: usize,
    /// How many bytes follow.
    pub length: usize,
    /// These, and what comes behind them.
    pub rest: &'v [u8],
}

impl<'v> Step<'v> {
    /// What follows.
    #[inline]
    pub fn suffix(&self) -> &'v [u8] {
        &self.rest[..self.length]
    }
}

impl FrontCoded {
    /// Front-codes strings. `None` if they do not strictly ascend, one is empty, or they are longer than 4 GiB together.
    pub fn encode<S: AsRef<str>>(strings: impl IntoIterator<Item = S>) -> Option<Self> {
        let (mut shared, mut lengths, mut suffixes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut previous, mut total) = (Vec::new(), 0);
        for string in strings {
            let bytes = string.as_ref().as_bytes();
            total += bytes.len();
            if bytes <= previous.as_slice() || u32::try_from(total).is_err() {
                return None;
            }
            let pairs = previous.iter().zip(bytes).take(255);
            let same = pairs.take_while(|(a, b)| a == b).count();
            shared.push(same as u8);
            lengths.push((bytes.len() - same) as u32);
            suffixes.extend_from_slice(&bytes[same..]);
            previous.clear();
            previous.extend_from_slice(bytes);
        }
        Some(Self {
            shared: shared.into(),
            lengths: Lengths::Counted(lengths),
            suffixes: suffixes.into(),
        })
    }

    /// All strings.
    pub fn steps(&self) -> Steps<'_> {
        self.steps_within(0..self.shared.len(), 0)
    }

    /// The strings that begin with an ASCII character; the first one shares nothing.
    pub fn with_prefix(&self, prefix: u8) -> Steps<'_> {
        // A string that begins with another byte than the one before shares nothing with it.
        let (mut last, mut at) = (0, 0);
        let mut heads = memchr_iter(0, &self.shared).map(|column| {
            at += self.lengths.sum(last..column);
            last = column;
            (column, at, self.suffixes[at])
        });
        let end = (self.shared.len(), self.suffixes.len(), prefix);
        let start = heads.find(|head| head.2 == prefix).unwrap_or(end);
        let end = heads.find(|head| head.2 != prefix).unwrap_or(end);
        self.steps_within(start.0..end.0, start.1)
    }

    /// `at`: where the suffix of the first one begins.
    fn steps_within(&self, columns: Range<usize>, at: usize) -> Steps<'_> {
        let (stored, counted): (&[_], &[_]) = match &self.lengths {
            Lengths::Stored(bytes) => (&bytes.as_chunks().0[columns.clone()], &[]),
            Lengths::Counted(lengths) => (&[], &lengths[columns.clone()]),
        };
        Steps {
            column: columns.start as u32,
            shared: self.shared[columns].iter(),
            stored: stored.iter(),
            counted: counted.iter(),
            rest: &self.suffixes[at..],
        }
    }
}

/// The way through strings.
#[derive(Debug, Clone)]
pub(crate) struct Steps<'v> {
    column: u32,
    shared: slice::Iter<'v, u8>,
    /// The lengths are here or in `counted`.
    stored: slice::Iter<'v, [u8; 2]>,
    counted: slice::Iter<'v, u32>,
    rest: &'v [u8],
}

/// How many strings are passed over at once.
const BLOCK: usize = 16;

impl Steps<'_> {
    /// Passes over strings that share more than `limit` bytes with the one before each, but not over all: by whole blocks, which
    /// the processor compares side by side.
    #[inline]
    pub(super) fn pass_over_sharing_more(&mut self, limit: usize) {
        let Ok(limit) = u8::try_from(limit) else { return };
        while let Some(block) = self.shared.as_slice().first_chunk::<BLOCK>()
            && block.iter().fold(true, |all, &shared| all & (shared > limit))
        {
            let length: u32 = match self.stored.as_slice().first_chunk::<BLOCK>() {
                Some(lengths) => lengths.iter().map(|&l| u32::from(u16::from_le_bytes(l))).sum(),
                None => self.counted.as_slice()[..BLOCK].iter().sum(),
            };
            self.shared = self.shared.as_slice()[BLOCK..].iter();
            self.stored = self.stored.as_slice().get(BLOCK..).unwrap_or_default().iter();
            self.counted = self.counted.as_slice().get(BLOCK..).unwrap_or_default().iter();
            self.column += BLOCK as u32;
            self.rest = &self.rest[length as usize..];
        }
    }
}

impl<'v> Iterator for Steps<'v> {
    type Item = Step<'v>;

    #[inline]
    fn next(&mut self) -> Option<Step<'v>> {
        let shared = usize::from(*self.shared.next()?);
        let length = match self.stored.next() {
            Some(&bytes) => usize::from(u16::from_le_bytes(bytes)),
            None => *self.counted.next()? as usize,
        };
        let (column, rest) = (self.column, self.rest);
        self.column += 1;
        self.rest = &rest[length..];
        Some(Step {
            column,
            shared,
            length,
            rest,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.shared.size_hint()
    }
}

impl ExactSizeIterator for Steps<'_> {}

/// Short pieces are copied as so many bytes, without a call; what is too much is overwritten by the next piece.
pub(super) const CHUNK: usize = 16;

/// Copies `length` bytes from the beginning of `from` to the beginning of `to`, and perhaps more.
#[inline]
pub(super) fn copy(from: &[u8], to: &mut [u8], length: usize) {
    match (from.first_chunk::<CHUNK>(), to.first_chunk_mut::<CHUNK>()) {
        (Some(from), Some(to)) if length <= CHUNK => *to = *from,
        _ => copy_long(&from[..length], to),
    }
}

/// Apart, or the compiler makes one call of both ways.
#[cold]
#[inline(never)]
fn copy_long(from: &[u8], to: &mut [u8]) {
    to[..from.len()].copy_from_slice(from);
}

/// The string of a step, made from that of the step before.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// The string, and behind it what is left of others.
    pub(super) bytes: Vec<u8>,
    pub(super) length: usize,
}

impl Buffer {
    /// The string.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Goes a step on.
    #[inline]
    pub fn replace(&mut self, step: &Step<'_>) {
        self.length = step.shared + step.length;
        if self.bytes.len() < self.length + CHUNK {
            self.grow();
        }
        copy(step.rest, &mut self.bytes[step.shared..], step.length);
    }

    #[cold]
    fn grow(&mut self) {
        self.bytes.resize(2 * self.length + 1024, 0);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    pub(in crate::features) fn coded(shared: &[u8], lengths: &[u16], suffixes: &[u8]) -> FrontCoded {
        FrontCoded {
            shared: shared.to_vec().into(),
            lengths: Lengths::Stored(lengths.iter().flat_map(|l| l.to_le_bytes()).collect()),
            suffixes: suffixes.to_vec().into(),
        }
    }

    /// Front-coded as a file may be: of what strings share, up to `less` bytes are written again.
    pub(in crate::features) fn sharing_less(strings: &BTreeSet<String>, less: u8) -> FrontCoded {
        let (mut shared, mut lengths, mut suffixes, mut last) = (vec![], vec![], vec![], "");
        for (string, i) in strings.iter().zip(0..) {
            let most = last.bytes().zip(string.bytes()).take_while(|(a, b)| a == b).count();
            let same = most.saturating_sub(i % (usize::from(less) + 1)).min(255);
            shared.push(same as u8);
            lengths.push((string.len() - same) as u16);
            suffixes.extend_from_slice(&string.as_bytes()[same..]);
            last = string;
        }
        coded(&shared, &lengths, &suffixes)
    }

    pub(in crate::features) fn decoded(coded: &FrontCoded) -> Vec<String> {
        let mut buffer = Buffer::default();
        coded
            .steps()
            .map(|step| {
                buffer.replace(&step);
                String::from_utf8(buffer.bytes().to_vec()).unwrap()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn round_trip(keys in prop::collection::btree_set("[bcw][ا-ي a<>^]{1,300}", 0..40)) {
            let coded = FrontCoded::encode(&keys).unwrap();
            coded.check().unwrap();
            prop_assert!(decoded(&coded).iter().eq(&keys));
        }

        #[test]
        fn sound_bytes_are_read(keys in prop::collection::btree_set("[abاب\u{1F00}]{1,5}", 0..40), less in 0u8..6) {
            let coded = sharing_less(&keys, less);
            coded.check().unwrap();
            prop_assert!(decoded(&coded).iter().eq(&keys));
        }
    }

    #[test]
    fn more_than_a_block_and_long_ones() {
        let digits = |i: u32| (i * 7919 % 30_000).to_string().repeat(1 + i as usize % 9);
        let mut keys: Vec<String> = (0..30_000).map(|i| format!("c{}ابت", digits(i))).collect();
        keys.extend(["d".repeat(60_000), "d".repeat(60_000) + "e", "d".repeat(70_000) + "ا"]);
        keys.sort();
        keys.dedup();
        let mut coded = FrontCoded::encode(&keys).unwrap();
        coded.check().unwrap();
        assert_eq!(decoded(&coded), keys);
        assert_eq!(coded.lengths.to_stored(), None, "longer than two bytes tell");
        keys.retain(|key| key.len() <= usize::from(u16::MAX));
        coded = FrontCoded::encode(&keys).unwrap();
        coded.lengths = Lengths::Stored(coded.lengths.to_stored().unwrap().into_owned().into());
        coded.check().unwrap();
        assert_eq!(decoded(&coded), keys);
    }

    #[test]
    fn prefixes() {
        let coded = FrontCoded::encode(["a", "ab", "b", "bا"]).unwrap();
        let columns = |prefix| {
            coded
                .with_prefix(prefix)
                .map(|s| (s.column, s.suffix().to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(columns(b'a'), [(0, b"a".to_vec()), (1, b"b".to_vec())]);
        assert_eq!(columns(b'b'), [(2, b"b".to_vec()), (3, "ا".as_bytes().to_vec())]);
        assert!(columns(b'c').is_empty());
        assert!(
            FrontCoded::encode(Vec::<&str>::new())
                .unwrap()
                .with_prefix(b'a')
                .next()
                .is_none()
        );
    }
}
