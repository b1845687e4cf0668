//! Prodigy's JSONL.
//!
//! As "Annotation interfaces" of its documentation describes the tasks of `choice` (`text`, `options` with `id` and
//! `text`, the selected ids in `accept`) and `classification` (`text` and one `label`: yes or no), and `db-out` writes
//! them: with `answer` (`accept`, `reject` or `ignore`), `_annotator_id`, `_session_id` and `_timestamp` (seconds
//! since 1970). Fields of ours stand beside `text`, or in `meta`, which the web application shows.
//!
//! A task without `answer` is one that nobody has annotated. An ignored task, or a rejected `choice`, is no annotation:
//! it is passed over and counted. Yes-or-no answers of one annotator on one text are one annotation: the labels
//! accepted. Where all were rejected it is passed over, or "none" if the options say so.

use std::collections::HashMap;

use jiff::fmt::strtime;
use serde::Serialize;
use serde_json::Value;

use super::collect::Collector;
use super::json::{Common, Names, Object, Record, labels, line};
use super::jsonl::each_line;
use super::{Example, WriteOptions, all_labels};
use crate::error::{Error, Place};

const NAMES: Names<'_> = Names {
    id: &["id"],
    text: &["text"],
    annotator: &["annotator", "_annotator_id", "_session_id"],
    time: &["time", "_timestamp"],
};
const IGNORED: &str = "ignored in Prodigy";
const REJECTED: &str = "rejected in Prodigy";

/// What one line says.
enum Answer {
    Example(Example),
    /// Yes or no to one label.
    Binary(Example, String, bool),
    PassedOver(&'static str),
}

/// The yes-or-no answers of one annotator on one text, in the order of their first.
#[derive(Default)]
struct Binary {
    merged: Vec<(Place, Example)>,
    index: HashMap<(String, Option<String>), usize>,
}

pub(super) fn read(text: &str, collector: &mut Collector<'_>) {
    let mut binary = Binary::default();
    each_line(text, collector, |place, object, collector| {
        match answer(object, collector) {
            Ok(Answer::Example(example)) => collector.take(place, Ok(example)),
            Ok(Answer::Binary(example, label, yes)) => binary.add(place, example, label, yes),
            Ok(Answer::PassedOver(reason)) => collector.pass_over(reason),
            Err(reason) => collector.take(place, Err(reason)),
        }
    });
    for (place, example) in binary.merged {
        let all_rejected = example.labels.as_ref().is_some_and(Vec::is_empty);
        if all_rejected && !collector.options.rejected_as_none {
            collector.pass_over(REJECTED);
        } else {
            collector.take(place, Ok(example));
        }
    }
}

impl Binary {
    fn add(&mut self, place: Place, example: Example, label: String, yes: bool) {
        let key = (example.text.clone(), example.annotator.clone());
        let at = *self.index.entry(key).or_insert(self.merged.len());
        let time = example.time;
        if at == self.merged.len() {
            self.merged.push((place, example));
        }
        let merged = &mut self.merged[at].1;
        merged.time = merged.time.max(time);
        let labels = merged.labels.get_or_insert_default();
        // The last answer to a question counts.
        labels.retain(|other| *other != label);
        if yes {
            labels.push(label);
        }
    }
}

fn answer(object: &Object, collector: &Collector<'_>) -> Result<Answer, String> {
    let record = Record {
        outer: object,
        inner: object.get("meta").and_then(Value::as_object),
    };
    let fields = &collector.options.fields;
    let mut example = record.example(fields, &NAMES)?;
    if fields.annotator.is_none() && example.annotator.as_deref().is_some_and(is_unnamed_session) {
        example.annotator = None;
    }
    let field = fields.labels.as_deref().unwrap_or("accept");
    let accepted = record.get(field).map(|value| labels(field, value)).transpose()?;
    check_options(&record, accepted.as_deref().unwrap_or_default())?;
    example.suggestions = record.probabilities(accepted.as_deref().unwrap_or_default())?;
    let label = record.text(None, &["label"])?;
    match (record.get("answer").map(Value::as_str), accepted, label) {
        (None, ..) => Ok(Answer::Example(example)),
        (Some(Some("ignore")), ..) => Ok(Answer::PassedOver(IGNORED)),
        (Some(Some("reject")), None, Some(label)) => Ok(Answer::Binary(example, label, false)),
        (Some(Some("reject")), ..) => Ok(Answer::PassedOver(REJECTED)),
        (Some(Some("accept")), None, Some(label)) => Ok(Answer::Binary(example, label, true)),
        (Some(Some("accept")), None, None) if record.get("options").is_none() => {
            Err(format!("accepted, but there is neither {field:?} nor \"label\""))
        }
        (Some(Some("accept")), accepted, _) => {
            example.labels = Some(accepted.unwrap_or_default());
            Ok(Answer::Example(example))
        }
        (Some(_), ..) => Err("\"answer\" is none of accept, reject, ignore".into()),
    }
}

/// A session without a name is named by its start, which is nobody's name.
fn is_unnamed_session(name: &str) -> bool {
    strtime::parse("%Y-%m-%d_%H-%M-%S", name).is_ok()
}

fn check_options(record: &Record<'_>, accepted: &[String]) -> Result<(), String> {
    let Some(options) = record.get("options") else {
        return Ok(());
    };
    let options = options.as_array().ok_or("field \"options\" is not a list")?;
    let id = |option: &Value| labels("options", &option["id"]).map_err(|_| "an option without an id".to_owned());
    let ids: Vec<String> = options.iter().map(id).collect::<Result<Vec<_>, _>>()?.concat();
    match accepted.iter().find(|label| !ids.contains(label)) {
        Some(label) => Err(format!(
            "{label:?} is accepted, but is none of the options {}",
            ids.join(", ")
        )),
        None => Ok(()),
    }
}

#[derive(Serialize)]
struct Choice<'a> {
    id: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Task<'a> {
    text: &'a str,
    options: Vec<Choice<'a>>,
    accept: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'static str>,
    #[serde(rename = "_view_id")]
    view: &'static str,
    #[serde(rename = "_annotator_id", skip_serializing_if = "Option::is_none")]
    annotator: Option<&'a str>,
    #[serde(rename = "_timestamp", skip_serializing_if = "Option::is_none")]
    time: Option<Value>,
    meta: Common<'a>,
}

pub(super) fn write(examples: &[Example], options: &WriteOptions) -> Result<Vec<u8>, Error> {
    let names = all_labels(examples, options);
    let mut out = Vec::new();
    for example in examples {
        let task = Task {
            text: &example.text,
            options: names.iter().map(|name| Choice { id: name, text: name }).collect(),
            accept: example.shown_labels(),
            answer: example.labels.as_ref().map(|_| "accept"),
            view: "choice",
            annotator: example.annotator.as_deref(),
            time: example.time.map(seconds),
            meta: Common::of(example),
        };
        line(&mut out, &task)?;
    }
    Ok(out)
}

/// Whole seconds as Prodigy writes them; with a fraction, to the microsecond, where there is one.
fn seconds(time: jiff::Timestamp) -> Value {
    match time.subsec_nanosecond() {
        0 => time.as_second().into(),
        _ => (time.as_microsecond() as f64 / 1e6).into(),
    }
}
