//! Conflicts decided, and the decision kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::connection::Failure;
use super::read::histories;
use super::sentence::sentence_of;
use super::{Method, Outcome, Prefer, Store};
use crate::error::Error;

/// Who decides, and when.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Who.
    pub by: String,
    /// When.
    pub time: Timestamp,
    /// Why, if there is something to say.
    pub note: Option<String>,
}

/// What became of the conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resolved {
    /// Conflicts that were resolved.
    pub resolved: usize,
    /// Conflicts that the rule cannot decide.
    pub open: usize,
}

impl Store {
    /// Resolves conflicts by a rule: those of the sentences that `keys` name, or all.
    ///
    /// # Errors
    /// If a key names no sentence, or the store cannot be written.
    pub fn resolve_all(&mut self, keys: &[String], rule: Prefer, decision: &Decision) -> Result<Resolved, Error> {
        self.write(|transaction| {
            let numbers = keys
                .iter()
                .map(|key| sentence_of(transaction, key))
                .collect::<Result<Vec<i64>, _>>()?;
            let only = Some(numbers.as_slice()).filter(|list| !list.is_empty());
            let mut done = Resolved::default();
            for history in histories(transaction, only)? {
                let Outcome::Conflict(voices) = history.outcome() else {
                    continue;
                };
                match rule.decide(&voices) {
                    Some(labels) => {
                        add(transaction, history.number, &labels, rule.method(), decision)?;
                        done.resolved += 1;
                    }
                    None => done.open += 1,
                }
            }
            Ok(done)
        })
    }

    /// Says what the labels of one sentence are, by its id or its text.
    ///
    /// # Errors
    /// If there is no such sentence, or a label occurs nowhere in the store, or it cannot be written.
    pub fn resolve_one(&mut self, key: &str, labels: &[String], decision: &Decision) -> Result<(), Error> {
        let labels: BTreeSet<&String> = labels.iter().collect();
        self.write(|transaction| {
            let mut statement =
                transaction.prepare("SELECT DISTINCT value FROM event, json_each(event.labels) ORDER BY value")?;
            let known = statement
                .query_map([], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            if let Some(label) = labels.iter().find(|label| !known.contains(label)) {
                return Err(Error::UnknownLabel {
                    label: (*label).clone(),
                    known: known.join(", "),
                }
                .into());
            }
            let sentence = sentence_of(transaction, key)?;
            let labels: Vec<String> = labels.into_iter().cloned().collect();
            add(transaction, sentence, &labels, Method::Labels, decision)
        })
    }
}

fn add(
    transaction: &Transaction<'_>,
    sentence: i64,
    labels: &[String],
    method: Method,
    decision: &Decision,
) -> Result<(), Failure> {
    let name = Method::ALL.iter().find(|(_, m)| *m == method).map(|(name, _)| *name);
    let labels = serde_json::to_string(labels).unwrap_or_default();
    transaction
        .prepare_cached(
            "INSERT INTO event (sentence, annotator, labels, time, time_given, method, note)
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)",
        )?
        .execute(params![
            sentence,
            decision.by,
            labels,
            decision.time.as_microsecond(),
            name,
            decision.note
        ])?;
    Ok(())
}
