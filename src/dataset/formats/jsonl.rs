//! bayan's own JSONL: one [`Example`](super::Example) a line, and what all formats of one JSON object a line share.
//!
//! It is the format that training reads, with three more fields: `time`, `suggestions` (a list of `label`,
//! `probability`, `given`), and no `labels` where nobody has annotated the sentence.

use serde_json::Value;

use super::collect::Collector;
use super::json::{Names, Object, Record, labels, probability};
use super::{Example, ReadOptions, Suggestion};
use crate::error::Place;

/// Calls `each` with every object of a file of one JSON object a line.
pub(super) fn each_line(
    text: &str,
    collector: &mut Collector<'_>,
    mut each: impl FnMut(Place, &Object, &mut Collector<'_>),
) {
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = Place::Line(i + 1);
        match serde_json::from_str::<Object>(line) {
            Ok(object) => each(place, &object, collector),
            Err(e) => collector.fault(place, format!("not a JSON object: {e}")),
        }
    }
}

/// Reads a file with one example a line, each understood by `example`.
pub(super) fn read(
    text: &str,
    collector: &mut Collector<'_>,
    example: impl Fn(&Object, &ReadOptions) -> Result<Example, String>,
) {
    each_line(text, collector, |place, object, collector| {
        collector.take(place, example(object, collector.options));
    });
}

pub(super) fn example(object: &Object, options: &ReadOptions) -> Result<Example, String> {
    let record = Record {
        outer: object,
        inner: None,
    };
    let fields = &options.fields;
    let names = Names {
        id: &["id"],
        text: &["text"],
        annotator: &["annotator"],
        time: &["time"],
    };
    let mut example = record.example(fields, &names)?;
    example.labels = match record.find(fields.labels.as_deref(), &["labels"]) {
        Some((name, value)) => Some(labels(name, value)?),
        None => None,
    };
    if let Some(value) = record.get("suggestions") {
        let list = value.as_array().ok_or("field \"suggestions\" is not a list")?;
        example.suggestions = list.iter().map(suggestion).collect::<Result<_, _>>()?;
    }
    if example.labels.is_none() && example.suggestions.is_empty() {
        let tool = if record.get("label").is_some() {
            Some("doccano")
        } else if record.get("accept").is_some() {
            Some("prodigy")
        } else {
            None
        };
        if let Some(tool) = tool.filter(|_| fields.labels.is_none()) {
            return Err(format!("no field \"labels\"; it looks like {tool}'s format"));
        }
    }
    Ok(example)
}

fn suggestion(value: &Value) -> Result<Suggestion, String> {
    let label = value["label"].as_str().ok_or("a suggestion without a label")?;
    let given = value["given"]
        .as_bool()
        .ok_or_else(|| format!("suggestion {label:?}: \"given\" is neither true nor false"))?;
    Ok(Suggestion {
        label: label.to_owned(),
        probability: probability(&value["probability"]).map_err(|e| format!("suggestion {label:?}: {e}"))?,
        given,
    })
}
