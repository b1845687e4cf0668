//! Values of JSON records, looked up by name.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Example, FieldNames, Suggestion};
use crate::error::Error;

pub(super) type Object = Map<String, Value>;

/// Names that a format looks for, in this order; a name of the user's replaces them all.
pub(super) struct Names<'a> {
    pub id: &'a [&'a str],
    pub text: &'a [&'a str],
    pub annotator: &'a [&'a str],
    pub time: &'a [&'a str],
}

/// A record: the object itself, and an object within it that holds further fields.
pub(super) struct Record<'a> {
    pub outer: &'a Object,
    pub inner: Option<&'a Object>,
}

impl<'a> Record<'a> {
    /// The value of a field that is there and not null.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let found = |object: &'a Object| object.get(name).filter(|value| !value.is_null());
        found(self.outer).or_else(|| self.inner.and_then(found))
    }

    /// The value under the user's name, else under the first of the format's names that is there.
    pub fn find<'n>(&self, asked: Option<&'n str>, own: &[&'n str]) -> Option<(&'n str, &'a Value)> {
        match asked {
            Some(name) => self.get(name).map(|value| (name, value)),
            None => own.iter().find_map(|&name| Some((name, self.get(name)?))),
        }
    }

    /// The text of a field that may be missing; a number is as good as a text.
    pub fn text(&self, asked: Option<&str>, own: &[&str]) -> Result<Option<String>, String> {
        match self.find(asked, own) {
            None => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text.clone())),
            Some((_, Value::Number(number))) => Ok(Some(number.to_string())),
            Some((name, _)) => Err(format!("field {name:?} is neither a text nor a number")),
        }
    }

    /// Everything but labels and suggestions.
    pub fn example(&self, asked: &FieldNames, names: &Names<'_>) -> Result<Example, String> {
        let text = match self.find(asked.text.as_deref(), names.text) {
            Some((_, Value::String(text))) => text.clone(),
            Some((name, _)) => return Err(format!("field {name:?} is not a text")),
            None => {
                let name = asked.text.as_deref().unwrap_or(names.text[0]);
                return Err(format!("no field {name:?}{}", self.fields()));
            }
        };
        Ok(Example {
            id: self.text(asked.id.as_deref(), names.id)?,
            text,
            labels: None,
            topic: self.text(asked.topic.as_deref(), &["topic"])?,
            source: self.text(asked.source.as_deref(), &["source"])?,
            annotator: self.text(asked.annotator.as_deref(), names.annotator)?,
            time: match self.find(asked.time.as_deref(), names.time) {
                Some((name, value)) => Some(time(value).map_err(|e| format!("field {name:?}: {e}"))?),
                None => None,
            },
            note: self.text(asked.note.as_deref(), &["note"])?,
            suggestions: Vec::new(),
        })
    }

    /// The names that there are, for a message about one that is not.
    pub fn fields(&self) -> String {
        let inner = self.inner.into_iter().flat_map(Map::keys);
        let names: Vec<&str> = self.outer.keys().chain(inner).map(String::as_str).take(20).collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("; there are {}", names.join(", "))
        }
    }

    /// Suggestions from a field `probabilities`, an object of label and probability; `given` tells which are given.
    pub fn probabilities(&self, given: &[String]) -> Result<Vec<Suggestion>, String> {
        let Some(value) = self.get("probabilities") else {
            return Ok(Vec::new());
        };
        let object = value.as_object().ok_or("field \"probabilities\" is not an object")?;
        object
            .iter()
            .map(|(label, value)| {
                Ok(Suggestion {
                    label: label.clone(),
                    probability: probability(value)?,
                    given: given.contains(label),
                })
            })
            .collect()
    }
}

pub(super) fn probability(value: &Value) -> Result<f64, String> {
    match value.as_f64() {
        Some(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err(format!("{value} is not a probability")),
    }
}

/// Labels: a list of names, or one name. Numbers are names too.
pub(super) fn labels(field: &str, value: &Value) -> Result<Vec<String>, String> {
    let name = |value: &Value| match value {
        Value::String(name) => Ok(name.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(_) | Value::Object(_) => Err(format!(
            "field {field:?} holds spans of the text, not labels of the whole text"
        )),
        other => Err(format!("field {field:?} holds {other}, which is not a label")),
    };
    match value {
        Value::Array(list) => list.iter().map(name).collect(),
        one => name(one).map(|name| vec![name]),
    }
}

/// A time: RFC 3339, a date with or without a time of day (then in UTC), or seconds since 1970.
pub(super) fn time(value: &Value) -> Result<Timestamp, String> {
    match value {
        Value::String(text) => parse_time(text),
        Value::Number(number) => {
            let seconds = number.as_f64().unwrap_or(f64::NAN);
            let micros = (seconds * 1e6).round();
            if !micros.is_finite() || micros.abs() >= 2f64.powi(62) {
                return Err(format!("{number} is not a time"));
            }
            Timestamp::from_microsecond(micros as i64).map_err(|_| format!("{number} is not a time"))
        }
        other => Err(format!("{other} is not a time")),
    }
}

/// A time as text: RFC 3339, or a date with or without a time of day, then in UTC.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    text.parse::<DateTime>()
        .ok()
        .and_then(|date| TimeZone::UTC.to_timestamp(date).ok())
        .ok_or_else(|| format!("{text:?} is not a time, as 2024-05-01T10:00:00Z"))
}

/// Appends one line of JSON.
pub(super) fn line(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, value)
        .map_err(|e| Error::InvalidSetting(format!("cannot be written as JSON: {e}")))?;
    out.push(b'\n');
    Ok(())
}

/// The fields that every JSON format keeps beside text, labels and annotator.
#[derive(Serialize)]
pub(super) struct Common<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "as_object")]
    pub probabilities: &'a [Suggestion],
}

impl<'a> Common<'a> {
    pub fn of(example: &'a Example) -> Self {
        Self {
            id: example.id.as_deref(),
            topic: example.topic.as_deref(),
            source: example.source.as_deref(),
            note: example.note.as_deref(),
            probabilities: &example.suggestions,
        }
    }
}

/// An object of label and probability.
fn as_object<S: Serializer>(suggestions: &[Suggestion], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(suggestions.iter().map(|s| (&s.label, s.probability)))
}
