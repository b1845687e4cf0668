//! A piece of input, small enough to hold and large enough to be worth a thread's while.

use std::sync::Arc;

use super::encoding::OffsetMap;

/// A piece of input.
#[derive(Debug, Clone)]
pub enum Batch {
    /// A source has been opened. One that cannot be opened yields an error instead.
    Begin {
        /// Its position among the sources.
        source: usize,
        /// Columns that its rows carry along.
        columns: Option<Columns>,
    },
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
    Records {
        /// The records.
        records: Vec<InputRecord>,
        /// For each record the row of the columns that are carried along.
        rows: Option<Rows>,
    },
    /// A source without any content.
    Empty {
        /// Name of the source.
        document: Arc<str>,
    },
    /// A source has ended, at its end or at a fault.
    End {
        /// Its position among the sources.
        source: usize,
    },
}

/// Names and types of columns that are carried along.
#[cfg(feature = "cli")]
pub type Columns = arrow_schema::SchemaRef;
/// Rows of columns that are carried along.
#[cfg(feature = "cli")]
pub type Rows = arrow_array::RecordBatch;

/// Columns that are carried along: none without the Parquet reader.
#[cfg(not(feature = "cli"))]
pub type Columns = std::convert::Infallible;
/// Rows of columns that are carried along: none without the Parquet reader.
#[cfg(not(feature = "cli"))]
pub type Rows = std::convert::Infallible;

/// A record of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRecord {
    /// Its id, or file and line.
    pub id: String,
    /// Its text; `None` where a Parquet row holds none.
    pub text: Option<String>,
}
