//! By what sentences and files are known again: id or text, and the records.

use std::fmt::Write;

use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};

use super::connection::Failure;
use crate::dataset::formats::{Example, ExampleFile, Format, WriteOptions, write_examples};
use crate::error::Error;

/// The number of the sentence that an id or a text names.
pub(super) fn sentence_of(transaction: &Transaction<'_>, key: &str) -> Result<i64, Failure> {
    let mut statement = transaction.prepare_cached(
        "SELECT sentence FROM name WHERE name = ?1
         UNION ALL SELECT id FROM sentence WHERE digest = ?2
         UNION ALL SELECT id FROM sentence WHERE length(?1) = 21 AND substr(?1, 1, 5) = 'text-'
             AND digest >= substr(?1, 6) AND digest < substr(?1, 6) || 'g'
         LIMIT 1",
    )?;
    let mut rows = statement.query([key, &text_digest(key)])?;
    match rows.next()? {
        Some(row) => Ok(row.get(0)?),
        None => Err(Error::InvalidSetting(format!("no sentence has the id or the text {key:?}")).into()),
    }
}

/// The sentence's number, and whether it is new; or why its id cannot be.
pub(super) fn find_or_add(
    transaction: &Transaction<'_>,
    example: &Example,
    ignore_ids: bool,
) -> Result<Result<(i64, bool), String>, Failure> {
    let digest = text_digest(&example.text);
    let by_text: Option<i64> = transaction
        .prepare_cached("SELECT id FROM sentence WHERE digest = ?1")?
        .query_row([&digest], |row| row.get(0))
        .optional()?;
    let name = example.id.as_deref().filter(|_| !ignore_ids);
    if let Some(name) = name {
        let by_name: Option<(i64, String)> = transaction
            .prepare_cached(
                "SELECT sentence.id, text FROM name JOIN sentence ON sentence.id = sentence WHERE name = ?1",
            )?
            .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match by_name {
            Some((sentence, _)) if Some(sentence) == by_text => return Ok(Ok((sentence, false))),
            Some((_, text)) => {
                return Ok(Err(format!(
                    "id {name:?} stands for another text in the store: {text:?}; \
                     choose another field as id (--id-field), or tell sentences by their text alone (--ignore-ids)"
                )));
            }
            None => {}
        }
    }
    let sentence = match by_text {
        Some(sentence) => sentence,
        None => transaction
            .prepare_cached("INSERT INTO sentence (digest, text) VALUES (?1, ?2)")?
            .insert(params![digest, example.text])?,
    };
    if let Some(name) = name {
        transaction
            .prepare_cached("INSERT INTO name (name, sentence) VALUES (?1, ?2)")?
            .insert(params![name, sentence])?;
    }
    Ok(Ok((sentence, by_text.is_none())))
}

/// Tells whether the same records, by the same annotators, were imported before.
pub(super) fn records_digest(file: &ExampleFile, annotator: &str) -> Result<String, Error> {
    let named: Vec<Example> = file
        .annotated()
        .map(|(_, example)| Example {
            annotator: example.annotator.clone().or_else(|| Some(annotator.to_owned())),
            ..example.clone()
        })
        .collect();
    let bytes = write_examples(&named, &WriteOptions::new(Format::Jsonl))?;
    Ok(hex(&Sha256::digest(bytes)))
}

/// Tells whether two texts are the same sentence: white space does not matter.
fn text_digest(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    hex(&Sha256::digest(words.join(" ")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string");
        hex
    })
}
