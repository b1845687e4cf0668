//! Front-coded feature keys: of each key in ascending order only what differs from the one before.

use crate::features::Vocabulary;

/// The most bytes that all keys together may have once decoded.
const MAX_KEY_BYTES: usize = 1 << 28;

/// The three tensors of a front-coded vocabulary.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FrontCoded {
    /// For each key how many bytes it shares with the one before, at most 255.
    pub shared: Vec<u8>,
    /// For each key how many bytes follow.
    pub lengths: Vec<u16>,
    /// The bytes that follow.
    pub suffixes: Vec<u8>,
}

/// Front-codes a vocabulary. `None` if a key is longer than the format allows.
pub(super) fn encode(vocabulary: &Vocabulary) -> Option<FrontCoded> {
    let mut coded = FrontCoded::default();
    let mut previous: &[u8] = &[];
    for key in vocabulary.keys().map(str::as_bytes) {
        let shared = previous.iter().zip(key).take(255).take_while(|(a, b)| a == b).count();
        coded.shared.push(shared as u8);
        coded.lengths.push(u16::try_from(key.len() - shared).ok()?);
        coded.suffixes.extend_from_slice(&key[shared..]);
        previous = key;
    }
    Some(coded)
}

/// The vocabulary of front-coded keys.
pub(super) fn decode(coded: &FrontCoded) -> Result<Vocabulary, String> {
    if coded.shared.len() != coded.lengths.len() {
        return Err("the vocabulary's tensors differ in length".into());
    }
    let mut rest = coded.suffixes.as_slice();
    let mut all: Vec<u8> = Vec::with_capacity(4 * coded.suffixes.len());
    let mut offsets = Vec::with_capacity(coded.lengths.len() + 1);
    offsets.push(0);
    let mut previous = 0;
    for (&shared, &length) in coded.shared.iter().zip(&coded.lengths) {
        let (suffix, after) = rest
            .split_at_checked(usize::from(length))
            .ok_or("the vocabulary is cut off")?;
        let (start, shared) = (all.len(), usize::from(shared));
        if shared > start - previous {
            return Err("a key shares more than its predecessor has".into());
        }
        if start > MAX_KEY_BYTES {
            return Err(format!("the feature keys are longer than {MAX_KEY_BYTES} bytes"));
        }
        all.extend_from_within(previous..previous + shared);
        all.extend_from_slice(suffix);
        offsets.push(all.len() as u32);
        previous = start;
        rest = after;
    }
    if !rest.is_empty() {
        return Err("bytes are left over behind the vocabulary".into());
    }
    let all = simdutf8::basic::from_utf8(&all).map_err(|_| "a feature key is not UTF-8")?;
    Vocabulary::from_offsets(all.to_owned(), offsets)
        .ok_or_else(|| "a feature key is not UTF-8, or the keys do not ascend".into())
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
            let _ = decode(&FrontCoded { shared, lengths, suffixes });
        }
    }
}
