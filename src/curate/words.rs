//! A sentence as its words in normal form: what near-duplicates are compared by, and exact ones are known by.

use sha2::{Digest, Sha256};

use crate::text::{Normalization, Normalizer, TokenKind, tokenize};

/// Finds the normalised words of sentences.
#[derive(Debug, Clone)]
pub(super) struct Words {
    normalizer: Normalizer,
    word: String,
}

impl Words {
    pub(super) fn new() -> Self {
        Self {
            normalizer: Normalizer::new(Normalization::default()),
            word: String::new(),
        }
    }

    /// Calls `sink` with each word and number of `text` in normal form, in order. Punctuation is left out.
    pub(super) fn each(&mut self, text: &str, mut sink: impl FnMut(&str)) {
        for token in tokenize(text).filter(|t| t.kind != TokenKind::Punctuation) {
            self.word.clear();
            self.normalizer.normalize_into(token.span.of(text), &mut self.word);
            if !self.word.is_empty() {
                sink(&self.word);
            }
        }
    }

    /// SHA-256 over the words: the same for sentences that differ in punctuation, marks, spelling variants or digits only.
    pub(super) fn digest(&mut self, text: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.each(text, |word| {
            hash.update(word);
            hash.update([0]);
        });
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_punctuation_do_not_matter_but_words_do() {
        let mut words = Words::new();
        let first = words.digest("أَكَّدت الوزارةُ، أنّ 12 شخصا قتلوا.");
        assert_eq!(first, words.digest("اكدت الوزارة: ان 35 شخصا قتلوا!"));
        assert_ne!(first, words.digest("اكدت الوزارة ان شخصا قتلوا"));
    }
}
