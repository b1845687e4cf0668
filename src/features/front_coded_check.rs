//! Whether bytes are what front-coding makes: UTF-8 strings that strictly ascend.
//!
//! Enters: front-coded bytes that nobody vouches for. Leaves: what is wrong with them.

use super::front_coded::{Buffer, CHUNK, FrontCoded, Step, copy};

/// The most bytes that all strings of a file together may have once decoded.
const MAX_BYTES: usize = 1 << 28;

impl FrontCoded {
    /// An error if these are not strings that strictly ascend.
    pub fn check(&self) -> Result<(), String> {
        self.check_lengths()?;
        let mut buffer = Buffer::default();
        let mut fresh = Fresh::default();
        for step in self.steps() {
            if step.shared > buffer.length {
                return Err("a key shares more than its predecessor has".into());
            }
            if !buffer.is_below(&step) {
                return Err("the feature keys do not ascend".into());
            }
            let cut = buffer
                .bytes()
                .get(step.shared)
                .is_some_and(|&byte| is_continuation(byte));
            buffer.replace(&step);
            fresh.take(&buffer, step.shared, cut)?;
        }
        fresh.check()
    }

    /// An error if the parts do not fit together.
    fn check_lengths(&self) -> Result<(), String> {
        let count = self.shared.len();
        if count != self.lengths.len() {
            return Err("the vocabulary's tensors differ in length".into());
        }
        let own = self.lengths.sum(0..count);
        if own > self.suffixes.len() {
            return Err("the vocabulary is cut off".into());
        }
        if own < self.suffixes.len() {
            return Err("bytes are left over behind the vocabulary".into());
        }
        let total = own + self.shared.iter().map(|&s| usize::from(s)).sum::<usize>();
        if total > MAX_BYTES {
            return Err(format!("the feature keys are longer than {MAX_BYTES} bytes"));
        }
        Ok(())
    }
}

impl Buffer {
    /// Whether the string is below the one of the next step.
    #[inline]
    fn is_below(&self, step: &Step<'_>) -> bool {
        let before = &self.bytes[step.shared..self.length];
        match (before.first(), step.suffix().first()) {
            (Some(a), Some(b)) if a != b => a < b,
            _ => before < step.suffix(),
        }
    }
}

/// From this length on a block is checked.
const BLOCK: usize = 1 << 14;

/// The characters that are new in each string, not yet known to be UTF-8. If they are, and those before, the whole string is.
#[derive(Debug, Default)]
struct Fresh {
    block: Vec<u8>,
    length: usize,
}

impl Fresh {
    /// Takes what lies behind the whole characters among the first `shared` bytes. `cut`: whether the string before goes
    /// on within a character there.
    #[inline]
    fn take(&mut self, buffer: &Buffer, shared: usize, cut: bool) -> Result<(), String> {
        let mut whole = shared;
        let mut within = cut || is_continuation(buffer.bytes[whole]);
        while within {
            whole = whole
                .checked_sub(1)
                .ok_or("a feature key does not begin with a character")?;
            within = is_continuation(buffer.bytes[whole]);
        }
        let length = buffer.length - whole;
        if self.block.len() < self.length + length + CHUNK {
            self.block.resize(BLOCK + length + CHUNK, 0);
        }
        copy(&buffer.bytes[whole..], &mut self.block[self.length..], length);
        self.length += length;
        if self.length >= BLOCK { self.check() } else { Ok(()) }
    }

    fn check(&mut self) -> Result<(), String> {
        let text = &self.block[..self.length];
        self.length = 0;
        simdutf8::basic::from_utf8(text)
            .map(|_| ())
            .map_err(|_| "a feature key is not UTF-8".into())
    }
}

/// Whether a byte of UTF-8 goes on with a character.
#[inline]
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::super::front_coded::tests::{coded, decoded};
    use proptest::prelude::*;

    /// The strings by the plain way; `None` if something is wrong with them.
    fn plain(shared: &[u8], lengths: &[u16], suffixes: &[u8]) -> Option<Vec<String>> {
        let mut keys: Vec<Vec<u8>> = vec![Vec::new()];
        let mut rest = suffixes.iter().copied();
        for (&shared, &length) in shared.iter().zip(lengths) {
            let mut key = keys.last()?.get(..usize::from(shared))?.to_vec();
            for _ in 0..length {
                key.push(rest.next()?);
            }
            keys.push(key);
        }
        let fit = rest.next().is_none() && shared.len() == lengths.len() && keys.is_sorted_by(|a, b| a < b);
        let strings = keys.into_iter().skip(1).map(|key| String::from_utf8(key).ok());
        strings.collect::<Option<_>>().filter(|_| fit)
    }

    fn assert_agrees(shared: &[u8], lengths: &[u16], suffixes: &[u8]) {
        let coded = coded(shared, lengths, suffixes);
        let plain = plain(shared, lengths, suffixes);
        match coded.check() {
            Ok(()) => assert_eq!(Some(decoded(&coded)), plain),
            Err(reason) => assert!(plain.is_none(), "{reason}: {plain:?}"),
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(
            shared in prop::collection::vec(0u8..6, 0..5),
            lengths in prop::collection::vec(0u16..6, 0..5),
            suffixes in prop::collection::vec(any::<u8>(), 0..24),
        ) {
            assert_agrees(&shared, &lengths, &suffixes);
        }
    }

    #[test]
    fn all_pairs_of_short_keys() {
        // Bytes of one, of two and of no character.
        let bytes = [b'a', 0xC3, 0xC4, 0x80, 0xBF];
        let short = |length: u32| {
            (0..5usize.pow(length))
                .map(move |i| (0..length).map(|at| bytes[i / 5usize.pow(at) % 5]).collect::<Vec<u8>>())
        };
        for first in (1..4).flat_map(short) {
            for (second, shared) in (0..3)
                .flat_map(short)
                .flat_map(|s| (0..4).map(move |same| (s.clone(), same)))
            {
                let lengths = [first.len() as u16, second.len() as u16];
                assert_agrees(&[0, shared], &lengths, &[first.as_slice(), &second].concat());
            }
        }
    }

    #[test]
    fn reasons_are_named() {
        let reason = |shared: &[u8], suffixes: &[&[u8]], more: &[u8]| {
            let lengths: Vec<u16> = suffixes.iter().map(|s| s.len() as u16).collect();
            coded(shared, &lengths, &[suffixes.concat().as_slice(), more].concat())
                .check()
                .unwrap_err()
        };
        assert!(reason(&[0, 3], &[b"ab", b"c"], b"").contains("shares more"));
        for (same, first, second) in [
            (1, "ab", "a"),
            (2, "ab", ""),
            (0, "ab", "ab"),
            (0, "b", ""),
            (0, "b", "a"),
        ] {
            assert!(reason(&[0, same], &[first.as_bytes(), second.as_bytes()], b"").contains("do not ascend"));
        }
        assert!(reason(&[0], &[b""], b"").contains("do not ascend"));
        assert!(reason(&[0], &[b"a"], b"b").contains("left over"));
        assert!(coded(&[0], &[2], b"a").check().unwrap_err().contains("cut off"));
        assert!(
            coded(&[0, 0], &[1], b"a")
                .check()
                .unwrap_err()
                .contains("differ in length")
        );
        assert!(reason(&[0, 0], &[b"a", b"\xFF"], b"").contains("not UTF-8"));
        assert!(reason(&[0, 0], &[b"a\xD8", b"\xD8\xA7"], b"").contains("not UTF-8"));
        assert!(reason(&[0, 2], &["aا".as_bytes(), "ن".as_bytes()], b"").contains("not UTF-8"));
        // Together they would be.
        assert!(reason(&[0, 0], &[b"\x7F\xC2", b"\x80b"], b"").contains("does not begin with a character"));
        assert!(
            coded(&[255; 1 << 21], &[255; 1 << 21], &vec![b'a'; 255 << 21])
                .check()
                .unwrap_err()
                .contains("longer than")
        );
    }
}
