//! Progress on the standard error, where that is a terminal.

use std::io::{IsTerminal, stderr, stdout};

use indicatif::{ProgressBar, ProgressStyle};

use super::sources::Located;
use crate::io::{Compression, InputFormat, Source};
use crate::train::{Progress, Step};

fn visible(quiet: bool) -> bool {
    !quiet && stderr().is_terminal()
}

/// A bar over the bytes of all sources; a counter where their size is not known.
/// Not where records go to the same terminal.
pub fn bytes_bar(sources: &[Located], quiet: bool, to_file: bool) -> ProgressBar {
    if !visible(quiet) || !to_file && stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let size = |located: &Located| match &located.source {
        // Of what is compressed, the size of the text is not known.
        Source::File(path) if is_packed(path) => None,
        Source::File(path) => std::fs::metadata(path).ok().map(|m| m.len()),
        Source::Stdin => None,
    };
    let total: Option<u64> = sources.iter().map(size).sum();
    match total {
        Some(total) => styled(
            ProgressBar::new(total),
            "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        ),
        None => styled(ProgressBar::new_spinner(), "{spinner} {bytes} {bytes_per_sec}"),
    }
}

fn is_packed(path: &std::path::Path) -> bool {
    Compression::of(path).0 != Compression::None || InputFormat::of(path) == InputFormat::Parquet
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A bar over the fits of a training run.
pub struct TrainBar {
    bar: ProgressBar,
}

impl TrainBar {
    pub fn new(quiet: bool) -> Self {
        Self::titled(quiet, "")
    }

    /// A bar with a title before it.
    pub fn titled(quiet: bool, title: &str) -> Self {
        let bar = if visible(quiet) {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        Self {
            bar: styled(
                bar.with_prefix(title.to_owned()),
                "{prefix}{bar:30} fit {pos}/{len} {eta} left  {msg}",
            ),
        }
    }
}

impl Drop for TrainBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for TrainBar {
    fn done(&self, step: Step<'_>) {
        match step {
            Step::Counted { fits, .. } => self.bar.set_length(fits as u64),
            Step::Fitted {
                label, c, convergence, ..
            } => {
                self.bar.inc(1);
                self.bar
                    .set_message(format!("{label}, C={c}: {} iterations", convergence.iterations));
            }
        }
    }
}
