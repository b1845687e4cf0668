//! Where records go, and how messages look.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Reset, Style};

use crate::error::Error;
use crate::io::OutputFile;

/// Style of the word before an error.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Style of the word before a note.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// What errors call the standard output.
pub const STDOUT: &str = "standard output";
/// Ends a style.
pub const RESET: Reset = Reset;

/// The standard output, or a file that appears when it is complete.
pub enum Sink {
    Stdout(io::Stdout),
    File(Box<OutputFile>, PathBuf),
}

impl Sink {
    /// Opens the output.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        match path {
            None => Ok(Self::Stdout(io::stdout())),
            Some(path) => Ok(Self::File(Box::new(OutputFile::create(path)?), path.to_path_buf())),
        }
    }

    /// The temporary file of an output that is under way.
    pub fn temporary_path(&self) -> Option<PathBuf> {
        match self {
            Self::Stdout(_) => None,
            Self::File(file, _) => file.temporary_path(),
        }
    }

    /// Writes all of `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Self::Stdout(out) => out.lock().write_all(bytes).map_err(Error::io(STDOUT)),
            Self::File(file, path) => file.write_all(bytes).map_err(Error::io(&*path)),
        }
    }

    /// Completes the output.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            Self::Stdout(out) => out.lock().flush().map_err(Error::io(STDOUT)),
            Self::File(file, _) => file.commit(),
        }
    }
}

/// Finds out before the work whether its result can be written.
pub fn prove_writable(path: &Path) -> Result<(), Error> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(Error::io(parent))?;
    }
    OutputFile::create(path).map(drop)
}

/// Writes a text to the standard output.
pub fn print(text: &str) -> Result<(), Error> {
    let mut sink = Sink::open(None)?;
    sink.write(text.as_bytes())?;
    sink.finish()
}

/// One line on the standard error. If that cannot be written, there is nobody to tell.
pub fn message(style: Style, text: &str) {
    let _ = writeln!(anstream::stderr(), "{style}bayan:{RESET} {text}");
}

/// A note, not an error.
pub fn note(text: &str) {
    message(NOTE, text);
}

/// Whether the reader of our output has gone (`| head`): not an error.
pub fn is_closed_pipe(error: &Error) -> bool {
    matches!(error, Error::Io { path, source } if path == Path::new(STDOUT) && source.kind() == io::ErrorKind::BrokenPipe)
}
