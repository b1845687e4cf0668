//! The training or test set in canonical order.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Annotation;
use super::folds::shuffle_key;
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

    /// The same sentences under another schema: labels that it does not hold are left out.
    #[must_use]
    pub fn restricted_to(&self, schema: LabelSchema) -> Self {
        let positions: Vec<Option<usize>> = self.schema.names().iter().map(|name| schema.position(name)).collect();
        let labels = |old: LabelSet| {
            let kept = positions.iter().enumerate().filter(|&(label, _)| old.contains(label));
            kept.filter_map(|(_, position)| *position)
                .fold(LabelSet::default(), LabelSet::with)
        };
        let rows = self.rows.iter().map(|row| Row {
            labels: labels(row.labels),
            ..row.clone()
        });
        Self {
            rows: rows.collect(),
            schema,
        }
    }

    /// The labels.
    pub fn schema(&self) -> &LabelSchema {
        &self.schema
    }

    /// The sentences, ascending by text.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows that `keep` holds for, under the same schema.
    pub fn filtered(&self, mut keep: impl FnMut(&Row) -> bool) -> Self {
        Self {
            schema: self.schema.clone(),
            rows: self.rows.iter().filter(|row| keep(row)).cloned().collect(),
        }
    }

    /// The names of the groups, ascending.
    pub fn groups(&self) -> BTreeSet<&str> {
        self.rows.iter().map(|row| row.group.as_str()).collect()
    }

    /// All sentences of about `share` (0 to 1) of the groups, at least of one. Which groups is decided by the hash of
    /// their names and `seed`, so a larger share holds all of a smaller one.
    pub fn share_of_groups(&self, share: f64, seed: u64) -> Self {
        let mut groups: Vec<&str> = self.groups().into_iter().collect();
        groups.sort_by_key(|group| shuffle_key(group, seed));
        let wanted = libm::ceil(groups.len() as f64 * share) as usize;
        groups.truncate(wanted.max(1));
        let chosen: BTreeSet<&str> = groups.into_iter().collect();
        self.filtered(|row| chosen.contains(row.group.as_str()))
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
        base16ct::lower::encode_string(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_shares_hold_smaller_ones_and_whole_groups() {
        let annotations = (0..80).map(|i| Annotation {
            id: i.to_string(),
            text: format!("sentence {i}"),
            labels: vec!["claim".into()],
            topic: Some(format!("topic {}", i % 16)),
            source: None,
            annotator: None,
            note: None,
        });
        let set = LabelledSet::new(annotations.collect(), None).unwrap();
        let mut smaller: BTreeSet<Row> = BTreeSet::new();
        for (share, groups) in [(0.0, 1), (0.125, 2), (0.25, 4), (0.5, 8), (1.0, 16)] {
            let part = set.share_of_groups(share, 3);
            assert_eq!((part.groups().len(), part.rows().len()), (groups, 5 * groups));
            let rows: BTreeSet<Row> = part.rows().iter().cloned().collect();
            assert!(rows.is_superset(&smaller));
            smaller = rows;
        }
        assert_ne!(set.share_of_groups(0.25, 3).rows(), set.share_of_groups(0.25, 4).rows());
    }
}
