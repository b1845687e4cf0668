//! Where the records of all sources go: into one output, or each source's into its own.

use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::output::{Destination, Layout, STDOUT, Sink};
use crate::error::{Error, Fault, Place};
use crate::io::{Columns, Encoded, RecordFormat};

/// Where records go.
pub enum Target<'a> {
    One(Box<One<'a>>),
    Folder(Box<Folder<'a>>),
}

/// One output for all sources.
pub struct One<'a> {
    path: PathBuf,
    layout: Layout<'a>,
    /// Until the output has begun.
    waiting: Option<Destination>,
    sink: Option<Sink>,
    columns: Option<Columns>,
    /// The source that is being read has columns that do not fit.
    refused: bool,
}

impl<'a> One<'a> {
    pub fn new(to: Destination, path: Option<&Path>, layout: Layout<'a>) -> Result<Self, Error> {
        let mut one = Self {
            path: path.unwrap_or(Path::new(STDOUT)).to_path_buf(),
            layout,
            waiting: Some(to),
            sink: None,
            columns: None,
            refused: false,
        };
        // Parquet waits for the columns of the first source.
        if layout.format != RecordFormat::Parquet {
            one.start(None)?;
        }
        Ok(one)
    }

    fn start(&mut self, columns: Option<Columns>) -> Result<(), Error> {
        if let Some(to) = self.waiting.take() {
            self.sink = Some(Sink::begin(to, &self.path, self.layout, columns.as_ref())?);
            self.columns = columns;
        }
        Ok(())
    }

    /// Begins a source. A table has one list of columns: a source with other ones than the first is a fault.
    fn begin(&mut self, columns: Option<Columns>) -> Result<Option<&'static str>, Error> {
        if self.waiting.is_some() {
            self.start(columns)?;
            self.refused = false;
        } else {
            let list = |columns: &Option<Columns>| -> Vec<_> {
                let fields = columns.iter().flat_map(|c| c.fields());
                fields.map(|f| (f.name().clone(), f.data_type().clone())).collect()
            };
            self.refused = self.layout.format == RecordFormat::Parquet && list(&columns) != list(&self.columns);
        }
        Ok(self.refused.then_some(
            "its columns to carry along are not those of the first input; use --output-dir for one output each",
        ))
    }
}

impl Target<'_> {
    /// Begins a source; `columns` are those that its rows carry along. A fault is one of the source alone.
    pub fn begin(&mut self, source: usize, name: &str, columns: Option<Columns>) -> Result<Option<Error>, Error> {
        match self {
            Self::One(one) => Ok(one.begin(columns)?.map(|reason| {
                Error::InvalidInput(Fault {
                    name: name.into(),
                    place: Place::Whole,
                    reason: reason.into(),
                })
            })),
            Self::Folder(folder) => {
                let begun = folder.begin(source, columns.as_ref());
                folder.own_fault(begun)
            }
        }
    }

    /// Carried columns that got another name in the output that is under way.
    pub fn renamed(&self) -> Vec<(String, String)> {
        let sink = match self {
            Self::One(one) => one.sink.as_ref(),
            Self::Folder(folder) => folder.sink(),
        };
        sink.map(|sink| sink.renamed().to_vec()).unwrap_or_default()
    }

    /// Whether the records of the present source are wanted.
    pub fn takes(&self) -> bool {
        !matches!(self, Self::One(one) if one.refused)
    }

    /// Takes records of the source that began last. A fault is one of the source alone.
    pub fn write(&mut self, records: &Encoded) -> Result<Option<Error>, Error> {
        match self {
            Self::One(one) => one
                .sink
                .as_mut()
                .map_or(Ok(()), |sink| sink.write(records))
                .map(|()| None),
            Self::Folder(folder) => {
                let written = folder.write(records);
                folder.own_fault(written)
            }
        }
    }

    /// Ends a source.
    pub fn end(&mut self, source: usize, failed: bool) -> Result<(), Error> {
        match self {
            Self::One(_) => Ok(()),
            Self::Folder(folder) => folder.end(source, failed),
        }
    }

    /// Completes the output.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            Self::One(mut one) => {
                one.start(None)?;
                one.sink.map_or(Ok(()), Sink::finish)
            }
            Self::Folder(folder) => folder.finish(),
        }
    }
}
