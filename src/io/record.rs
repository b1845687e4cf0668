//! Output records: one for each sentence.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::batch::Rows;
use super::spare::take;
use crate::error::Error;
use crate::label::{LabelSchema, LabelSet};

/// One labelled sentence of the output.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Name of the document.
    pub document: &'a str,
    /// Number of the sentence in its document, from 0.
    pub sentence: usize,
    /// First byte in the document.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The sentence; `None` for a record without a text, which has no labels either.
    pub text: Option<&'a str>,
    /// Labels and probabilities; none where only sentences are asked for, or where there is no text.
    pub prediction: Option<(LabelSet, &'a [f64])>,
}

/// The format of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header; labels separated by `|`.
    Csv,
    /// Tab-separated values with a header; labels separated by `|`. Nothing is quoted: tabs and line breaks within a
    /// field become spaces.
    Tsv,
    /// Apache Parquet.
    #[cfg(feature = "cli")]
    Parquet,
}

/// Records of a batch, encoded as far as that is done batch by batch.
#[derive(Debug)]
pub enum Encoded {
    /// Bytes of the output.
    Bytes(Vec<u8>),
    /// Columns.
    #[cfg(feature = "cli")]
    Table(super::columnar::Table),
}

impl Default for Encoded {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

/// Writes records.
#[derive(Debug, Clone)]
pub struct RecordWriter<'s> {
    format: RecordFormat,
    /// `None` where records hold no predictions.
    schema: Option<&'s LabelSchema>,
}

/// Probabilities are written to four decimals.
pub(super) fn rounded(p: f64) -> f64 {
    (p * 1e4).round() / 1e4
}

/// Writes a probability in [0, 1] as [`rounded`] would be displayed, without the general way's search for digits.
fn write_probability(p: f64, out: &mut String) {
    let mut rest = (p * 1e4).round() as u32;
    let whole = rest / 10_000;
    out.push(if whole == 0 { '0' } else { '1' });
    rest %= 10_000;
    if rest > 0 {
        out.push('.');
    }
    let mut place = 1000;
    while rest > 0 {
        out.push(char::from(b'0' + (rest / place) as u8));
        rest %= place;
        place /= 10;
    }
}

impl<'s> RecordWriter<'s> {
    /// A writer of records with predictions under `schema`, or of plain sentences.
    pub fn new(format: RecordFormat, schema: Option<&'s LabelSchema>) -> Self {
        Self { format, schema }
    }

    /// What stands before the first record: the header of a table.
    ///
    /// # Errors
    /// If it cannot be encoded.
    pub fn header(&self) -> Result<Vec<u8>, Error> {
        let Some(delimiter) = self.delimiter() else {
            return Ok(Vec::new());
        };
        let mut names = vec!["document", "sentence", "start", "end", "text"];
        if let Some(schema) = self.schema {
            names.push("labels");
            names.extend(schema.names().iter().map(String::as_str));
        }
        let mut table = table_builder(delimiter).from_writer(Vec::new());
        table.write_record(names).map_err(encoding_error)?;
        table.into_inner().map_err(|e| encoding_error(e.into_error().into()))
    }

    fn delimiter(&self) -> Option<u8> {
        match self.format {
            RecordFormat::Jsonl => None,
            #[cfg(feature = "cli")]
            RecordFormat::Parquet => None,
            RecordFormat::Csv => Some(b','),
            RecordFormat::Tsv => Some(b'\t'),
        }
    }

    /// An empty buffer for the records of one batch, which make about `bytes` bytes. `rows`: what the rows of the batch
    /// carry along; only Parquet does.
    #[cfg_attr(not(feature = "cli"), allow(unused_variables))] // only Parquet needs the rows
    pub fn batch(&self, bytes: usize, rows: Option<Rows>) -> RecordBuffer<'s> {
        let sink = match self.format {
            #[cfg(feature = "cli")]
            RecordFormat::Parquet => Sink::Columns(Box::new(super::columnar::TableBuilder::new(self.schema, rows))),
            _ => match self.delimiter() {
                None => Sink::Json(take(bytes)),
                Some(delimiter) => Sink::Table {
                    delimiter,
                    table: Box::new(table_builder(delimiter).from_writer(take(bytes))),
                    number: String::new(),
                },
            },
        };
        RecordBuffer {
            schema: self.schema,
            sink,
        }
    }
}

/// Collects the records of a batch; made by [`RecordWriter::batch`].
#[derive(Debug)]
pub struct RecordBuffer<'s> {
    schema: Option<&'s LabelSchema>,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Json(Vec<u8>),
    Table {
        delimiter: u8,
        table: Box<csv::Writer<Vec<u8>>>,
        /// Room for a number as text, reused.
        number: String,
    },
    #[cfg(feature = "cli")]
    Columns(Box<super::columnar::TableBuilder>),
}

impl RecordBuffer<'_> {
    /// Appends a record that comes from row `row` of its batch.
    ///
    /// # Errors
    /// If it cannot be encoded.
    #[cfg_attr(not(feature = "cli"), allow(unused_variables))] // only Parquet needs the row
    pub fn write(&mut self, record: &Record<'_>, row: usize) -> Result<(), Error> {
        let schema = self.schema;
        match &mut self.sink {
            Sink::Json(out) => {
                serde_json::to_writer(&mut *out, &JsonRecord { record, schema })
                    .map_err(|e| encoding_error(std::io::Error::from(e).into()))?;
                out.push(b'\n');
                Ok(())
            }
            Sink::Table {
                delimiter,
                table,
                number,
            } => write_row(record, schema, *delimiter, table, number).map_err(encoding_error),
            #[cfg(feature = "cli")]
            Sink::Columns(builder) => {
                builder.push(record, row, schema);
                Ok(())
            }
        }
    }

    /// All records that were written into it.
    ///
    /// # Errors
    /// If they cannot be encoded.
    pub fn finish(self) -> Result<Encoded, Error> {
        match self.sink {
            Sink::Json(bytes) => Ok(Encoded::Bytes(bytes)),
            Sink::Table { table, .. } => {
                let bytes = table.into_inner().map_err(|e| encoding_error(e.into_error().into()))?;
                Ok(Encoded::Bytes(bytes))
            }
            #[cfg(feature = "cli")]
            Sink::Columns(builder) => Ok(Encoded::Table(builder.finish())),
        }
    }
}

fn write_row(
    record: &Record<'_>,
    schema: Option<&LabelSchema>,
    delimiter: u8,
    table: &mut csv::Writer<Vec<u8>>,
    number: &mut String,
) -> Result<(), csv::Error> {
    table.write_field(&*field(record.document, delimiter))?;
    for n in [record.sentence, record.start, record.end] {
        number.clear();
        std::fmt::Write::write_fmt(number, format_args!("{n}")).expect("a string takes all");
        table.write_field(&*number)?;
    }
    table.write_field(&*field(record.text.unwrap_or_default(), delimiter))?;
    let Some(schema) = schema else {
        return table.write_record(None::<&[u8]>);
    };
    if let Some((labels, probabilities)) = record.prediction {
        let mut names = schema.names_of(labels);
        match (names.next(), names.next()) {
            (None, _) => table.write_field("")?,
            (Some(only), None) => table.write_field(only)?,
            _ => table.write_field(schema.names_of(labels).collect::<Vec<_>>().join("|"))?,
        }
        for &p in probabilities {
            number.clear();
            write_probability(p, number);
            table.write_field(&*number)?;
        }
    } else {
        (0..=schema.len()).try_for_each(|_| table.write_field(""))?;
    }
    table.write_record(None::<&[u8]>)
}

fn table_builder(delimiter: u8) -> csv::WriterBuilder {
    let mut builder = csv::WriterBuilder::new();
    let quotes = if delimiter == b'\t' {
        csv::QuoteStyle::Never
    } else {
        csv::QuoteStyle::Necessary
    };
    builder.delimiter(delimiter).quote_style(quotes);
    builder
}

/// A field as it can stand in a table that does not quote.
fn field(text: &str, delimiter: u8) -> Cow<'_, str> {
    if delimiter == b'\t' && memchr::memchr3(b'\t', b'\n', b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace(['\t', '\n', '\r'], " "))
    } else {
        Cow::Borrowed(text)
    }
}

fn encoding_error(error: csv::Error) -> Error {
    Error::Io {
        path: "output record".into(),
        source: error.into(),
    }
}

struct JsonRecord<'a> {
    record: &'a Record<'a>,
    schema: Option<&'a LabelSchema>,
}

impl Serialize for JsonRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.record;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("document", record.document)?;
        map.serialize_entry("sentence", &record.sentence)?;
        map.serialize_entry("start", &record.start)?;
        map.serialize_entry("end", &record.end)?;
        map.serialize_entry("text", &record.text)?;
        if let Some(schema) = self.schema {
            let labels = record.prediction.map(|(labels, _)| JsonLabels { schema, labels });
            let probabilities = record
                .prediction
                .map(|(_, probabilities)| JsonProbabilities { schema, probabilities });
            map.serialize_entry("labels", &labels)?;
            map.serialize_entry("probabilities", &probabilities)?;
        }
        map.end()
    }
}

struct JsonLabels<'a> {
    schema: &'a LabelSchema,
    labels: LabelSet,
}

impl Serialize for JsonLabels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.labels.len()))?;
        for name in self.schema.names_of(self.labels) {
            list.serialize_element(name)?;
        }
        list.end()
    }
}

struct JsonProbabilities<'a> {
    schema: &'a LabelSchema,
    probabilities: &'a [f64],
}

impl Serialize for JsonProbabilities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.probabilities.len()))?;
        for (name, &p) in self.schema.names().iter().zip(self.probabilities) {
            map.serialize_entry(name, &rounded(p))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_written_as_they_are_displayed() {
        for n in 0..=20_000 {
            let p = f64::from(n) / 2e4;
            let mut written = String::new();
            write_probability(p, &mut written);
            assert_eq!(written, rounded(p).to_string(), "{p}");
        }
    }

    #[test]
    fn the_documented_forms() {
        let schema = LabelSchema::new(["claim", "denial"]).unwrap();
        let labels = schema.set_of(&["claim"]).unwrap();
        let record = Record {
            document: "a.txt",
            sentence: 3,
            start: 5,
            end: 11,
            text: Some("قال\t\"x\""),
            prediction: Some((labels, &[0.931_26, 0.02])),
        };
        let write = |format| {
            let writer = RecordWriter::new(format, Some(&schema));
            let mut buffer = writer.batch(0, None);
            buffer.write(&record, 0).unwrap();
            let without = Record {
                text: None,
                prediction: None,
                ..record
            };
            buffer.write(&without, 1).unwrap();
            let Encoded::Bytes(bytes) = buffer.finish().unwrap() else {
                panic!("{format:?} is written as bytes");
            };
            String::from_utf8([writer.header().unwrap(), bytes].concat()).unwrap()
        };
        assert_eq!(
            write(RecordFormat::Jsonl),
            "{\"document\":\"a.txt\",\"sentence\":3,\"start\":5,\"end\":11,\"text\":\"قال\\t\\\"x\\\"\",\
             \"labels\":[\"claim\"],\"probabilities\":{\"claim\":0.9313,\"denial\":0.02}}\n\
             {\"document\":\"a.txt\",\"sentence\":3,\"start\":5,\"end\":11,\"text\":null,\
             \"labels\":null,\"probabilities\":null}\n"
        );
        assert_eq!(
            write(RecordFormat::Tsv),
            "document\tsentence\tstart\tend\ttext\tlabels\tclaim\tdenial\n\
             a.txt\t3\t5\t11\tقال \"x\"\tclaim\t0.9313\t0.02\n\
             a.txt\t3\t5\t11\t\t\t\t\n"
        );
        assert!(write(RecordFormat::Csv).starts_with("document,sentence,"));
    }
}
