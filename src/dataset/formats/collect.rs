//! What one file gives: examples with their places, what was passed over, and every fault.

use std::collections::BTreeMap;

use super::{Empty, Example, ReadOptions};
use crate::error::{Fault, Place};

/// What was read from one file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExampleFile {
    /// The file.
    pub name: String,
    /// The examples, each with its place.
    pub examples: Vec<(Place, Example)>,
    /// How many annotated examples have no label in a format that cannot tell "none" from "not annotated".
    pub assumed_none: usize,
    /// Records that the tool marks as no annotation, by the reason, with their number.
    pub passed_over: BTreeMap<&'static str, usize>,
}

impl ExampleFile {
    /// The examples that somebody has annotated.
    pub fn annotated(&self) -> impl Iterator<Item = &(Place, Example)> {
        self.examples.iter().filter(|(_, example)| example.labels.is_some())
    }
}

/// Collects what a reader finds.
pub(super) struct Collector<'o> {
    pub options: &'o ReadOptions,
    /// Whether the format can tell "none" from "not annotated".
    pub tells_none: bool,
    pub file: ExampleFile,
    pub faults: Vec<Fault>,
}

impl<'o> Collector<'o> {
    pub fn new(name: &str, options: &'o ReadOptions) -> Self {
        Self {
            options,
            tells_none: true,
            file: ExampleFile {
                name: name.into(),
                ..ExampleFile::default()
            },
            faults: Vec::new(),
        }
    }

    pub fn fault(&mut self, place: Place, reason: impl Into<String>) {
        self.faults.push(Fault {
            name: self.file.name.clone(),
            place,
            reason: reason.into(),
        });
    }

    pub fn pass_over(&mut self, reason: &'static str) {
        *self.file.passed_over.entry(reason).or_default() += 1;
    }

    /// Takes a record, or the reason why it cannot be understood.
    pub fn take(&mut self, place: Place, example: Result<Example, String>) {
        match example {
            Ok(mut example) => {
                if !self.tells_none && example.labels.as_ref().is_some_and(Vec::is_empty) {
                    match self.options.empty {
                        Empty::None => self.file.assumed_none += 1,
                        Empty::Unlabelled => example.labels = None,
                    }
                }
                let reasons = self.check(&example);
                reasons.into_iter().for_each(|reason| self.fault(place, reason));
                self.file.examples.push((place, example));
            }
            Err(reason) => self.fault(place, reason),
        }
    }

    fn check(&self, example: &Example) -> Vec<String> {
        let mut reasons = Vec::new();
        if example.text.trim().is_empty() {
            reasons.push("the text is empty".into());
        }
        let labels = example.labels.as_deref().unwrap_or_default();
        for (i, label) in labels.iter().enumerate() {
            if label.trim().is_empty() {
                reasons.push("a label without a name".into());
            } else if self.options.labels.as_ref().is_some_and(|known| !known.contains(label)) {
                reasons.push(format!("unknown label {label:?}"));
            }
            if labels[..i].contains(label) {
                reasons.push(format!("label {label:?} is given twice"));
            }
        }
        reasons
    }
}
