//! Where text comes from and where in it something stands.
//!
//! Enters: nothing but text and positions. Leaves: [`Span`] and [`Sentence`], the vocabulary
//! in which every other room speaks of places. Must not know: labels, features, files.

use serde::{Deserialize, Serialize};

/// A byte range `start..end` in the original UTF-8 input, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span `start..end`.
    ///
    /// # Panics
    /// If `start > end`.
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        assert!(start <= end, "span {start}..{end} ends before it starts");
        Self { start, end }
    }

    /// Length in bytes.
    #[inline]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text that the span covers.
    ///
    /// # Panics
    /// If the span does not lie in `text` on character boundaries.
    #[inline]
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// The same span, `by` bytes further on: from a position in a part to a position in the whole.
    #[inline]
    pub fn shifted(self, by: usize) -> Self {
        Self::new(self.start + by, self.end + by)
    }
}

/// One sentence of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence<'t> {
    /// Where it stands in the text that was segmented.
    pub span: Span,
    /// The text of the span.
    pub text: &'t str,
}

/// Turns byte offsets into character offsets (Unicode code points: the indices of a Python string), walking forward
/// through a text.
///
/// ```
/// use bayan::document::CharOffsets;
///
/// let mut offsets = CharOffsets::new("قال: نعم");
/// assert_eq!((offsets.at(0), offsets.at(8), offsets.at(14)), (0, 5, 8));
/// ```
#[derive(Debug, Clone)]
pub struct CharOffsets<'t> {
    text: &'t str,
    byte: usize,
    chars: usize,
}

impl<'t> CharOffsets<'t> {
    /// At the beginning of `text`.
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            byte: 0,
            chars: 0,
        }
    }

    /// How many characters stand before `byte`. Going forward costs the way gone; a step back counts from the beginning.
    ///
    /// # Panics
    /// If `byte` is not on a character boundary of the text.
    pub fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.chars) = (0, 0);
        }
        self.chars += self.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.chars
    }

    /// Where `span` stands, in characters.
    ///
    /// # Panics
    /// If an end of `span` is not on a character boundary of the text.
    pub fn span(&mut self, span: Span) -> Span {
        Span::new(self.at(span.start), self.at(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_forward_and_back() {
        let text = "أ😀b\u{301}ة";
        let starts: Vec<usize> = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        let mut offsets = CharOffsets::new(text);
        for (chars, &byte) in starts.iter().enumerate() {
            assert_eq!(offsets.at(byte), chars);
        }
        assert_eq!(offsets.span(Span::new(starts[1], starts[3])), Span::new(1, 3));
    }
}
