#![doc = include_str!("../docs/library.md")]

pub mod classifier;
pub mod curate;
pub mod dataset;
pub mod document;
pub mod error;
pub mod evaluation;
pub mod features;
pub mod io;
pub mod label;
pub mod linear;
pub mod model_file;
pub mod registry;
#[cfg(feature = "cli")]
pub mod store;
pub mod text;
pub mod train;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod report;

pub use classifier::{Classifier, Labeller, LabellerPool, Prediction};
pub use document::{Sentence, Span};
pub use error::Error;
pub use label::{LabelSchema, LabelSet};
pub use text::segment;
