//! Reads documents of every format, file after file.
//!
//! A fault ends its own file, not the others: it comes out of the iterator as an error, and reading goes on with
//! the next source. Around what a source yields stand [`Batch::Begin`] and [`Batch::End`], so that outputs can be told
//! apart.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use super::batch::{Batch, Columns, InputRecord};
use super::chunks::{Chunk, ChunkError, Chunks, MAX_LINE_BYTES};
use super::encoding::{decode, decode_lossy, hint};
use super::open::{Stream, open_stream};
use super::options::{Encoding, InputFormat, InputOptions, Source};
use super::spare::give_back;
use super::tabular::{Table, parse_json_line};
use crate::error::{Error, Fault, Place};

/// Iterator over the batches of all sources.
pub struct Inputs {
    options: InputOptions,
    sources: VecDeque<Source>,
    /// How many sources have been opened, or could not be.
    opened: usize,
    state: State,
}

enum State {
    /// The next source is to be opened.
    Between,
    /// A source is being read.
    Reading(Current),
    /// The end of a source is to be told.
    Ending,
}

struct Current {
    name: Arc<str>,
    body: Body,
    empty: bool,
    /// A fault behind the batch that was handed out last.
    pending: Option<Error>,
}

enum Body {
    Text {
        chunks: Chunks<Box<dyn Read + Send>>,
        first: bool,
    },
    Jsonl {
        chunks: Chunks<Box<dyn Read + Send>>,
        line: usize,
    },
    /// `None` where the file is empty.
    Table(Option<Box<Table>>),
    #[cfg(feature = "cli")]
    Parquet(Box<super::columnar::ParquetRows>),
}

impl Inputs {
    /// Reads `sources` in order.
    pub fn new(sources: Vec<Source>, options: InputOptions) -> Self {
        Self {
            options,
            sources: sources.into(),
            opened: 0,
            state: State::Between,
        }
    }

    /// Whether reading may wait for somebody who never writes: from a pipe or a terminal.
    pub fn may_hang(&self) -> bool {
        let is_file = |source: &Source| match source {
            Source::Stdin => false,
            Source::File(path) => path.is_file(),
        };
        !self.sources.iter().all(is_file)
    }

    fn open(&self, source: &Source) -> Result<Current, Error> {
        let name: Arc<str> = source.name().into();
        let body = match open_stream(source, self.options.format)? {
            Stream::Bytes(reader, format) => self.body(&name, reader, format)?,
            #[cfg(feature = "cli")]
            Stream::Parquet(file) => Body::Parquet(Box::new(super::columnar::ParquetRows::open(
                &name,
                file,
                &self.options,
            )?)),
        };
        Ok(Current {
            name,
            body,
            empty: true,
            pending: None,
        })
    }

    fn body(&self, name: &str, reader: Box<dyn Read + Send>, format: InputFormat) -> Result<Body, Error> {
        let table = |reader, delimiter| Table::open(name, reader, delimiter, &self.options).map(|t| t.map(Box::new));
        Ok(match format {
            InputFormat::Jsonl => Body::Jsonl {
                chunks: Chunks::new(reader),
                line: 0,
            },
            InputFormat::Csv => Body::Table(table(reader, b',')?),
            InputFormat::Tsv => Body::Table(table(reader, b'\t')?),
            _ => Body::Text {
                chunks: Chunks::new(reader),
                first: true,
            },
        })
    }
}

impl Iterator for Inputs {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match std::mem::replace(&mut self.state, State::Ending) {
            State::Between => {
                let Some(source) = self.sources.pop_front() else {
                    self.state = State::Between;
                    return None;
                };
                self.opened += 1;
                Some(self.open(&source).map(|current| {
                    let begin = Batch::Begin {
                        source: self.opened - 1,
                        columns: current.columns(),
                    };
                    self.state = State::Reading(current);
                    begin
                }))
            }
            State::Reading(mut current) => match current.next_batch(&self.options) {
                Ok(Some(batch)) => {
                    current.empty = false;
                    self.state = State::Reading(current);
                    Some(Ok(batch))
                }
                Ok(None) if current.empty => Some(Ok(Batch::Empty { document: current.name })),
                Ok(None) => self.next(),
                Err(e) => Some(Err(e)),
            },
            State::Ending => {
                self.state = State::Between;
                Some(Ok(Batch::End {
                    source: self.opened - 1,
                }))
            }
        }
    }
}

impl Current {
    /// The columns that its batches carry along.
    fn columns(&self) -> Option<Columns> {
        match &self.body {
            #[cfg(feature = "cli")]
            Body::Parquet(rows) => rows.carried(),
            _ => None,
        }
    }

    /// The next batch. What was read before a fault is handed out before the fault is.
    fn next_batch(&mut self, options: &InputOptions) -> Result<Option<Batch>, Error> {
        if let Some(error) = self.pending.take() {
            return Err(error);
        }
        let name = &self.name;
        match &mut self.body {
            Body::Text { chunks, first } => {
                let Some(chunk) = next_chunk(name, chunks)? else {
                    return Ok(None);
                };
                let offset = chunk.offset;
                let (text, repaired) = match options.encoding {
                    Encoding::Strict => (strict(name, &chunk, &mut self.pending)?, None),
                    Encoding::Lossy => {
                        let (text, map) = decode_lossy(&chunk.bytes);
                        (text, (map != Default::default()).then_some(map))
                    }
                };
                give_back(chunk.bytes);
                let first = std::mem::take(first);
                Ok(Some(Batch::Text {
                    document: name.clone(),
                    offset,
                    first,
                    text,
                    repaired,
                }))
            }
            Body::Jsonl { chunks, line } => {
                let Some(chunk) = next_chunk(name, chunks)? else {
                    return Ok(None);
                };
                let records = json_records(name, &chunk, line, options, &mut self.pending)?;
                Ok(Some(Batch::Records { records, rows: None }))
            }
            Body::Table(None) => Ok(None),
            Body::Table(Some(table)) => {
                let records = table.next_records(name, options, &mut self.pending)?;
                Ok((!records.is_empty()).then_some(Batch::Records { records, rows: None }))
            }
            #[cfg(feature = "cli")]
            Body::Parquet(rows) => rows.next_batch(name),
        }
    }
}

fn next_chunk(name: &str, chunks: &mut Chunks<Box<dyn Read + Send>>) -> Result<Option<Chunk>, Error> {
    chunks.next().map_err(|e| match e {
        ChunkError::Io(source) => Error::Io {
            path: name.into(),
            source,
        },
        ChunkError::LongLine(offset) => Error::InvalidInput(Fault {
            name: name.into(),
            place: Place::Byte(offset),
            reason: format!(
                "a line longer than {} MiB begins here; break it into lines",
                MAX_LINE_BYTES >> 20
            ),
        }),
    })
}

/// The text of a chunk. Where it is not UTF-8, the whole lines before that, the fault being kept for later; or the
/// fault itself where there are none.
fn strict(name: &str, chunk: &Chunk, pending: &mut Option<Error>) -> Result<String, Error> {
    let at = match decode(&chunk.bytes) {
        Ok(text) => return Ok(text),
        Err(at) => at,
    };
    let hint = if chunk.offset == 0 {
        hint(&chunk.bytes)
    } else {
        hint(&[])
    };
    let place = Place::Byte(chunk.offset + at);
    let fault = Error::InvalidInput(Fault {
        name: name.into(),
        place,
        reason: format!("not UTF-8{hint}"),
    });
    match memchr::memrchr(b'\n', &chunk.bytes[..at]).map(|end| decode(&chunk.bytes[..=end])) {
        Some(Ok(lines)) => {
            *pending = Some(fault);
            Ok(lines)
        }
        _ => Err(fault),
    }
}

/// The records of the lines of a chunk, up to the first fault.
fn json_records(
    name: &str,
    chunk: &Chunk,
    line: &mut usize,
    options: &InputOptions,
    pending: &mut Option<Error>,
) -> Result<Vec<InputRecord>, Error> {
    let text = match options.encoding {
        Encoding::Strict => strict(name, chunk, pending)?,
        Encoding::Lossy => decode_lossy(&chunk.bytes).0,
    };
    let text = text.strip_prefix('\u{feff}').filter(|_| *line == 0).unwrap_or(&text);
    let mut records = Vec::new();
    for json in text.lines() {
        *line += 1;
        if json.trim().is_empty() {
            continue;
        }
        match parse_json_line(name, *line, json, options) {
            Ok(record) => records.push(record),
            Err(fault) => {
                *pending = Some(fault);
                break;
            }
        }
    }
    Ok(records)
}
