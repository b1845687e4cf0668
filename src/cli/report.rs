//! What has been done so far, and what is said of it.

use indicatif::ProgressBar;

use super::output::note;
use super::target::Target;
use super::worker::{Done, Event};
use super::{Outcome, complain};
use crate::error::Error;
use crate::io::{Columns, Encoded, give_back};

/// Takes the outcomes of a run in order, writes records, and tells of faults.
pub struct Report<'a> {
    target: Target<'a>,
    bar: ProgressBar,
    /// Names of the sources.
    names: Vec<String>,
    sentences: usize,
    missing: usize,
    empty: usize,
    failed: bool,
    /// Whether the present source has failed.
    source_failed: bool,
    quiet: bool,
}

impl<'a> Report<'a> {
    pub fn new(target: Target<'a>, bar: ProgressBar, names: Vec<String>, failed: bool, quiet: bool) -> Self {
        Self {
            target,
            bar,
            names,
            sentences: 0,
            missing: 0,
            empty: 0,
            failed,
            source_failed: false,
            quiet,
        }
    }

    /// Takes what became of one batch.
    pub fn take(&mut self, outcome: Result<Done<Encoded>, Error>) -> Result<(), Error> {
        let done = match outcome {
            Ok(done) => done,
            Err(e) => {
                self.complain(&e);
                return Ok(());
            }
        };
        match done.event {
            Some(Event::Begin(source, columns)) => self.begin(source, columns),
            Some(Event::Empty(name)) => {
                self.empty += 1;
                self.note(&format!("{name}: empty"));
                Ok(())
            }
            Some(Event::End(source)) => self.target.end(source, self.source_failed),
            None if self.target.takes() => {
                self.sentences += done.sentences;
                self.missing += done.missing;
                self.bar.inc(done.read as u64);
                if let Some(fault) = self.target.write(&done.out)? {
                    self.complain(&fault);
                }
                if let Encoded::Bytes(bytes) = done.out {
                    give_back(bytes);
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn begin(&mut self, source: usize, columns: Option<Columns>) -> Result<(), Error> {
        self.source_failed = false;
        let name = self.names[source].clone();
        match self.target.begin(source, &name, columns)? {
            Some(fault) => self.complain(&fault),
            None => {
                for (old, new) in self.target.renamed() {
                    self.note(&format!("{name}: column {old:?} is carried along as {new:?}"));
                }
            }
        }
        Ok(())
    }

    fn complain(&mut self, error: &Error) {
        self.failed = true;
        self.source_failed = true;
        self.bar.suspend(|| complain(error));
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| note(text));
        }
    }

    /// Completes the output.
    pub fn finish(self) -> Result<Outcome, Error> {
        self.bar.finish_and_clear();
        if self.missing > 0 {
            let rows = if self.missing == 1 { "row holds" } else { "rows hold" };
            self.note(&format!(
                "{} {rows} no text (null); text, labels and probabilities are null there",
                self.missing
            ));
        }
        let nothing = self.sentences + self.missing + self.empty == 0;
        if nothing && !self.names.is_empty() && !self.failed {
            self.note("no sentence was found: the input has no letters or digits");
        }
        self.target.finish()?;
        Ok(if self.failed {
            Outcome::SomeFailed
        } else {
            Outcome::Done
        })
    }
}
