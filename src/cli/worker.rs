//! What one thread does to one batch: cut it, and hand its sentences to what labels and writes, or collects them.

use super::numbering::Numbering;
use crate::classifier::Labeller;
use crate::document::Span;
use crate::error::Error;
use crate::io::{Batch, Columns, Encoded, InputRecord, OffsetMap, Record, RecordBuffer, RecordWriter, Rows, give_back};
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

/// What is known of a batch before its first sentence.
#[derive(Debug, Default)]
pub struct Beginning {
    /// About how much text it holds, in bytes.
    pub bytes: usize,
    /// The rows of the table that it comes from, if it does.
    pub rows: Option<Rows>,
    /// Whether records are not cut, so that the id of a record names its one sentence.
    pub whole: bool,
}

/// What a thread does with sentences.
pub trait Handle {
    /// What comes out of a batch.
    type Out: Default + Send;

    /// A batch begins.
    fn begin(&mut self, batch: Beginning);

    /// Handles a sentence, or a row without text; the record holds no prediction. `row`: that of the batch.
    ///
    /// # Errors
    /// If it cannot be encoded.
    fn handle(&mut self, record: &Record<'_>, row: usize) -> Result<(), Error>;

    /// What was made of the batch.
    ///
    /// # Errors
    /// If it cannot be encoded.
    fn finish(&mut self) -> Result<Self::Out, Error>;
}

/// Labels sentences, if there is a labeller, and writes them.
pub struct Writing<'a> {
    labeller: Option<Labeller<'a>>,
    writer: &'a RecordWriter<'a>,
    buffer: RecordBuffer<'a>,
}

impl<'a> Writing<'a> {
    pub fn new(labeller: Option<Labeller<'a>>, writer: &'a RecordWriter<'a>) -> Self {
        Self {
            labeller,
            writer,
            buffer: writer.batch(0, None),
        }
    }
}

impl Handle for Writing<'_> {
    type Out = Encoded;

    fn begin(&mut self, batch: Beginning) {
        if let Some(labeller) = &self.labeller {
            labeller.announce(batch.bytes);
        }
        self.buffer = self.writer.batch(batch.bytes * 2, batch.rows);
    }

    fn handle(&mut self, record: &Record<'_>, row: usize) -> Result<(), Error> {
        let prediction = match (&mut self.labeller, record.text) {
            (Some(labeller), Some(text)) => Some(labeller.label(text)),
            _ => None,
        };
        self.buffer.write(&Record { prediction, ..*record }, row)
    }

    fn finish(&mut self) -> Result<Encoded, Error> {
        std::mem::replace(&mut self.buffer, self.writer.batch(0, None)).finish()
    }
}

/// A thread's own state.
pub struct Worker<H> {
    handle: H,
    text_cutting: Cutting,
    record_cutting: Cutting,
    spans: Vec<Span>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Done<O> {
    /// What was made of its sentences.
    pub out: O,
    /// How many sentences there are.
    pub sentences: usize,
    /// How many rows held no text.
    pub missing: usize,
    /// How much text it was, in bytes.
    pub read: usize,
    /// What the batch tells of its source.
    pub event: Option<Event>,
}

/// Where a source begins and ends.
#[derive(Debug)]
pub enum Event {
    /// A source, by its position, begins; its rows carry these columns.
    Begin(usize, Option<Columns>),
    /// A document without content.
    Empty(String),
    /// A source has been read.
    End(usize),
}

impl<H: Handle> Worker<H> {
    pub fn new(handle: H, text_cutting: Cutting, record_cutting: Cutting) -> Self {
        Self {
            handle,
            text_cutting,
            record_cutting,
            spans: Vec::new(),
        }
    }

    /// Handles a batch. `None` if another thread has failed meanwhile.
    pub fn work(&mut self, number: usize, batch: Batch, numbering: &Numbering) -> Result<Option<Done<H::Out>>, Error> {
        if let Batch::Text {
            document,
            offset,
            first,
            text,
            repaired,
        } = batch
        {
            cut(&text, self.text_cutting, first, &mut self.spans);
            let Some(base) = numbering.take(number, first, self.spans.len()) else {
                return Ok(None);
            };
            let place = Place {
                document: &document,
                offset,
                base,
                row: 0,
                repaired: repaired.as_ref(),
            };
            let done = self.work_text(&text, &place).map(Some);
            give_back(text.into_bytes());
            return done;
        }
        if numbering.take(number, true, 0).is_none() {
            return Ok(None);
        }
        match batch {
            Batch::Records { records, rows } => self.work_records(&records, rows).map(Some),
            Batch::Begin { source, columns } => Ok(Some(Done::event(Event::Begin(source, columns)))),
            Batch::Empty { document } => Ok(Some(Done::event(Event::Empty(document.to_string())))),
            Batch::End { source } => Ok(Some(Done::event(Event::End(source)))),
            Batch::Text { .. } => unreachable!("a text was worked on above"),
        }
    }

    /// Handles part of a document that has been cut.
    fn work_text(&mut self, text: &str, place: &Place<'_>) -> Result<Done<H::Out>, Error> {
        self.handle.begin(Beginning {
            bytes: text.len(),
            ..Beginning::default()
        });
        self.handle_spans(text, place)?;
        Ok(Done {
            out: self.handle.finish()?,
            sentences: self.spans.len(),
            read: text.len(),
            ..Done::default()
        })
    }

    /// Cuts and handles records, each a document of its own.
    fn work_records(&mut self, records: &[InputRecord], rows: Option<Rows>) -> Result<Done<H::Out>, Error> {
        let mut done = Done::default();
        let texts = records.iter().filter_map(|record| record.text.as_ref());
        self.handle.begin(Beginning {
            bytes: texts.map(String::len).sum(),
            rows,
            whole: self.record_cutting == Cutting::Whole,
        });
        for (row, record) in records.iter().enumerate() {
            let place = Place {
                document: &record.id,
                offset: 0,
                base: 0,
                row,
                repaired: None,
            };
            let Some(text) = &record.text else {
                self.handle.handle(&place.without_text(), row)?;
                done.missing += 1;
                continue;
            };
            cut(text, self.record_cutting, true, &mut self.spans);
            self.handle_spans(text, &place)?;
            done.read += text.len();
            done.sentences += self.spans.len();
        }
        done.out = self.handle.finish()?;
        Ok(done)
    }

    /// Handles the sentences of `self.spans`.
    fn handle_spans(&mut self, text: &str, place: &Place<'_>) -> Result<(), Error> {
        let original = |at: usize| place.offset + place.repaired.map_or(at, |map| map.original(at));
        for (i, span) in self.spans.iter().enumerate() {
            let record = Record {
                document: place.document,
                sentence: place.base + i,
                start: original(span.start),
                end: original(span.end),
                text: Some(span.of(text)),
                prediction: None,
            };
            self.handle.handle(&record, place.row)?;
        }
        Ok(())
    }
}

struct Place<'a> {
    document: &'a str,
    offset: usize,
    base: usize,
    /// The row of the batch.
    row: usize,
    repaired: Option<&'a OffsetMap>,
}

impl<'a> Place<'a> {
    /// The record of a row that holds no text.
    fn without_text(&self) -> Record<'a> {
        Record {
            document: self.document,
            sentence: 0,
            start: 0,
            end: 0,
            text: None,
            prediction: None,
        }
    }
}

impl<O: Default> Done<O> {
    fn event(event: Event) -> Self {
        Self {
            event: Some(event),
            ..Self::default()
        }
    }
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
