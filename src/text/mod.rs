//! From raw text to sentences, tokens, normalised tokens and stems.
//!
//! Enters: any Unicode string. Leaves: spans in that string, and normal forms that mean the same whatever
//! the spelling. Must not know: labels, weights, files.

pub mod chars;
mod language;
mod normalize;
mod segment;
mod token;

pub use language::{Language, Stemmer};
pub use normalize::{Normalization, Normalizer};
pub(crate) use outline::StemMemo;
pub use segment::{MAX_SENTENCE_BYTES, Sentences, segment};
pub use token::{Token, TokenKind, Tokens, tokenize};

mod abbreviation;
mod affixes;
mod boundary;
mod outline;
mod separator;
mod window;
