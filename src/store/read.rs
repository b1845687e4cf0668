//! What stands in the store.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Row, Transaction, params_from_iter};
use serde::Serialize;

use super::connection::Failure;
use super::sentence::sentence_of;
use super::{Event, History, Method, Outcome, Prefer, Store};
use crate::dataset::formats::Example;
use crate::error::Error;

/// The store in numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Status {
    /// Sentences with at least one annotation.
    pub sentences: usize,
    /// Annotations, those included that were changed later.
    pub annotations: usize,
    /// Sentences that all their annotators agree on, of those with several annotators.
    pub agreed: usize,
    /// Sentences with a conflict that was resolved.
    pub resolved: usize,
    /// Sentences with a conflict that is open.
    pub conflicts: usize,
    /// How many sentences each annotator has labelled.
    pub annotators: BTreeMap<String, usize>,
    /// How many sentences have each label, where there is no open conflict.
    pub labels: BTreeMap<String, usize>,
    /// How many sentences have none.
    pub none: usize,
    /// Imported files.
    pub imports: usize,
}

/// Sentences with the labels that stand, and those whose labels are open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Export {
    /// In the order of their first import.
    pub examples: Vec<Example>,
    /// How many of them a rule decided.
    pub decided: usize,
    /// Those with a conflict that is open.
    pub open: Vec<History>,
}

const HISTORIES: &str =
    "SELECT sentence.id, sentence.digest, text, event.id, annotator, labels, event.time, method, file, topic, source, note
    FROM event JOIN sentence ON sentence.id = sentence LEFT JOIN import ON import.id = import";

impl Store {
    /// The history of every sentence, in the order of their first import.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn histories(&mut self) -> Result<Vec<History>, Error> {
        self.read(|transaction| histories(transaction, None))
    }

    /// The histories of the sentences that `keys` name: ids, or whole texts.
    ///
    /// # Errors
    /// If one names no sentence, or the store cannot be read.
    pub fn find(&mut self, keys: &[String]) -> Result<Vec<History>, Error> {
        self.read(|transaction| {
            let numbers = keys
                .iter()
                .map(|key| sentence_of(transaction, key))
                .collect::<Result<Vec<i64>, _>>()?;
            histories(transaction, Some(&numbers))
        })
    }

    /// The sentences with the labels that stand; open conflicts are decided by `prefer` where that is given and can
    /// decide, without a trace in the store.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn export(&mut self, prefer: Option<Prefer>) -> Result<Export, Error> {
        let mut export = Export::default();
        for history in self.histories()? {
            let decided = match history.outcome() {
                Outcome::Agreed(voices) => Some(example(&history, &voices, voices[0].labels.clone())),
                Outcome::Resolved(resolution) => Some(example(&history, &[resolution], resolution.labels.clone())),
                Outcome::Conflict(voices) => {
                    let labels = prefer.and_then(|rule| rule.decide(&voices));
                    export.decided += usize::from(labels.is_some());
                    labels.map(|labels| example(&history, &voices, labels))
                }
            };
            match decided {
                Some(example) => export.examples.push(example),
                None => export.open.push(history),
            }
        }
        Ok(export)
    }

    /// The store in numbers.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn status(&mut self) -> Result<Status, Error> {
        let (histories, imports) = self.read(|transaction| {
            let imports: i64 = transaction.query_row("SELECT count(*) FROM import", [], |row| row.get(0))?;
            Ok((histories(transaction, None)?, imports as usize))
        })?;
        let mut status = Status {
            imports,
            ..Status::default()
        };
        histories.iter().for_each(|history| status.count(history));
        Ok(status)
    }

    /// What SQLite's checks of the whole file find; nothing if it is sound.
    ///
    /// # Errors
    /// If the store cannot be read at all.
    pub fn check(&mut self) -> Result<Vec<String>, Error> {
        self.read(|transaction| {
            let mut statement = transaction.prepare("PRAGMA integrity_check")?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            let mut found: Vec<String> = lines.collect::<Result<_, _>>()?;
            found.retain(|line| line != "ok");
            let mut statement = transaction.prepare("PRAGMA foreign_key_check")?;
            let broken = statement.query_map([], |row| row.get::<_, String>(0))?;
            for table in broken {
                found.push(format!("a row of {} refers to nothing", table?));
            }
            Ok(found)
        })
    }
}

impl Status {
    fn count(&mut self, history: &History) {
        self.sentences += 1;
        self.annotations += history.events.iter().filter(|e| e.resolution.is_none()).count();
        for event in history.current() {
            *self.annotators.entry(event.annotator.clone()).or_default() += 1;
        }
        let labels = match history.outcome() {
            Outcome::Agreed(voices) => {
                self.agreed += usize::from(voices.len() > 1);
                &voices[0].labels
            }
            Outcome::Resolved(resolution) => {
                self.resolved += 1;
                &resolution.labels
            }
            Outcome::Conflict(_) => {
                self.conflicts += 1;
                return;
            }
        };
        self.none += usize::from(labels.is_empty());
        for label in labels {
            *self.labels.entry(label.clone()).or_default() += 1;
        }
    }
}

/// The histories of some sentences, or of all.
pub(super) fn histories(transaction: &Transaction<'_>, only: Option<&[i64]>) -> Result<Vec<History>, Failure> {
    let mut names: HashMap<i64, Vec<String>> = HashMap::new();
    let mut statement = transaction.prepare("SELECT sentence, name FROM name ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        names.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let filter = match only {
        None => String::new(),
        Some(list) => format!(" WHERE sentence.id IN ({})", vec!["?"; list.len()].join(",")),
    };
    let mut statement = transaction.prepare(&format!("{HISTORIES}{filter} ORDER BY sentence.id, event.id"))?;
    let mut rows = statement.query(params_from_iter(only.unwrap_or_default()))?;
    let mut found: Vec<History> = Vec::new();
    while let Some(row) = rows.next()? {
        let sentence: i64 = row.get(0)?;
        if found.last().is_none_or(|history| history.number != sentence) {
            let mut ids = names.remove(&sentence).unwrap_or_default().into_iter();
            let digest: String = row.get(1)?;
            found.push(History {
                number: sentence,
                id: ids.next().unwrap_or_else(|| format!("text-{}", &digest[..16])),
                other_ids: ids.collect(),
                text: row.get(2)?,
                events: Vec::new(),
            });
        }
        let event = event(row)?;
        found.last_mut().expect("one was pushed").events.push(event);
    }
    Ok(found)
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let wrong = |column, kind, e: String| rusqlite::Error::FromSqlConversionFailure(column, kind, e.into());
    let labels: String = row.get(5)?;
    let method: Option<String> = row.get(7)?;
    let resolution = method.map(|name| {
        let known = Method::ALL.iter().find(|(n, _)| *n == name);
        known
            .map(|(_, method)| *method)
            .ok_or_else(|| wrong(7, Type::Text, name))
    });
    Ok(Event {
        id: row.get(3)?,
        annotator: row.get(4)?,
        labels: serde_json::from_str(&labels).map_err(|e| wrong(5, Type::Text, e.to_string()))?,
        time: Timestamp::from_microsecond(row.get(6)?).map_err(|e| wrong(6, Type::Integer, e.to_string()))?,
        resolution: resolution.transpose()?,
        file: row.get(8)?,
        topic: row.get(9)?,
        source: row.get(10)?,
        note: row.get(11)?,
    })
}

/// A sentence with labels that stand by these voices.
fn example(history: &History, voices: &[&Event], labels: Vec<String>) -> Example {
    let backing: Vec<&&Event> = voices.iter().filter(|e| e.labels == labels).collect();
    let names: Vec<&str> = backing.iter().map(|e| e.annotator.as_str()).collect();
    // Topic, source and note are those that were given last.
    let mut events: Vec<&Event> = history.events.iter().collect();
    events.sort_by_key(|e| (e.time, e.id));
    let last = |field: fn(&Event) -> &Option<String>| events.iter().rev().find_map(|e| field(e).clone());
    Example {
        id: Some(history.id.clone()),
        text: history.text.clone(),
        labels: Some(labels),
        topic: last(|e| &e.topic),
        source: last(|e| &e.source),
        annotator: (!names.is_empty()).then(|| names.join(", ")),
        time: voices.iter().map(|e| e.time).max(),
        note: last(|e| &e.note),
        suggestions: Vec::new(),
    }
}
