//! What one thread does to one batch: cut it, label it, write it.

use super::numbering::Numbering;
use crate::classifier::Labeller;
use crate::document::Span;
use crate::error::Error;
use crate::io::{Batch, InputRecord, OffsetMap, Record, RecordWriter};
use crate::text::segment;

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutting {
    /// Into sentences, by the segmenter.
    Sentences,
    /// Into lines, each non-empty one a sentence.
    Lines,
    /// Not at all: the whole text of a record is one sentence.
    Whole,
}

/// A thread's own state.
pub struct Worker<'a> {
    labeller: Option<Labeller<'a>>,
    writer: &'a RecordWriter<'a>,
    text_cutting: Cutting,
    record_cutting: Cutting,
    spans: Vec<Span>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Done {
    /// The records, as bytes.
    pub bytes: Vec<u8>,
    /// How many there are.
    pub sentences: usize,
    /// How much text it was, in bytes.
    pub read: usize,
    /// A document without content.
    pub empty: Option<String>,
}

impl<'a> Worker<'a> {
    pub fn new(
        labeller: Option<Labeller<'a>>,
        writer: &'a RecordWriter<'a>,
        text_cutting: Cutting,
        record_cutting: Cutting,
    ) -> Self {
        Self {
            labeller,
            writer,
            text_cutting,
            record_cutting,
            spans: Vec::new(),
        }
    }

    /// Labels a batch. `None` if another thread has failed meanwhile.
    pub fn work(&mut self, number: usize, batch: Batch, numbering: &Numbering) -> Result<Option<Done>, Error> {
        let mut done = Done::default();
        match batch {
            Batch::Text {
                document,
                offset,
                first,
                text,
                repaired,
            } => {
                cut(&text, self.text_cutting, first, &mut self.spans);
                let Some(base) = numbering.take(number, first, self.spans.len()) else {
                    return Ok(None);
                };
                done.read = text.len();
                done.bytes.reserve(text.len() * 2);
                let place = Place {
                    document: &document,
                    offset,
                    base,
                    repaired: repaired.as_ref(),
                };
                self.write_spans(&text, &place, &mut done)?;
            }
            Batch::Records(records) => {
                if numbering.take(number, true, 0).is_none() {
                    return Ok(None);
                }
                self.write_records(&records, &mut done)?;
            }
            Batch::Empty { document } => {
                if numbering.take(number, true, 0).is_none() {
                    return Ok(None);
                }
                done.empty = Some(document.to_string());
            }
        }
        Ok(Some(done))
    }

    /// Cuts, labels and writes records, each a document of its own.
    fn write_records(&mut self, records: &[InputRecord], done: &mut Done) -> Result<(), Error> {
        for record in records {
            cut(&record.text, self.record_cutting, true, &mut self.spans);
            done.read += record.text.len();
            let place = Place {
                document: &record.id,
                offset: 0,
                base: 0,
                repaired: None,
            };
            self.write_spans(&record.text, &place, done)?;
        }
        Ok(())
    }

    /// Labels and writes the sentences of `self.spans`.
    fn write_spans(&mut self, text: &str, place: &Place<'_>, done: &mut Done) -> Result<(), Error> {
        let original = |at: usize| place.offset + place.repaired.map_or(at, |map| map.original(at));
        let mut out = self.writer.batch(&mut done.bytes);
        for (i, span) in self.spans.iter().enumerate() {
            let sentence = span.of(text);
            let prediction = self.labeller.as_mut().map(|labeller| labeller.label(sentence));
            let record = Record {
                document: place.document,
                sentence: place.base + i,
                start: original(span.start),
                end: original(span.end),
                text: sentence,
                prediction,
            };
            out.write(&record)?;
        }
        out.finish()?;
        done.sentences += self.spans.len();
        Ok(())
    }
}

struct Place<'a> {
    document: &'a str,
    offset: usize,
    base: usize,
    repaired: Option<&'a OffsetMap>,
}

/// Puts the spans of the sentences of `text` into `spans`.
fn cut(text: &str, cutting: Cutting, first: bool, spans: &mut Vec<Span>) {
    spans.clear();
    match cutting {
        Cutting::Sentences => spans.extend(segment(text).map(|s| s.span)),
        Cutting::Whole => spans.push(Span::new(0, text.len())),
        Cutting::Lines => {
            let bom = if first && text.starts_with('\u{feff}') {
                '\u{feff}'.len_utf8()
            } else {
                0
            };
            let mut start = bom;
            for line in text[bom..].split_inclusive('\n') {
                let content = line.strip_suffix('\n').unwrap_or(line);
                let content = content.strip_suffix('\r').unwrap_or(content);
                if !content.is_empty() {
                    spans.push(Span::new(start, start + content.len()));
                }
                start += line.len();
            }
        }
    }
}
