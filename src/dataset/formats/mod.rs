//! Annotated sentences in the formats of the tools that people annotate with.
//!
//! Enters: bytes of a file, or [`Example`]s. Leaves: examples with their places, every fault at once, and what the
//! tool marks as no annotation, counted; or the bytes of a file. Must not know: features, weights, the store.
//!
//! | format | reads and writes | told apart from "none" if not annotated | suggestions |
//! |---|---|---|---|
//! | [`Format::Jsonl`] | [`Example`]'s fields | yes, no `labels` | `suggestions` |
//! | [`Format::Doccano`] | `text`, `label` | no | as labels, to be corrected; `probabilities` |
//! | [`Format::LabelStudio`] | tasks with `annotations` | yes, no annotation | `predictions`; `probabilities` |
//! | [`Format::Prodigy`] | `text`, `options`, `accept`, `answer` | yes, no `answer` | `accept`; `meta` |
//! | [`Format::FastText`] | `__label__a text` | no | as labels |
//! | [`Format::Csv`], [`Format::Tsv`] | a header; one column of labels, or one a label | no | as labels; `LABEL_probability` |
//!
//! fastText and TSV know no quoting: line breaks (in TSV also tabs) within a field are written as spaces.
//!
//! ```
//! use bayan::dataset::formats::{Example, Format, ReadOptions, WriteOptions, read_examples, write_examples};
//!
//! let options = ReadOptions { format: Some(Format::Doccano), ..ReadOptions::default() };
//! let file = read_examples("a.jsonl", br#"{"id": 3, "text": "x", "label": ["denial"]}"#, &options)?;
//! assert_eq!(file.examples[0].1.labels, Some(vec!["denial".to_owned()]));
//!
//! let examples: Vec<Example> = file.examples.into_iter().map(|(_, example)| example).collect();
//! let bytes = write_examples(&examples, &WriteOptions::new(Format::FastText))?;
//! assert_eq!(bytes, b"__label__denial x\n");
//! # Ok::<(), bayan::Error>(())
//! ```

mod collect;
mod doccano;
mod example;
mod fasttext;
mod json;
mod jsonl;
mod label_studio;
mod options;
mod prodigy;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub use collect::ExampleFile;
pub use example::{Example, Suggestion};
pub use options::{Empty, FieldNames, Format, ReadOptions, WriteOptions};

use crate::error::{Error, Fault, Place};
use collect::Collector;

/// Reads files of examples.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be read, [`Error::InvalidAnnotations`] with the faults of all files.
pub fn read_example_files(files: &[PathBuf], options: &ReadOptions) -> Result<Vec<ExampleFile>, Error> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for path in files {
        let bytes = fs::read(path).map_err(Error::io(path))?;
        match collect(&path.display().to_string(), &bytes, options) {
            Ok(file) => read.push(file),
            Err(more) => faults.extend(more),
        }
    }
    if faults.is_empty() {
        Ok(read)
    } else {
        Err(Error::annotations(faults))
    }
}

/// Reads the bytes of one file. `name` is what faults call it; its extension tells the format if the options do not.
///
/// # Errors
/// [`Error::InvalidAnnotations`] with every fault: bytes that are not UTF-8, records that cannot be understood,
/// empty texts, unknown or doubled labels, and a file without any record.
pub fn read_examples(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<ExampleFile, Error> {
    collect(name, bytes, options).map_err(Error::annotations)
}

fn collect(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<ExampleFile, Vec<Fault>> {
    let mut collector = Collector::new(name, options);
    match std::str::from_utf8(bytes) {
        Err(e) => collector.fault(Place::Byte(e.valid_up_to()), "not UTF-8"),
        Ok(text) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            match options.format.or_else(|| Format::of(Path::new(name))) {
                Some(format) => read_text(format, text, &mut collector),
                None => {
                    let known = Format::ALL.map(|(name, _)| name).join(", ");
                    collector.fault(Place::Whole, format!("the name tells no format; say which: {known}"));
                }
            }
        }
    }
    if collector.faults.is_empty() && collector.file.examples.is_empty() && collector.file.passed_over.is_empty() {
        collector.fault(Place::Whole, "no annotations");
    }
    if collector.faults.is_empty() {
        Ok(collector.file)
    } else {
        Err(collector.faults)
    }
}

fn read_text(format: Format, text: &str, collector: &mut Collector<'_>) {
    collector.tells_none = format.tells_none();
    match format {
        Format::Jsonl => jsonl::read(text, collector, jsonl::example),
        Format::Doccano => jsonl::read(text, collector, doccano::example),
        Format::LabelStudio => label_studio::read(text, collector),
        Format::Prodigy => prodigy::read(text, collector),
        Format::FastText => fasttext::read(text, collector),
        Format::Csv => table::read(text, b',', collector),
        Format::Tsv => table::read(text, b'\t', collector),
    }
}

/// The bytes of a file with `examples`.
///
/// # Errors
/// [`Error::InvalidInput`] with the number of the example whose labels the format cannot hold: a label with a space
/// in fastText, with the separator in a table; a text that fastText would take for a label.
pub fn write_examples(examples: &[Example], options: &WriteOptions) -> Result<Vec<u8>, Error> {
    match options.format {
        Format::Jsonl => {
            let mut out = Vec::new();
            examples.iter().try_for_each(|example| json::line(&mut out, example))?;
            Ok(out)
        }
        Format::Doccano => doccano::write(examples),
        Format::LabelStudio => label_studio::write(examples, options),
        Format::Prodigy => prodigy::write(examples, options),
        Format::FastText => fasttext::write(examples, options),
        Format::Csv => table::write(examples, b',', options),
        Format::Tsv => table::write(examples, b'\t', options),
    }
}

/// The labels of the options, then those that occur beside them, sorted.
fn all_labels(examples: &[Example], options: &WriteOptions) -> Vec<String> {
    let occurring = examples.iter().flat_map(|e| {
        let suggested = e.suggestions.iter().map(|s| &s.label);
        e.labels.iter().flatten().chain(suggested)
    });
    let others: BTreeSet<&String> = occurring.filter(|label| !options.labels.contains(label)).collect();
    options.labels.iter().chain(others).cloned().collect()
}

/// What a format cannot hold.
fn unwritable(format: Format, number: usize, reason: String) -> Error {
    Error::InvalidInput(Fault {
        name: format!("as {}", format.name()),
        place: Place::Record(number + 1),
        reason,
    })
}

/// A text on one line, as formats without quoting need it.
fn one_line(text: &str, also_tabs: bool) -> String {
    let text = text.trim_start_matches('\u{feff}');
    text.replace(|c| matches!(c, '\n' | '\r') || also_tabs && c == '\t', " ")
}
