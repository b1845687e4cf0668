//! UTF-8 or a clear refusal; on request, replacement of what is not, with offsets that stay those of the input.

use super::spare::take_string;

/// Maps offsets in a repaired text back to offsets in the original bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffsetMap {
    /// `(offset in the text, offset in the bytes)` after each replacement, ascending.
    jumps: Vec<(usize, usize)>,
}

impl OffsetMap {
    /// The offset in the original bytes of an offset in the text.
    pub fn original(&self, offset: usize) -> usize {
        let after = self.jumps.partition_point(|&(text, _)| text <= offset);
        match after.checked_sub(1).map(|i| self.jumps[i]) {
            Some((text, bytes)) => bytes + (offset - text),
            None => offset,
        }
    }
}

/// The text of `bytes`, or the offset of the first byte that is not UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Result<String, usize> {
    // simdutf8 is fast and does not say where; the standard library does.
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => {
            let mut owned = take_string(text.len());
            owned.push_str(text);
            Ok(owned)
        }
        Err(_) => Err(std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), str::len)),
    }
}

/// The text of `bytes` with U+FFFD in place of each ill-formed sequence.
pub(super) fn decode_lossy(bytes: &[u8]) -> (String, OffsetMap) {
    let mut text = String::with_capacity(bytes.len());
    let mut map = OffsetMap::default();
    let mut consumed = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        consumed += chunk.valid().len() + chunk.invalid().len();
        if !chunk.invalid().is_empty() {
            text.push('\u{FFFD}');
            map.jumps.push((text.len(), consumed));
        }
    }
    (text, map)
}

/// What a file that is not UTF-8 looks like, judged by its first bytes.
pub(super) fn hint(start: &[u8]) -> &'static str {
    match start {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => " (it looks like UTF-16; convert it to UTF-8)",
        [b'P', b'A', b'R', b'1', ..] => " (it looks like Parquet; use --input parquet)",
        _ => " (convert the file, for instance from windows-1256, or use --lossy)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spans_of_repaired_text_point_at_the_same_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let (text, map) = decode_lossy(&bytes);
            prop_assert_eq!(&text, &String::from_utf8_lossy(&bytes));
            for (i, c) in text.char_indices().filter(|&(_, c)| c != '\u{FFFD}') {
                let at = map.original(i);
                let expected = c.to_string();
                prop_assert_eq!(&bytes[at..at + c.len_utf8()], expected.as_bytes());
                prop_assert_eq!(map.original(i + c.len_utf8()), at + c.len_utf8());
            }
            prop_assert_eq!(map.original(text.len()), bytes.len());
        }
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        assert_eq!(decode("سلام".as_bytes()), Ok("سلام".into()));
        assert_eq!(decode(b"ab\xD8"), Err(2));
        assert_eq!(decode(&[b"x".repeat(200), vec![0xFF]].concat()), Err(200));
    }
}
