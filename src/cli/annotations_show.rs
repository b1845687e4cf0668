//! How annotations are shown to people.

use jiff::{Timestamp, Unit};

use crate::error::Error;
use crate::store::{Event, FileReport, History, Status};

/// One line on what became of a file.
pub fn imported(report: &FileReport) -> String {
    let mut parts = vec![format!("{} added", count(report.added, "annotation"))];
    let mut part = |n: usize, what: &str| {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    };
    part(report.relabelled, "of them re-labelled");
    part(report.new_sentences, "new sentences");
    part(report.known, "known already");
    part(report.none, "without a label");
    part(report.not_annotated, "not annotated");
    for (reason, n) in &report.passed_over {
        part(*n, reason);
    }
    if let Some(time) = report.imported_before {
        parts.push(format!("imported before, at {}", shown(time)));
    }
    format!("{}: {}\n", report.file, parts.join(", "))
}

/// The store in numbers.
pub fn status_table(status: &Status) -> String {
    let mut rows = vec![
        ("sentences".to_owned(), status.sentences),
        ("annotations".to_owned(), status.annotations),
        ("files imported".to_owned(), status.imports),
        ("agreed by several".to_owned(), status.agreed),
        ("conflicts resolved".to_owned(), status.resolved),
        ("conflicts open".to_owned(), status.conflicts),
    ];
    let mut out = String::new();
    let mut table = |title: &str, rows: &[(String, usize)]| {
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        out += title;
        for (name, n) in rows {
            let pad = " ".repeat(width - name.chars().count());
            out += &format!("{name}{pad}  {n:>8}\n");
        }
    };
    table("", &rows);
    rows = status.labels.iter().map(|(name, n)| (name.clone(), *n)).collect();
    rows.push(("(none)".to_owned(), status.none));
    table("\nsentences by label:\n", &rows);
    rows = status.annotators.iter().map(|(name, n)| (name.clone(), *n)).collect();
    table("\nsentences by annotator:\n", &rows);
    out
}

/// A sentence and what was said about it, for people.
pub fn listed(history: &History, events: &[&Event]) -> String {
    let mut out = format!("{}: {}\n", history.id, history.text);
    if !history.other_ids.is_empty() {
        out += &format!("  also {}\n", history.other_ids.join(", "));
    }
    for event in events {
        let labels = if event.labels.is_empty() {
            "(none)".to_owned()
        } else {
            event.labels.join(", ")
        };
        let how = match event.resolution {
            Some(method) => format!("  resolved by {}", format!("{method:?}").to_lowercase()),
            None => event
                .file
                .as_ref()
                .map(|file| format!("  from {file}"))
                .unwrap_or_default(),
        };
        let why = event
            .note
            .as_ref()
            .map(|note| format!("  ({note})"))
            .unwrap_or_default();
        out += &format!("  {}  {}  {labels}{how}{why}\n", shown(event.time), event.annotator);
    }
    out
}

/// One line of JSON.
pub fn json_line(value: &impl serde::Serialize) -> Result<String, Error> {
    let json = serde_json::to_string(value).map_err(|e| Error::InvalidSetting(e.to_string()))?;
    Ok(json + "\n")
}

/// A time to the second.
pub fn shown(time: Timestamp) -> String {
    time.round(Unit::Second).unwrap_or(time).to_string()
}

/// A number with its noun.
pub fn count(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

/// A number of sentences.
pub fn sentences(n: usize) -> String {
    count(n, "sentence")
}
