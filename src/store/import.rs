//! Files into the store.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::Store;
use super::connection::Failure;
use super::sentence::{find_or_add, records_digest};
use crate::dataset::formats::{Example, ExampleFile};
use crate::error::{Error, Fault, Place};

/// How files are imported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Who annotated what does not say so; else the name of the file without its extension stands for the annotator.
    pub annotator: Option<String>,
    /// Tell sentences by their text alone.
    pub ignore_ids: bool,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileReport {
    /// The file.
    pub file: String,
    /// When the same records were imported before; then nothing was added.
    pub imported_before: Option<Timestamp>,
    /// Annotations that were added.
    pub added: usize,
    /// Those of them that change what the annotator said before.
    pub relabelled: usize,
    /// Annotations that were there already.
    pub known: usize,
    /// Sentences that were not there before.
    pub new_sentences: usize,
    /// Annotations without a label: "none".
    pub none: usize,
    /// How many records have no label in a format that cannot tell "none" from "not annotated".
    pub assumed_none: usize,
    /// Records that nobody has annotated.
    pub not_annotated: usize,
    /// Who annotated what did not say so.
    pub assumed_annotator: Option<String>,
    /// Records that the tool marks as no annotation, by the reason.
    pub passed_over: BTreeMap<&'static str, usize>,
}

impl Store {
    /// Imports files, all of them or none, with `now` as the time of annotations without one. What is there already is
    /// not added again.
    ///
    /// # Errors
    /// [`Error::InvalidAnnotations`] with all records that contradict the store or each other: an id that stands for
    /// another text, one annotator's different labels for one sentence at one time. [`Error::Store`] if it cannot be
    /// written; then nothing was.
    pub fn import(
        &mut self,
        files: &[ExampleFile],
        options: &ImportOptions,
        now: Timestamp,
    ) -> Result<Vec<FileReport>, Error> {
        self.write(|transaction| {
            let mut importer = Importer {
                transaction,
                options,
                now: now.as_microsecond(),
                said: HashMap::new(),
                faults: Vec::new(),
            };
            let reports = files
                .iter()
                .map(|file| importer.file(file))
                .collect::<Result<Vec<_>, _>>()?;
            if importer.faults.is_empty() {
                Ok(reports)
            } else {
                Err(Error::annotations(importer.faults).into())
            }
        })
    }
}

struct Importer<'t> {
    transaction: &'t Transaction<'t>,
    options: &'t ImportOptions,
    now: i64,
    /// What this import says of a sentence, by sentence, annotator and given time: where, and the labels.
    said: HashMap<(i64, String, Option<i64>), (String, String)>,
    faults: Vec<Fault>,
}

/// An annotation as it is stored.
struct Entry<'e> {
    sentence: i64,
    import: i64,
    annotator: &'e str,
    labels: String,
    time: Option<i64>,
    example: &'e Example,
}

/// What became of an annotation.
enum Stored {
    Added { relabelled: bool },
    Known,
}

impl Importer<'_> {
    fn file(&mut self, file: &ExampleFile) -> Result<FileReport, Failure> {
        let mut report = FileReport {
            file: file.name.clone(),
            passed_over: file.passed_over.clone(),
            assumed_none: file.assumed_none,
            not_annotated: file.examples.len() - file.annotated().count(),
            ..FileReport::default()
        };
        let annotator = self.options.annotator.clone().unwrap_or_else(|| stem(&file.name));
        let digest = records_digest(file, &annotator)?;
        if let Some(time) = self.imported_before(&digest)? {
            report.known = file.annotated().count();
            report.imported_before = Some(time);
            return Ok(report);
        }
        if file.annotated().next().is_none() {
            return Ok(report);
        }
        let import = self
            .transaction
            .prepare_cached("INSERT INTO import (file, digest, time) VALUES (?1, ?2, ?3)")?
            .insert(params![file.name, digest, self.now])?;
        for (place, example) in file.annotated() {
            let who = example.annotator.as_deref().unwrap_or(&annotator);
            if example.annotator.is_none() {
                report.assumed_annotator = Some(annotator.clone());
            }
            self.example(file, *place, example, (import, who), &mut report)?;
        }
        Ok(report)
    }

    fn imported_before(&self, digest: &str) -> Result<Option<Timestamp>, Failure> {
        let time: Option<i64> = self
            .transaction
            .prepare_cached("SELECT time FROM import WHERE digest = ?1")?
            .query_row([digest], |row| row.get(0))
            .optional()?;
        Ok(time.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
    }

    fn example(
        &mut self,
        file: &ExampleFile,
        place: Place,
        example: &Example,
        (import, annotator): (i64, &str),
        report: &mut FileReport,
    ) -> Result<(), Failure> {
        let fault = |reason| Fault {
            name: file.name.clone(),
            place,
            reason,
        };
        let sentence = match find_or_add(self.transaction, example, self.options.ignore_ids)? {
            Ok((sentence, new)) => {
                report.new_sentences += usize::from(new);
                sentence
            }
            Err(reason) => {
                self.faults.push(fault(reason));
                return Ok(());
            }
        };
        let mut labels = example.labels.clone().unwrap_or_default();
        labels.sort();
        report.none += usize::from(labels.is_empty());
        let entry = Entry {
            sentence,
            import,
            annotator,
            labels: serde_json::to_string(&labels).unwrap_or_default(),
            time: example.time.map(Timestamp::as_microsecond),
            example,
        };
        self.enter(&entry, fault(String::new()), report)
    }

    /// Adds an annotation, unless this import says something else of the same sentence at the same time.
    fn enter(&mut self, entry: &Entry<'_>, here: Fault, report: &mut FileReport) -> Result<(), Failure> {
        let key = (entry.sentence, entry.annotator.to_owned(), entry.time);
        match self.said.get(&key) {
            Some((first, said)) if *said != entry.labels => {
                let reason = format!(
                    "{:?} gives other labels to the same sentence at {first}",
                    entry.annotator
                );
                self.faults.push(Fault { reason, ..here });
            }
            Some(_) => report.known += 1,
            None => {
                self.said.insert(key, (here.location(), entry.labels.clone()));
                match self.store(entry)? {
                    Stored::Added { relabelled } => {
                        report.added += 1;
                        report.relabelled += usize::from(relabelled);
                    }
                    Stored::Known => report.known += 1,
                }
            }
        }
        Ok(())
    }

    /// Adds an annotation, if it is not what is there already.
    fn store(&self, entry: &Entry<'_>) -> Result<Stored, Failure> {
        let latest: Option<(String, i64)> = self
            .transaction
            .prepare_cached(
                "SELECT labels, time FROM event WHERE sentence = ?1 AND annotator = ?2 AND method IS NULL
                 ORDER BY time DESC, id DESC LIMIT 1",
            )?
            .query_row(params![entry.sentence, entry.annotator], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        // Without a time it is known if it says what the annotator said last, and else said after that.
        let time = match (entry.time, &latest) {
            (None, Some((labels, _))) if *labels == entry.labels => return Ok(Stored::Known),
            (None, Some((_, time))) => self.now.max(*time),
            (None, None) => self.now,
            (Some(time), _) => time,
        };
        if !self.insert(entry, time)? {
            return Ok(Stored::Known);
        }
        let relabelled = latest.is_some_and(|(labels, _)| labels != entry.labels);
        Ok(Stored::Added { relabelled })
    }

    /// Whether it was added; not if it is there with the same time.
    fn insert(&self, entry: &Entry<'_>, time: i64) -> Result<bool, Failure> {
        let example = entry.example;
        let added = self
            .transaction
            .prepare_cached(
                "INSERT INTO event
                 (sentence, import, annotator, labels, time, time_given, topic, source, note)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                entry.sentence,
                entry.import,
                entry.annotator,
                entry.labels,
                time,
                entry.time.is_some(),
                example.topic,
                example.source,
                example.note
            ])?;
        Ok(added > 0)
    }
}

/// The file's name without folders and extension.
fn stem(name: &str) -> String {
    let path = Path::new(name);
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}
