//! Reads documents of every format, file after file.
//!
//! A fault ends its own file, not the others: it comes out of the iterator as an error, and reading goes on with
//! the next source.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch::{Batch, InputRecord};
use super::chunks::{Chunk, ChunkError, Chunks, MAX_LINE_BYTES};
use super::encoding::{decode, decode_lossy, hint};
use super::tabular::{Table, parse_json_line};
use crate::error::{Error, Fault, Place};

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// A raw article: one document, to be cut into sentences.
    Text,
    /// One sentence a line.
    Lines,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header.
    Tsv,
}

impl InputFormat {
    /// The format that the extension of a path tells: `.jsonl`, `.ndjson`, `.csv`, `.tsv`, else text.
    pub fn of(path: &Path) -> Self {
        match path
            .extension()
            .and_then(|e| e.to_str())
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("jsonl" | "ndjson") => Self::Jsonl,
            Some("csv") => Self::Csv,
            Some("tsv") => Self::Tsv,
            _ => Self::Text,
        }
    }
}

/// What happens to bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// They are an error.
    Strict,
    /// Each ill-formed sequence is replaced by U+FFFD; offsets stay those of the input.
    Lossy,
}

/// Settings of reading.
#[derive(Debug, Clone)]
pub struct InputOptions {
    /// The format of every source, or by extension.
    pub format: Option<InputFormat>,
    /// Field or column that holds the text. Default: `text`.
    pub text_field: String,
    /// Field or column that names the record. Default: `id`, and where there is none, file and line.
    pub id_field: Option<String>,
    /// Default: strict.
    pub encoding: Encoding,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            format: None,
            text_field: "text".into(),
            id_field: None,
            encoding: Encoding::Strict,
        }
    }
}

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Source {
    /// How results and errors refer to it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".into(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// Iterator over the batches of all sources.
pub struct Inputs {
    options: InputOptions,
    sources: VecDeque<Source>,
    current: Option<Current>,
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
}

impl Inputs {
    /// Reads `sources` in order.
    pub fn new(sources: Vec<Source>, options: InputOptions) -> Self {
        Self {
            options,
            sources: sources.into(),
            current: None,
        }
    }

    fn open(&self, source: &Source) -> Result<Current, Error> {
        let (reader, format): (Box<dyn Read + Send>, _) = match source {
            Source::Stdin => (Box::new(io::stdin()), InputFormat::Text),
            Source::File(path) => (
                Box::new(File::open(path).map_err(Error::io(path))?),
                InputFormat::of(path),
            ),
        };
        let name: Arc<str> = source.name().into();
        let body = match self.options.format.unwrap_or(format) {
            InputFormat::Text | InputFormat::Lines => Body::Text {
                chunks: Chunks::new(reader),
                first: true,
            },
            InputFormat::Jsonl => Body::Jsonl {
                chunks: Chunks::new(reader),
                line: 0,
            },
            InputFormat::Csv => Body::Table(Table::open(&name, reader, b',', &self.options)?.map(Box::new)),
            InputFormat::Tsv => Body::Table(Table::open(&name, reader, b'\t', &self.options)?.map(Box::new)),
        };
        Ok(Current {
            name,
            body,
            empty: true,
            pending: None,
        })
    }
}

impl Iterator for Inputs {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(mut current) = self.current.take() else {
                let source = self.sources.pop_front()?;
                match self.open(&source) {
                    Ok(current) => self.current = Some(current),
                    Err(e) => return Some(Err(e)),
                }
                continue;
            };
            match current.next_batch(&self.options) {
                Ok(Some(batch)) => {
                    current.empty = false;
                    self.current = Some(current);
                    return Some(Ok(batch));
                }
                Ok(None) if current.empty => return Some(Ok(Batch::Empty { document: current.name })),
                Ok(None) => {}
                Err(e) => return Some(Err(e)),
            }
        }
    }
}

impl Current {
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
                Ok(Some(Batch::Records(records)))
            }
            Body::Table(None) => Ok(None),
            Body::Table(Some(table)) => {
                let records = table.next_records(name, options, &mut self.pending)?;
                Ok((!records.is_empty()).then_some(Batch::Records(records)))
            }
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
