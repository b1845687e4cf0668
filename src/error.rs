//! The one error type of the library.
//!
//! Every message says what is wrong with which value, and what was expected; where a file is at fault, the file,
//! the line or byte, and the reason.

use std::path::PathBuf;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason that the operating system gives.
        source: std::io::Error,
    },
    /// A list of label names cannot be a schema.
    #[error("invalid labels: {0}")]
    InvalidSchema(String),
    /// A label that the schema does not hold.
    #[error("unknown label {label:?}; known labels are {known}")]
    UnknownLabel {
        /// The name that was asked for.
        label: String,
        /// The names that there are.
        known: String,
    },
    /// A parameter is out of its range.
    #[error("invalid setting: {0}")]
    InvalidSetting(String),
    /// Annotation files with faults, all of them together.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    InvalidAnnotations(Vec<Fault>),
    /// The training set cannot be trained on.
    #[error("cannot train: {0}")]
    InvalidTrainingSet(String),
    /// The numerical optimisation failed.
    #[error("the solver failed: {0}")]
    Solver(String),
    /// A model file is damaged, of another kind, or of another version.
    #[error("{name}: not a usable model: {reason}")]
    InvalidModel {
        /// Which model.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An annotation store that cannot be used, or not now.
    #[error("{}: {reason}", path.display())]
    Store {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Something was not done, because a condition that was asked for does not hold.
    #[error("{0}")]
    Refused(String),
    /// Input text that cannot be read as what it is said to be.
    #[error("{0}")]
    InvalidInput(Fault),
    /// Whoever asked for the work has asked to stop it.
    #[error("interrupted")]
    Interrupted,
}

/// A fault at a place in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, or `-` for the standard input.
    pub name: String,
    /// Where in it.
    pub place: Place,
    /// What is wrong there.
    pub reason: String,
}

/// A place in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The input as a whole.
    Whole,
    /// A line, counted from 1.
    Line(usize),
    /// A row of a table, counted from 0.
    Row(usize),
    /// A byte offset, counted from 0.
    Byte(usize),
    /// A record of a file that has no lines: an element of a JSON array, counted from 1.
    Record(usize),
}

impl Fault {
    /// The file, and the place in it.
    pub fn location(&self) -> String {
        let name = &self.name;
        match self.place {
            Place::Whole => name.clone(),
            Place::Line(line) => format!("{name}:{line}"),
            Place::Row(row) => format!("{name}: row {row}"),
            Place::Byte(byte) => format!("{name}: byte {byte}"),
            Place::Record(record) => format!("{name}: record {record}"),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.location(), self.reason)
    }
}

/// How many faults are listed before the rest is only counted.
const LISTED_FAULTS: usize = 100;

impl Error {
    /// An [`Error::InvalidAnnotations`] that lists the first faults and counts the others.
    pub(crate) fn annotations(mut faults: Vec<Fault>) -> Self {
        let rest = faults.len().saturating_sub(LISTED_FAULTS);
        if rest > 0 {
            faults.truncate(LISTED_FAULTS);
            faults.push(Fault {
                name: faults[0].name.clone(),
                place: Place::Whole,
                reason: format!("and {rest} faults more"),
            });
        }
        Self::InvalidAnnotations(faults)
    }

    /// An [`Error::Io`] for `path`, to be used with `map_err`.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
