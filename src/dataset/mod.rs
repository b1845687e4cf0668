//! Annotations: sentences with their labels, as files and as a checked training set.
//!
//! Enters: JSONL files. Leaves: [`Annotation`]s, a [`LabelledSet`] in canonical order, grouped folds and a digest.
//! Must not know: features, weights.

mod annotation;
mod folds;
mod jsonl;
mod labelled;

pub use annotation::Annotation;
pub use folds::grouped_folds;
pub use jsonl::{find_files, read_annotations};
pub use labelled::{LabelledSet, Row};
