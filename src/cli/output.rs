//! Where records go, and how messages look.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Reset, Style};

use crate::error::Error;
use crate::io::{Columns, Compression, Compressor, Encoded, OutputFile, ParquetWriter, RecordFormat, RecordWriter};
use crate::label::LabelSchema;

/// Style of the word before an error.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Style of the word before a note.
pub const NOTE: Style = AnsiColor::Yellow.on_default();
/// What errors call the standard output.
pub const STDOUT: &str = "standard output";
/// Ends a style.
pub const RESET: Reset = Reset;

/// The standard output, or a file that appears when it is complete.
pub enum Destination {
    Stdout(io::Stdout),
    File(Box<OutputFile>),
}

impl Destination {
    /// The standard output, or a file.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        match path {
            None => Ok(Self::Stdout(io::stdout())),
            Some(path) => Ok(Self::File(Box::new(OutputFile::create(path)?))),
        }
    }

    /// The temporary file of an output that is under way.
    pub fn temporary_path(&self) -> Option<PathBuf> {
        match self {
            Self::Stdout(_) => None,
            Self::File(file) => file.temporary_path(),
        }
    }

    fn commit(self) -> Result<(), Error> {
        match self {
            Self::Stdout(out) => out.lock().flush().map_err(Error::io(STDOUT)),
            Self::File(file) => file.commit(),
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.lock().write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.lock().write_all(bytes),
            Self::File(file) => file.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.lock().flush(),
            Self::File(file) => file.flush(),
        }
    }
}

/// How records become an output.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    pub format: RecordFormat,
    pub compression: Compression,
    /// `None` where only sentences are asked for.
    pub labels: Option<&'a LabelSchema>,
}

impl Layout<'_> {
    /// The extension of outputs, without the first dot.
    pub fn extension(&self) -> String {
        let format = match self.format {
            RecordFormat::Jsonl => "jsonl",
            RecordFormat::Csv => "csv",
            RecordFormat::Tsv => "tsv",
            RecordFormat::Parquet => "parquet",
        };
        match self.compression {
            Compression::None => format.into(),
            other => format!("{format}.{}", other.extension()),
        }
    }

    /// Whether the output is not to be shown on a terminal.
    pub fn is_binary(&self) -> bool {
        self.format == RecordFormat::Parquet || self.compression != Compression::None
    }
}

/// Takes encoded records, and puts them where they go.
pub struct Sink {
    path: PathBuf,
    form: Form,
}

enum Form {
    Bytes(Compressor<Destination>),
    Parquet(Box<ParquetWriter<Destination>>),
}

impl Sink {
    /// Begins an output; errors call it `path`. `columns`: those that Parquet rows carry along.
    pub fn begin(to: Destination, path: &Path, layout: Layout<'_>, columns: Option<&Columns>) -> Result<Self, Error> {
        let form = if layout.format == RecordFormat::Parquet {
            let columns = columns.map(|c| &**c);
            Form::Parquet(Box::new(ParquetWriter::new(to, path, layout.labels, columns)?))
        } else {
            let mut bytes = Compressor::new(to, layout.compression).map_err(Error::io(path))?;
            let header = RecordWriter::new(layout.format, layout.labels).header()?;
            bytes.write_all(&header).map_err(Error::io(path))?;
            Form::Bytes(bytes)
        };
        Ok(Self {
            path: path.to_path_buf(),
            form,
        })
    }

    /// Carried columns that got another name: old and new name.
    pub fn renamed(&self) -> &[(String, String)] {
        match &self.form {
            Form::Bytes(_) => &[],
            Form::Parquet(writer) => writer.renamed(),
        }
    }

    /// Writes records.
    pub fn write(&mut self, records: &Encoded) -> Result<(), Error> {
        match (&mut self.form, records) {
            (Form::Bytes(out), Encoded::Bytes(bytes)) => out.write_all(bytes).map_err(Error::io(&*self.path)),
            (Form::Parquet(out), Encoded::Table(table)) => out.write(table),
            // What tells of a source holds no records, in whatever form.
            (Form::Parquet(_), Encoded::Bytes(_)) | (Form::Bytes(_), Encoded::Table(_)) => Ok(()),
        }
    }

    /// Completes the output.
    pub fn finish(self) -> Result<(), Error> {
        let to = match self.form {
            Form::Bytes(out) => out.finish().map_err(Error::io(self.path))?,
            Form::Parquet(out) => out.finish()?,
        };
        to.commit()
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
    let mut out = Destination::open(None)?;
    out.write_all(text.as_bytes()).map_err(Error::io(STDOUT))?;
    out.commit()
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
