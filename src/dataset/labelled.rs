//! The training or test set in canonical order.

use std::collections::BTreeSet;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Annotation;
use crate::error::Error;
use crate::label::{LabelSchema, LabelSet};

/// One labelled sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The sentence.
    pub text: String,
    /// Its labels.
    pub labels: LabelSet,
    /// What must stay together when data is split.
    pub group: String,
}

/// Labelled sentences, sorted by text, so that the order of files and lines does not matter.
#[derive(Debug, Clone)]
pub struct LabelledSet {
    schema: LabelSchema,
    rows: Vec<Row>,
}

impl LabelledSet {
    /// The set of `annotations` under `schema`, or under the sorted names that occur.
    ///
    /// # Errors
    /// If a label is not in the schema, or there is no label at all.
    pub fn new(annotations: Vec<Annotation>, schema: Option<LabelSchema>) -> Result<Self, Error> {
        let schema = match schema {
            Some(schema) => schema,
            None => LabelSchema::new(
                annotations
                    .iter()
                    .flat_map(|a| a.labels.clone())
                    .collect::<BTreeSet<_>>(),
            )?,
        };
        let mut rows = Vec::with_capacity(annotations.len());
        for annotation in annotations {
            let labels = schema.set_of(&annotation.labels)?;
            let group = annotation.group().to_owned();
            rows.push(Row {
                text: annotation.text,
                labels,
                group,
            });
        }
        rows.sort();
        Ok(Self { schema, rows })
    }

    /// The labels.
    pub fn schema(&self) -> &LabelSchema {
        &self.schema
    }

    /// The sentences, ascending by text.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// For each row whether it has label `label`.
    pub fn targets(&self, label: usize) -> Vec<bool> {
        self.rows.iter().map(|row| row.labels.contains(label)).collect()
    }

    /// SHA-256 over the sorted sentences with their labels and groups, in hexadecimal: tells which data a model saw.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for row in &self.rows {
            let labels: Vec<&str> = self.schema.names_of(row.labels).collect();
            for part in [row.text.as_str(), &labels.join(","), &row.group] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string");
            hex
        })
    }
}
