//! Records of JSONL, CSV and TSV: a text, and what names it.

use std::io::{self, Read};

use serde_json::{Map, Value};

use super::batch::InputRecord;
use super::chunks::{BATCH_BYTES, MAX_LINE_BYTES};
use super::options::{Encoding, InputOptions};
use crate::error::{Error, Fault, Place};

pub(super) const DEFAULT_ID: &str = "id";

fn fault(name: &str, line: usize, reason: String) -> Error {
    Error::InvalidInput(Fault {
        name: name.into(),
        place: Place::Line(line),
        reason,
    })
}

/// The record of one line of JSON.
pub(super) fn parse_json_line(
    name: &str,
    line: usize,
    json: &str,
    options: &InputOptions,
) -> Result<InputRecord, Error> {
    let fields: Map<String, Value> =
        serde_json::from_str(json).map_err(|e| fault(name, line, format!("not a JSON object: {e}")))?;
    let text = match fields.get(&options.text_field) {
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            return Err(fault(
                name,
                line,
                format!("field {:?} is not a string", options.text_field),
            ));
        }
        None => {
            return Err(fault(
                name,
                line,
                format!("no field {:?}{}", options.text_field, known(fields.keys())),
            ));
        }
    };
    let id = match fields.get(options.id_field.as_deref().unwrap_or(DEFAULT_ID)) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(fault(name, line, "the id is neither a string nor a number".into()));
        }
        Some(Value::Null) | None => match &options.id_field {
            Some(field) => return Err(fault(name, line, format!("no field {field:?}{}", known(fields.keys())))),
            None => format!("{name}:{line}"),
        },
    };
    Ok(InputRecord { id, text: Some(text) })
}

pub(super) fn known<'k>(names: impl Iterator<Item = &'k String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).take(20).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("; there are {}", names.join(", "))
    }
}

/// An open CSV or TSV file.
pub(super) struct Table {
    reader: csv::Reader<RecordLimit<Box<dyn Read + Send>>>,
    text: usize,
    id: Option<usize>,
    record: csv::ByteRecord,
}

/// A reader that fails when one record takes more than [`MAX_LINE_BYTES`]: a quotation mark that is never closed.
struct RecordLimit<R> {
    inner: R,
    left: usize,
}

impl<R: Read> Read for RecordLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let limit = MAX_LINE_BYTES >> 20;
            return Err(io::Error::other(format!(
                "a record longer than {limit} MiB; is a quotation mark not closed?"
            )));
        }
        let got = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(got);
        Ok(got)
    }
}

impl Table {
    /// Reads the header and finds the columns; `None` if there is nothing in the file at all.
    pub(super) fn open(
        name: &str,
        reader: Box<dyn Read + Send>,
        delimiter: u8,
        options: &InputOptions,
    ) -> Result<Option<Self>, Error> {
        let reader = RecordLimit {
            inner: reader,
            left: MAX_LINE_BYTES,
        };
        // Tab-separated text does not quote: a quotation mark is part of the text.
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .quoting(delimiter != b'\t')
            .from_reader(reader);
        let headers = reader.headers().map_err(|e| csv_error(name, e))?.clone();
        if headers.is_empty() {
            return Ok(None);
        }
        let names: Vec<String> = headers
            .iter()
            .map(|h| h.trim_start_matches('\u{feff}').to_owned())
            .collect();
        let find = |wanted: &str| names.iter().position(|n| n == wanted);
        let missing = |wanted: &str| fault(name, 1, format!("no column {wanted:?}{}", known(names.iter())));
        let text = find(&options.text_field).ok_or_else(|| missing(&options.text_field))?;
        let id = match &options.id_field {
            Some(field) => Some(find(field).ok_or_else(|| missing(field))?),
            None => find(DEFAULT_ID),
        };
        Ok(Some(Self {
            reader,
            text,
            id,
            record: csv::ByteRecord::new(),
        }))
    }

    /// The next records, at most about [`BATCH_BYTES`], up to the first fault; none at the end.
    pub(super) fn next_records(
        &mut self,
        name: &str,
        options: &InputOptions,
        pending: &mut Option<Error>,
    ) -> Result<Vec<InputRecord>, Error> {
        let mut records = Vec::new();
        let mut bytes = 0;
        while bytes < BATCH_BYTES {
            match self.next_record(name, options) {
                Ok(Some(record)) => records.push(record),
                Ok(None) => break,
                Err(e) if records.is_empty() => return Err(e),
                Err(e) => {
                    *pending = Some(e);
                    break;
                }
            }
            bytes += self.record.as_slice().len() + 1;
        }
        Ok(records)
    }

    fn next_record(&mut self, name: &str, options: &InputOptions) -> Result<Option<InputRecord>, Error> {
        self.reader.get_mut().left = MAX_LINE_BYTES;
        if !self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|e| csv_error(name, e))?
        {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, |p| p.line() as usize);
        let field = |column: usize| match (std::str::from_utf8(&self.record[column]), options.encoding) {
            (Ok(text), _) => Ok(text.to_owned()),
            (Err(_), Encoding::Lossy) => Ok(String::from_utf8_lossy(&self.record[column]).into_owned()),
            (Err(_), Encoding::Strict) => Err(fault(
                name,
                line,
                format!("column {} is not UTF-8 (use --lossy)", column + 1),
            )),
        };
        let text = field(self.text)?;
        let id = self.id.map_or_else(|| Ok(format!("{name}:{line}")), field)?;
        Ok(Some(InputRecord { id, text: Some(text) }))
    }
}

fn csv_error(name: &str, error: csv::Error) -> Error {
    let line = error.position().map(|p| p.line() as usize);
    let reason = error.to_string();
    match (line, error.into_kind()) {
        (_, csv::ErrorKind::Io(source)) => Error::Io {
            path: name.into(),
            source,
        },
        (Some(line), _) => fault(name, line, reason),
        (None, _) => Error::InvalidInput(Fault {
            name: name.into(),
            place: Place::Whole,
            reason,
        }),
    }
}
