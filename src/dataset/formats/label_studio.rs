//! Label Studio's JSON: tasks with annotations, and with predictions for pre-labelling.
//!
//! As its guides "Label Studio Task Format" and "Import pre-annotated data into Label Studio" describe it, with the
//! results of the `Choices` tag: `{"id": 1, "data": {"text": "…"}, "annotations": [{"completed_by": 10, "updated_at":
//! "…", "was_cancelled": false, "result": [{"from_name": "labels", "to_name": "text", "type": "choices", "value":
//! {"choices": ["a"]}}]}], "predictions": [{"model_version": "…", "score": 0.9, "result": […]}]}`. A file holds an array
//! of tasks, or one task.
//!
//! Each annotation is an example. An annotation that was skipped (`was_cancelled`) is counted, not read; a task without
//! annotations is an example that nobody has annotated. The task's own `id` is a number within a project and names
//! nothing here unless it is asked for by name; an `id` within `data` came with the import and names the sentence.
//! `score` of a written prediction is the probability of its least certain decision, so that sorting by it shows the
//! doubtful sentences first.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::collect::Collector;
use super::json::{Common, Names, Object, Record, labels, time};
use super::{Example, Suggestion, WriteOptions};
use crate::error::{Error, Place};

const SKIPPED: &str = "skipped in Label Studio";
const NAMES: Names<'_> = Names {
    id: &["id"],
    text: &["text"],
    annotator: &["annotator"],
    time: &["time"],
};

pub(super) fn read(text: &str, collector: &mut Collector<'_>) {
    let tasks = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(tasks)) => tasks,
        Ok(task @ Value::Object(_)) => vec![task],
        Ok(_) => return collector.fault(Place::Whole, "neither a list of tasks nor a task"),
        Err(e) => return collector.fault(Place::Line(e.line()), format!("not JSON: {e}")),
    };
    let mut controls = BTreeSet::new();
    for (i, task) in tasks.iter().enumerate() {
        let place = Place::Record(i + 1);
        if let Err(reason) = read_task(task, place, &mut controls, collector) {
            collector.fault(place, reason);
        }
    }
    if collector.options.control.is_none() && controls.len() > 1 {
        let names: Vec<String> = controls.into_iter().collect();
        let names = names.join(", ");
        collector.fault(
            Place::Whole,
            format!("choices of several tags ({names}); say which one holds the labels"),
        );
    }
}

fn read_task(
    task: &Value,
    place: Place,
    controls: &mut BTreeSet<String>,
    collector: &mut Collector<'_>,
) -> Result<(), String> {
    let task = task.as_object().ok_or("the task is not a JSON object")?;
    let Some(data) = task.get("data").and_then(Value::as_object) else {
        return Err("the task has no \"data\"; was it exported as JSON-MIN? Export it as JSON".into());
    };
    let fields = &collector.options.fields;
    // Names of the user's are looked for in the task too.
    let no_fields = Object::new();
    let by_name = fields.id.as_deref().is_some_and(|id| !data.contains_key(id));
    let record = Record {
        outer: data,
        inner: Some(if by_name { task } else { &no_fields }),
    };
    let mut base = record.example(fields, &NAMES)?;
    base.suggestions = suggestions(task, &record, collector)?;
    let annotations = match task.get("annotations").filter(|value| !value.is_null()) {
        None => return take(base, place, collector),
        Some(Value::Array(list)) if list.is_empty() => return take(base, place, collector),
        Some(Value::Array(list)) => list,
        Some(_) => return Err("\"annotations\" is not a list".into()),
    };
    for (i, annotation) in annotations.iter().enumerate() {
        let annotation = annotation
            .as_object()
            .ok_or_else(|| format!("annotation {}: not a JSON object", i + 1))?;
        if annotation.get("was_cancelled") == Some(&Value::Bool(true)) {
            collector.pass_over(SKIPPED);
            continue;
        }
        let example =
            annotated(&base, annotation, controls, collector).map_err(|e| format!("annotation {}: {e}", i + 1))?;
        collector.take(place, Ok(example));
    }
    Ok(())
}

fn take(example: Example, place: Place, collector: &mut Collector<'_>) -> Result<(), String> {
    collector.take(place, Ok(example));
    Ok(())
}

fn annotated(
    base: &Example,
    annotation: &Object,
    controls: &mut BTreeSet<String>,
    collector: &Collector<'_>,
) -> Result<Example, String> {
    let mut example = base.clone();
    if collector.options.fields.annotator.is_none()
        && let Some(who) = completed_by(annotation)?
    {
        example.annotator = Some(who);
    }
    let record = Record {
        outer: annotation,
        inner: None,
    };
    if collector.options.fields.time.is_none()
        && let Some((name, value)) = record.find(None, &["updated_at", "created_at"])
    {
        example.time = Some(time(value).map_err(|e| format!("{name}: {e}"))?);
    }
    example.labels = Some(chosen(annotation, controls, collector)?);
    Ok(example)
}

/// The user's number, or of an expanded user the mail address.
fn completed_by(annotation: &Object) -> Result<Option<String>, String> {
    match annotation.get("completed_by") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(who)) => Ok(Some(who.clone())),
        Some(Value::Number(who)) => Ok(Some(who.to_string())),
        Some(Value::Object(user)) => {
            let record = Record {
                outer: user,
                inner: None,
            };
            record.text(None, &["email", "username", "id"])
        }
        Some(_) => Err("\"completed_by\" is neither a number nor a user".into()),
    }
}

/// The labels of the results of one annotation or prediction.
fn chosen(
    annotation: &Object,
    controls: &mut BTreeSet<String>,
    collector: &Collector<'_>,
) -> Result<Vec<String>, String> {
    let results = match annotation.get("result") {
        Some(Value::Array(results)) => results,
        _ => return Err("no list \"result\"".into()),
    };
    let mut names = Vec::new();
    for result in results {
        let kind = result["type"].as_str().ok_or("a result without a type")?;
        if kind != "choices" {
            if kind.ends_with("labels") {
                return Err(format!(
                    "a result of type {kind:?} marks a part, not the whole text; expected choices"
                ));
            }
            continue;
        }
        let control = result["from_name"].as_str().unwrap_or_default();
        if collector
            .options
            .control
            .as_deref()
            .is_some_and(|asked| asked != control)
        {
            continue;
        }
        controls.insert(control.to_owned());
        names.extend(labels("choices", &result["value"]["choices"])?);
    }
    Ok(names)
}

/// The probabilities of `data`, and which labels the last prediction gives.
fn suggestions(task: &Object, record: &Record<'_>, collector: &Collector<'_>) -> Result<Vec<Suggestion>, String> {
    let last = match task.get("predictions") {
        Some(Value::Array(predictions)) => predictions.last().and_then(Value::as_object),
        _ => None,
    };
    let given = match last {
        Some(prediction) if record.get("probabilities").is_some() => {
            chosen(prediction, &mut BTreeSet::new(), collector).map_err(|e| format!("prediction: {e}"))?
        }
        _ => Vec::new(),
    };
    record.probabilities(&given)
}

#[derive(Serialize)]
struct Task<'a> {
    data: Data<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    predictions: Vec<Prediction<'a>>,
}

#[derive(Serialize)]
struct Data<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotator: Option<&'a str>,
    #[serde(flatten)]
    common: Common<'a>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    result: Vec<Choices<'a>>,
    was_cancelled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_by: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Prediction<'a> {
    model_version: &'a str,
    score: f64,
    result: Vec<Choices<'a>>,
}

#[derive(Serialize)]
struct Choices<'a> {
    id: &'static str,
    from_name: &'a str,
    to_name: &'a str,
    r#type: &'static str,
    value: Value,
}

pub(super) fn write(examples: &[Example], options: &WriteOptions) -> Result<Vec<u8>, Error> {
    let choices = |labels: Vec<&str>| Choices {
        id: "choices-1",
        from_name: &options.control,
        to_name: &options.text_tag,
        r#type: "choices",
        value: json!({ "choices": labels }),
    };
    let result = |labels: Vec<&str>| {
        if labels.is_empty() {
            Vec::new()
        } else {
            vec![choices(labels)]
        }
    };
    let task = |example| task(example, options, &result);
    let tasks: Vec<Task<'_>> = examples.iter().map(task).collect();
    let mut out = serde_json::to_vec_pretty(&tasks).map_err(|e| Error::InvalidSetting(e.to_string()))?;
    out.push(b'\n');
    Ok(out)
}

fn task<'a>(
    example: &'a Example,
    options: &'a WriteOptions,
    result: &impl Fn(Vec<&str>) -> Vec<Choices<'a>>,
) -> Task<'a> {
    // A user is known by number; a name of ours goes along as data.
    let user = example.annotator.as_deref().and_then(|who| who.parse::<u64>().ok());
    let annotator = example.annotator.as_deref().filter(|_| user.is_none());
    let annotation = example.labels.as_ref().map(|labels| Annotation {
        result: result(labels.iter().map(String::as_str).collect()),
        was_cancelled: false,
        completed_by: user.map(Value::from),
        created_at: example.time,
        updated_at: example.time,
    });
    let score = example
        .suggestions
        .iter()
        .map(Suggestion::confidence)
        .fold(1.0, f64::min);
    let prediction = (!example.suggestions.is_empty()).then(|| Prediction {
        model_version: &options.model_version,
        score,
        result: result(example.given().collect()),
    });
    Task {
        data: Data {
            text: &example.text,
            annotator,
            common: Common::of(example),
        },
        annotations: annotation.into_iter().collect(),
        predictions: prediction.into_iter().collect(),
    }
}
