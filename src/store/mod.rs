//! The annotation store: who labelled which sentence how and when, in one SQLite file in a project folder.
//!
//! Enters: examples read from files, with annotator, time and source. Leaves: the history of every sentence, the
//! conflicts between annotators, and the sentences with the labels that stand. Must not know: features, models.
//!
//! **History only grows.** A sentence that is labelled again keeps what was said before, and a decision about a
//! conflict is an entry of its own, with who decided and how. Triggers refuse any change of an entry.
//!
//! **A sentence is its id**, and a sentence without id is its text, whatever white space it is written with. A text has
//! one entry even if several ids name it.
//!
//! **An annotator's word is the latest one.** Where the latest words of two annotators differ there is a conflict, until
//! it is resolved; a resolution stands until somebody who labels the sentence later disagrees with it.
//!
//! **Safety.** A command is one transaction with SQLite's rollback journal and `synchronous = EXTRA`: killed at any
//! point, it has happened or it has not, and the next one to open the file puts it right. The journal, not the
//! write-ahead log, because a project then is one file that can be copied and lies well on a network drive. Two processes
//! at once wait for each other ("File Locking And Concurrency In SQLite Version 3", "Atomic Commit In SQLite").

mod connection;
mod history;
mod import;
mod read;
mod resolve;
mod schema;
mod sentence;

pub use connection::{FILE_NAME, Store, Waiting};
pub use history::{Event, History, Method, Outcome, Prefer};
pub use import::{FileReport, ImportOptions};
pub use read::{Export, Status};
pub use resolve::{Decision, Resolved};
