//! From text to sparse vectors: bag of stems, stem bigrams, and character n-grams within words.
//!
//! Enters: sentences. Leaves: names and counts of features, a [`Vocabulary`] that gives each its column, and
//! weighted [`SparseVector`]s. Must not know: labels, weights of a model, files.

mod analyzer;
mod counts;
mod front_coded;
mod front_coded_check;
mod join;
mod params;
mod readable;
mod space;
mod vector;
mod vocabulary;

pub use analyzer::{Analyzer, FeatureKind, Term};
pub(crate) use analyzer::{SENTENCE_END, SENTENCE_START};
pub use counts::{CountMatrix, Counts, RowByTerm, count_features};
pub(crate) use front_coded::{Buffer, FrontCoded, Lengths, Step};
pub use params::{FeatureParams, NgramRange, Norm, TermFrequency};
pub use readable::{Position, ReadableFeature};
pub use space::FeatureSpace;
pub use vector::SparseVector;
pub use vocabulary::Vocabulary;
