//! Annotations: sentences with their labels, as files and as a checked training set.
//!
//! Enters: files of bayan's JSONL, or of annotation tools ([`formats`]). Leaves: [`Annotation`]s, a [`LabelledSet`] in
//! canonical order, grouped folds and a digest; files for annotation tools.
//! Must not know: features, weights.

mod annotation;
mod folds;
pub mod formats;
mod jsonl;
mod labelled;

pub use annotation::Annotation;
pub use folds::grouped_folds;
pub(crate) use folds::shuffle_key;
pub use jsonl::{Additions, find_files, read_additions, read_annotations};
pub use labelled::{LabelledSet, Row};
