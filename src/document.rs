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
