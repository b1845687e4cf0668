//! CSV and TSV with a header: one column with all labels, or one column a label.
//!
//! Columns are named as the fields of [`Example`]; only `text`, and `labels` or the columns of the labels, must be
//! there. In a column of a label `1`, `true`, `yes` and `x` mean that the sentence has it; `0`, `false`, `no` and nothing
//! that it has not. A column `LABEL_probability` holds a model's suggestion. TSV is read and written without quoting,
//! as elsewhere in bayan: a quotation mark is part of the text.

use csv::StringRecord;

use super::collect::Collector;
use super::json::parse_time;
use super::{Example, ReadOptions, Suggestion, WriteOptions, all_labels, one_line, unwritable};
use crate::error::{Error, Place};

const PROBABILITY: &str = "_probability";

/// Where the fields stand.
struct Columns {
    id: Option<usize>,
    text: usize,
    topic: Option<usize>,
    source: Option<usize>,
    annotator: Option<usize>,
    time: Option<usize>,
    note: Option<usize>,
    labels: Labels,
    probabilities: Vec<(String, usize)>,
}

enum Labels {
    Joined(usize),
    OneEach(Vec<(String, usize)>),
}

pub(super) fn read(text: &str, delimiter: u8, collector: &mut Collector<'_>) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(delimiter != b'\t')
        .from_reader(text.as_bytes());
    let columns = match reader.headers() {
        Ok(headers) if headers.is_empty() => return,
        Ok(headers) => columns(headers, collector.options),
        Err(e) => Err(e.to_string()),
    };
    let columns = match columns {
        Ok(columns) => columns,
        Err(reason) => return collector.fault(Place::Line(1), reason),
    };
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, |p| p.line() as usize);
                let example = columns.example(&record, collector.options);
                collector.take(Place::Line(line), example);
            }
            Err(e) => {
                let line = e.position().map_or(0, |p| p.line() as usize);
                collector.fault(Place::Line(line), e.to_string());
            }
        }
    }
}

fn columns(headers: &StringRecord, options: &ReadOptions) -> Result<Columns, String> {
    let fields = &options.fields;
    let find = |name: &str| headers.iter().position(|header| header == name);
    let needed = |name: &str| {
        find(name).ok_or_else(|| {
            let names: Vec<&str> = headers.iter().take(20).collect();
            format!("no column {name:?}; there are {}", names.join(", "))
        })
    };
    // A name that was asked for must be there.
    let optional = |asked: &Option<String>, own: &str| match asked {
        Some(name) => needed(name).map(Some),
        None => Ok(find(own)),
    };
    let labels = if options.label_columns.is_empty() {
        Labels::Joined(needed(fields.labels.as_deref().unwrap_or("labels"))?)
    } else {
        let column = |name: &String| Ok((name.clone(), needed(name)?));
        Labels::OneEach(
            options
                .label_columns
                .iter()
                .map(column)
                .collect::<Result<_, String>>()?,
        )
    };
    let probability = |(i, header): (usize, &str)| Some((header.strip_suffix(PROBABILITY)?.to_owned(), i));
    Ok(Columns {
        id: optional(&fields.id, "id")?,
        text: needed(fields.text.as_deref().unwrap_or("text"))?,
        topic: optional(&fields.topic, "topic")?,
        source: optional(&fields.source, "source")?,
        annotator: optional(&fields.annotator, "annotator")?,
        time: optional(&fields.time, "time")?,
        note: optional(&fields.note, "note")?,
        labels,
        probabilities: headers.iter().enumerate().filter_map(probability).collect(),
    })
}

impl Columns {
    fn example(&self, record: &StringRecord, options: &ReadOptions) -> Result<Example, String> {
        let field = |column: Option<usize>| record.get(column?).filter(|f| !f.is_empty()).map(str::to_owned);
        let labels = self.labels.read(record, options)?;
        let mut suggestions = Vec::new();
        for (label, column) in &self.probabilities {
            let Some(text) = field(Some(*column)) else { continue };
            let probability = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
            suggestions.push(Suggestion {
                label: label.clone(),
                probability: probability
                    .ok_or_else(|| format!("column \"{label}{PROBABILITY}\": {text:?} is not a probability"))?,
                given: labels.contains(label),
            });
        }
        Ok(Example {
            id: field(self.id),
            text: record.get(self.text).unwrap_or_default().to_owned(),
            labels: Some(labels),
            topic: field(self.topic),
            source: field(self.source),
            annotator: field(self.annotator),
            time: field(self.time).map(|text| parse_time(&text)).transpose()?,
            note: field(self.note),
            suggestions,
        })
    }
}

impl Labels {
    fn read(&self, record: &StringRecord, options: &ReadOptions) -> Result<Vec<String>, String> {
        match self {
            Self::Joined(column) => {
                let cell = record.get(*column).unwrap_or_default().trim();
                if cell.is_empty() {
                    return Ok(Vec::new());
                }
                let separator = options.label_separator.as_str();
                let split: Vec<&str> = if separator.is_empty() {
                    vec![cell]
                } else {
                    cell.split(separator).collect()
                };
                Ok(split.into_iter().map(|name| name.trim().to_owned()).collect())
            }
            Self::OneEach(columns) => {
                let mut labels = Vec::new();
                for (label, column) in columns {
                    let cell = record.get(*column).unwrap_or_default().trim();
                    match cell.to_ascii_lowercase().as_str() {
                        "1" | "true" | "yes" | "x" => labels.push(label.clone()),
                        "" | "0" | "false" | "no" => {}
                        _ => return Err(format!("column {label:?} holds {cell:?}; expected 1 or 0")),
                    }
                }
                Ok(labels)
            }
        }
    }
}

pub(super) fn write(examples: &[Example], delimiter: u8, options: &WriteOptions) -> Result<Vec<u8>, Error> {
    let tabs = delimiter == b'\t';
    let names = all_labels(examples, options);
    let suggested = examples.iter().any(|e| !e.suggestions.is_empty());
    let style = if tabs {
        csv::QuoteStyle::Never
    } else {
        csv::QuoteStyle::Necessary
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(style)
        .from_writer(Vec::new());
    let mut put = |cells: Vec<String>| {
        let cells = cells
            .iter()
            .map(|cell| if tabs { one_line(cell, true) } else { cell.clone() });
        writer.write_record(cells).map_err(encoding)
    };
    put(header(&names, suggested, options))?;
    for (i, example) in examples.iter().enumerate() {
        let mut cells = row(example, &names, options).map_err(|reason| unwritable(options.format, i, reason))?;
        if suggested {
            let probability = |name: &String| example.suggestions.iter().find(|s| s.label == *name);
            cells.extend(
                names
                    .iter()
                    .map(|name| probability(name).map_or(String::new(), |s| s.probability.to_string())),
            );
        }
        put(cells)?;
    }
    writer.into_inner().map_err(|e| encoding(e.into_error().into()))
}

/// All cells but the probabilities.
fn row(example: &Example, names: &[String], options: &WriteOptions) -> Result<Vec<String>, String> {
    let optional = |field: &Option<String>| field.clone().unwrap_or_default();
    let mut cells = vec![optional(&example.id), example.text.clone()];
    cells.extend(label_cells(example, names, options)?);
    cells.extend([&example.topic, &example.source, &example.annotator].map(optional));
    cells.push(example.time.map(|time| time.to_string()).unwrap_or_default());
    cells.push(optional(&example.note));
    Ok(cells)
}

fn header(names: &[String], suggested: bool, options: &WriteOptions) -> Vec<String> {
    let mut header = vec!["id".to_owned(), "text".to_owned()];
    if options.one_column_a_label {
        header.extend(names.iter().cloned());
    } else {
        header.push("labels".into());
    }
    header.extend(["topic", "source", "annotator", "time", "note"].map(str::to_owned));
    if suggested {
        header.extend(names.iter().map(|name| format!("{name}{PROBABILITY}")));
    }
    header
}

fn label_cells(example: &Example, names: &[String], options: &WriteOptions) -> Result<Vec<String>, String> {
    let labels = example.shown_labels();
    if options.one_column_a_label {
        let cell = |name: &String| if labels.contains(&name.as_str()) { "1" } else { "0" };
        return Ok(names.iter().map(|name| cell(name).to_owned()).collect());
    }
    let separator = options.label_separator.as_str();
    let splits =
        |label: &&&str| separator.is_empty() && labels.len() > 1 || !separator.is_empty() && label.contains(separator);
    match labels.iter().find(splits) {
        Some(label) => Err(format!(
            "label {label:?} cannot stand in one column with separator {separator:?}"
        )),
        None => Ok(vec![labels.join(separator)]),
    }
}

fn encoding(error: csv::Error) -> Error {
    Error::Io {
        path: "table".into(),
        source: error.into(),
    }
}
