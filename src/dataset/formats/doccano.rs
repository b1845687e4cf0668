//! doccano's JSONL of text classification projects.
//!
//! As doccano's catalogue of formats documents it ("JSONL": columns `text` and `label`, of which `label` is a list or
//! one name; every other column is metadata) and as its export writes it: `{"id": 33, "text": "…", "label": ["a"],
//! …metadata…}`, in a project that is not collaborative one file for each user, named after the user. Exports before
//! version 1.5 have `labels`, and the metadata in an object `meta`; they are read too.
//!
//! A number as `id` is doccano's own number within a project, so it names nothing here unless it is asked for by name;
//! a text as `id` came with the import and names the sentence. doccano exports what nobody has approved with an empty
//! list, unless "export only approved documents" is chosen: see [`Empty`](super::Empty).

use jiff::Timestamp;
use serde::Serialize;

use super::json::{Common, Names, Object, Record, labels, line};
use super::{Example, ReadOptions};
use crate::error::Error;

const NAMES: Names<'_> = Names {
    id: &["id"],
    text: &["text", "data"],
    annotator: &["annotator", "username", "annotation_approver"],
    time: &["time"],
};

pub(super) fn example(object: &Object, options: &ReadOptions) -> Result<Example, String> {
    let record = Record {
        outer: object,
        inner: object.get("meta").and_then(|meta| meta.as_object()),
    };
    let fields = &options.fields;
    let mut example = record.example(fields, &NAMES)?;
    if fields.id.is_none() && record.get("id").is_some_and(|id| id.is_number()) {
        example.id = None;
    }
    let own = ["label", "labels"];
    let Some((name, value)) = record.find(fields.labels.as_deref(), &own) else {
        let name = fields.labels.as_deref().unwrap_or("label");
        return Err(format!("no field {name:?}{}", record.fields()));
    };
    let given = labels(name, value)?;
    example.suggestions = record.probabilities(&given)?;
    example.labels = Some(given);
    Ok(example)
}

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    label: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<Timestamp>,
    #[serde(flatten)]
    common: Common<'a>,
}

pub(super) fn write(examples: &[Example]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for example in examples {
        let record = Line {
            text: &example.text,
            label: example.shown_labels(),
            annotator: example.annotator.as_deref(),
            time: example.time,
            common: Common::of(example),
        };
        line(&mut out, &record)?;
    }
    Ok(out)
}
