//! A piece of input, small enough to hold and large enough to be worth a thread's while.

use std::sync::Arc;

use super::encoding::OffsetMap;

/// A piece of input.
#[derive(Debug, Clone)]
pub enum Batch {
    /// Part of a document, ending at a line break or at the document's end.
    Text {
        /// Name of the document.
        document: Arc<str>,
        /// Where `text` begins in the document, in bytes.
        offset: usize,
        /// Whether it is the first part of its document.
        first: bool,
        /// The text.
        text: String,
        /// Set where ill-formed bytes were replaced.
        repaired: Option<OffsetMap>,
    },
    /// Records of a table, each a document of its own.
    Records(Vec<InputRecord>),
    /// A source without any content.
    Empty {
        /// Name of the source.
        document: Arc<str>,
    },
}

/// A record of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRecord {
    /// Its id, or file and line.
    pub id: String,
    /// Its text.
    pub text: String,
}
