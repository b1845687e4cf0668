//! Front-coded feature keys: of each key in ascending order only what differs from the one before.

use std::borrow::Cow;

use crate::features::{Vocabulary, shared_prefix};

/// The most bytes that all keys together may have once decoded.
const MAX_KEY_BYTES: usize = 1 << 28;

/// The three tensors of a front-coded vocabulary.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct FrontCoded<'b> {
    /// For each key how many bytes it shares with the one before, at most 255.
    pub shared: Cow<'b, [u8]>,
    /// For each key how many bytes follow, little-endian.
    pub lengths: Cow<'b, [[u8; 2]]>,
    /// The bytes that follow.
    pub suffixes: Cow<'b, [u8]>,
}

/// Front-codes a vocabulary. `None` if a key is longer than the format allows.
pub(super) fn encode(vocabulary: &Vocabulary) -> Option<FrontCoded<'static>> {
    let mut coded = FrontCoded::default();
    let mut previous: &[u8] = &[];
    for key in vocabulary.keys().map(str::as_bytes) {
        let shared = shared_prefix(previous, key);
        let length = u16::try_from(key.len() - usize::from(shared)).ok()?;
        coded.shared.to_mut().push(shared);
        coded.lengths.to_mut().push(length.to_le_bytes());
        coded.suffixes.to_mut().extend_from_slice(&key[usize::from(shared)..]);
        previous = key;
    }
    Some(coded)
}

/// The vocabulary of front-coded keys.
pub(super) fn decode(coded: &FrontCoded<'_>) -> Result<Vocabulary, String> {
    check_lengths(coded)?;
    let count = coded.lengths.len();
    let (mut shared, mut ends) = (vec![0; count], vec![0; count]);
    let mut pieces = Pieces::with_capacity(coded.suffixes.len() * 5 / 4);
    let mut key = Key::new();
    let mut rest = &*coded.suffixes;
    let places = shared.iter_mut().zip(&mut ends);
    for ((&same, &length), (shared, end)) in coded.shared.iter().zip(&*coded.lengths).zip(places) {
        let length = usize::from(u16::from_le_bytes(length));
        let whole = key.replace(usize::from(same), rest, length)?;
        rest = &rest[length..];
        *shared = whole as u8;
        *end = pieces.push(&key, whole)? as u32;
    }
    Ok(Vocabulary::from_checked(pieces.finish()?, ends, shared))
}

/// An error if the tensors do not fit together.
fn check_lengths(coded: &FrontCoded<'_>) -> Result<(), String> {
    if coded.shared.len() != coded.lengths.len() {
        return Err("the vocabulary's tensors differ in length".into());
    }
    let own: usize = coded.lengths.iter().map(|&l| usize::from(u16::from_le_bytes(l))).sum();
    if own > coded.suffixes.len() {
        return Err("the vocabulary is cut off".into());
    }
    if own < coded.suffixes.len() {
        return Err("bytes are left over behind the vocabulary".into());
    }
    let total = own + coded.shared.iter().map(|&s| usize::from(s)).sum::<usize>();
    if total > MAX_KEY_BYTES {
        return Err(format!("the feature keys are longer than {MAX_KEY_BYTES} bytes"));
    }
    Ok(())
}

/// Short pieces are copied as so many bytes, without a call; what is too much is overwritten by the next piece.
const CHUNK: usize = 16;
/// The longest key.
const LONGEST: usize = u8::MAX as usize + u16::MAX as usize;

/// Copies `length` bytes from the beginning of `from` to the beginning of `to`, and perhaps more.
#[inline]
fn copy(from: &[u8], to: &mut [u8], length: usize) {
    match (from.first_chunk::<CHUNK>(), to.first_chunk_mut::<CHUNK>()) {
        (Some(from), Some(to)) if length <= CHUNK => *to = *from,
        _ => to[..length].copy_from_slice(&from[..length]),
    }
}

/// A key, and the beginning of the next one.
struct Key {
    bytes: Box<[u8]>,
    length: usize,
}

impl Key {
    fn new() -> Self {
        Self {
            bytes: vec![0; LONGEST + CHUNK].into(),
            length: 0,
        }
    }

    /// The key that shares `same` bytes with this one and goes on with the first `length` of `suffix`. Leaves how many of
    /// the shared bytes are whole characters. The key ascends, and what follows them does not begin within a character.
    #[inline]
    fn replace(&mut self, same: usize, suffix: &[u8], length: usize) -> Result<usize, &'static str> {
        if same > self.length {
            return Err("a key shares more than its predecessor has");
        }
        let Some(&first) = suffix.first().filter(|_| length > 0) else {
            return Err(DESCENDING);
        };
        if same < self.length && first <= self.bytes[same] && self.bytes[same..self.length] >= suffix[..length] {
            return Err(DESCENDING);
        }
        copy(suffix, &mut self.bytes[same..], length);
        self.length = same + length;
        let mut whole = same.saturating_sub(usize::from(is_continuation(first)));
        while is_continuation(self.bytes[whole]) {
            whole = whole
                .checked_sub(1)
                .ok_or("a feature key does not begin with a character")?;
        }
        Ok(whole)
    }
}

const DESCENDING: &str = "the feature keys do not ascend";

/// Whether a byte of UTF-8 goes on with a character.
#[inline]
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// From this length on a block of pieces is checked.
const BLOCK: usize = 1 << 15;

/// What the keys do not share, one behind the other: known to be UTF-8, then a block that is not yet.
struct Pieces {
    checked: String,
    block: Box<[u8]>,
    length: usize,
}

impl Pieces {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            checked: String::with_capacity(bytes),
            block: vec![0; BLOCK + LONGEST + CHUNK].into(),
            length: 0,
        }
    }

    /// Appends a key from a byte on. Leaves the length of all pieces.
    #[inline]
    fn push(&mut self, key: &Key, from: usize) -> Result<usize, String> {
        let length = key.length - from;
        copy(&key.bytes[from..], &mut self.block[self.length..], length);
        self.length += length;
        if self.length >= BLOCK {
            self.check()?;
        }
        Ok(self.checked.len() + self.length)
    }

    fn check(&mut self) -> Result<(), String> {
        let text = simdutf8::basic::from_utf8(&self.block[..self.length]);
        self.checked.push_str(text.map_err(|_| "a feature key is not UTF-8")?);
        self.length = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<String, String> {
        self.check()?;
        Ok(self.checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(keys in prop::collection::btree_set("[bcw][ا-ي a<>^]{1,300}", 0..40)) {
            let vocabulary = Vocabulary::from_sorted(&keys).unwrap();
            let again = decode(&encode(&vocabulary).unwrap()).unwrap();
            prop_assert!(again.keys().eq(keys.iter().map(String::as_str)));
        }

        #[test]
        fn any_tensors_are_refused_or_read(
            shared in prop::collection::vec(0u8..6, 0..8),
            lengths in prop::collection::vec(0u16..6, 0..8),
            suffixes in prop::collection::vec(any::<u8>(), 0..24),
        ) {
            let coded = FrontCoded {
                lengths: lengths.into_iter().map(u16::to_le_bytes).collect(),
                shared: shared.into(),
                suffixes: suffixes.into(),
            };
            let plain = plain(&coded);
            match decode(&coded) {
                Ok(vocabulary) => prop_assert_eq!(vocabulary.keys().map(str::to_owned).collect::<Vec<_>>(), plain.unwrap()),
                Err(reason) => prop_assert!(plain.is_none(), "{}: {:?}", reason, plain),
            }
        }
    }

    /// The keys by the plain way; `None` if something is wrong with them.
    fn plain(coded: &FrontCoded<'_>) -> Option<Vec<String>> {
        let mut keys: Vec<Vec<u8>> = vec![Vec::new()];
        let mut rest = coded.suffixes.iter().copied();
        for (&shared, &length) in coded.shared.iter().zip(&*coded.lengths) {
            let mut key = keys.last()?.get(..usize::from(shared))?.to_vec();
            for _ in 0..u16::from_le_bytes(length) {
                key.push(rest.next()?);
            }
            keys.push(key);
        }
        let whole = rest.next().is_none() && coded.shared.len() == coded.lengths.len();
        let ascend = keys.windows(2).all(|pair| pair[0] < pair[1]);
        let strings = keys
            .into_iter()
            .skip(1)
            .map(|key| String::from_utf8(key).ok())
            .collect::<Option<_>>()?;
        (whole && ascend).then_some(strings)
    }

    #[test]
    fn more_pieces_than_a_block() {
        let keys: std::collections::BTreeSet<String> = (0..30_000u32)
            .map(|i| format!("c{}ابت", (i * 7919 % 30_000).to_string().repeat(1 + i as usize % 9)))
            .collect();
        let long = ["d".repeat(60_000), "d".repeat(60_000) + "e", "d".repeat(60_100) + "ا"];
        let vocabulary = Vocabulary::from_sorted(keys.iter().chain(&long)).unwrap();
        let coded = encode(&vocabulary).unwrap();
        let again = decode(&coded).unwrap();
        assert!(again.keys().eq(vocabulary.keys()));
        assert_eq!(encode(&again).unwrap(), coded);
        assert!(again.steps().eq(vocabulary.steps()));
    }

    #[test]
    fn reasons_are_named() {
        let reason = |keys: &[(u8, &str)], more: &[u8]| {
            let coded = FrontCoded {
                shared: keys.iter().map(|k| k.0).collect(),
                lengths: keys.iter().map(|k| (k.1.len() as u16).to_le_bytes()).collect(),
                suffixes: keys
                    .iter()
                    .flat_map(|k| k.1.bytes())
                    .chain(more.iter().copied())
                    .collect(),
            };
            decode(&coded).map(|v| v.keys().map(str::to_owned).collect::<Vec<_>>())
        };
        assert_eq!(reason(&[(0, "ab"), (1, "c")], b""), Ok(vec!["ab".into(), "ac".into()]));
        // Less is shared than could be: also sound.
        assert_eq!(
            reason(&[(0, "ab"), (1, "bc"), (0, "b")], b""),
            Ok(vec!["ab".into(), "abc".into(), "b".into()])
        );
        assert!(reason(&[(0, "ab"), (3, "c")], b"").unwrap_err().contains("shares more"));
        for descending in [
            [(0, "ab"), (1, "a")],
            [(0, "ab"), (2, "")],
            [(0, "ab"), (0, "ab")],
            [(0, "b"), (0, "")],
        ] {
            assert!(reason(&descending, b"").unwrap_err().contains("do not ascend"));
        }
        assert!(reason(&[(0, "")], b"").unwrap_err().contains("do not ascend"));
        assert!(reason(&[(0, "a")], b"b").unwrap_err().contains("left over"));
        let cut = FrontCoded {
            shared: vec![0].into(),
            lengths: vec![[2, 0]].into(),
            suffixes: vec![b'a'].into(),
        };
        assert!(decode(&cut).unwrap_err().contains("cut off"));
        let torn = |first: &[u8], second: &[u8]| {
            decode(&FrontCoded {
                shared: vec![0, 0].into(),
                lengths: [first, second].iter().map(|k| (k.len() as u16).to_le_bytes()).collect(),
                suffixes: [first, second].concat().into(),
            })
        };
        assert!(torn(b"a", b"\xFF").unwrap_err().contains("not UTF-8"));
        assert!(torn(b"a\xD8", b"\xD8\xA7").unwrap_err().contains("not UTF-8"));
        // Together they are UTF-8.
        assert!(torn(b"a\xC2", b"\x80").unwrap_err().contains("do not ascend"));
        assert!(
            torn(b"\x7F\xC2", b"\x80b")
                .unwrap_err()
                .contains("does not begin with a character")
        );
    }
}
