//! fastText's training lines: labels with the prefix `__label__`, then the text.
//!
//! As its "Text classification" tutorial and `fasttext supervised` describe them. fastText takes every token with the
//! prefix for a label, wherever it stands; here one behind the beginning of the text is a fault, since it is more
//! likely a line gone wrong than a label.

use super::collect::Collector;
use super::{Example, WriteOptions, one_line, unwritable};
use crate::error::{Error, Place};

/// What separates tokens for fastText.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\0')
}

pub(super) fn read(text: &str, collector: &mut Collector<'_>) {
    let prefix = &collector.options.label_prefix;
    for (i, line) in text.lines().enumerate() {
        if !line.trim().is_empty() {
            collector.take(Place::Line(i + 1), example(line, prefix));
        }
    }
}

fn example(line: &str, prefix: &str) -> Result<Example, String> {
    let mut labels = Vec::new();
    let mut rest = line.trim_matches(is_space);
    while let Some(after) = rest.strip_prefix(prefix) {
        let (label, behind) = after.split_once(is_space).unwrap_or((after, ""));
        labels.push(label.to_owned());
        rest = behind.trim_start_matches(is_space);
    }
    if let Some(token) = label_within(rest, prefix) {
        return Err(format!("label {token:?} stands behind the beginning of the text"));
    }
    Ok(Example {
        text: rest.to_owned(),
        labels: Some(labels),
        ..Example::default()
    })
}

fn label_within<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    text.split(is_space).find(|token| token.starts_with(prefix))
}

pub(super) fn write(examples: &[Example], options: &WriteOptions) -> Result<Vec<u8>, Error> {
    let mut out = String::new();
    for (i, example) in examples.iter().enumerate() {
        let fault = |reason| Err(unwritable(options.format, i, reason));
        for label in example.shown_labels() {
            if label.is_empty() || label.contains(is_space) {
                return fault(format!("label {label:?} cannot stand there: a space ends it"));
            }
            out += &options.label_prefix;
            out += label;
            out.push(' ');
        }
        let text = one_line(&example.text, false);
        if let Some(token) = label_within(&text, &options.label_prefix) {
            return fault(format!("{token:?} in the text would be taken for a label"));
        }
        out += text.trim_matches(is_space);
        out.push('\n');
    }
    Ok(out.into_bytes())
}
