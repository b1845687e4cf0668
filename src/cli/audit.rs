//! `bayan audit`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use super::audit_args::AuditArgs;
use super::output::{note, print, prove_writable};
use super::progress::TrainBar;
use super::train::{features, use_threads};
use super::{Outcome, thread_count};
use crate::curate::{Audit, AuditParams, Suspect, audit as look};
use crate::dataset::formats::{ReadOptions, read_example_files};
use crate::dataset::{Annotation, find_files};
use crate::error::{Error, Fault, Place};
use crate::io::OutputFile;
use crate::label::LabelSchema;
use crate::train::TrainParams;

/// Looks for mistakes in annotations, prints the gravest and writes all.
pub fn audit(args: &AuditArgs, quiet: bool) -> Result<Outcome, Error> {
    let params = AuditParams {
        training: TrainParams {
            features: features(&args.features)?,
            c_grid: args.c_grid.clone(),
            folds: args.folds,
            seed: args.seed,
            ..TrainParams::default()
        },
        similarity: args.similarity,
        by_topic: args.by_topic,
    };
    params.training.check()?;
    let schema = args.labels.clone().map(LabelSchema::new).transpose()?;
    if let Some(path) = &args.output {
        prove_writable(path)?;
    }
    let annotations = read(&args.paths, args)?;
    let test = if args.test.is_empty() {
        Vec::new()
    } else {
        read(&args.test, args)?
    };
    use_threads(thread_count(args.threads))?;
    let bar = TrainBar::new(quiet);
    let result = look(&annotations, &test, schema, &params, &bar)?;
    drop(bar);
    if let Some(path) = &args.output {
        write(&result.suspects, path)?;
    }
    print(&if args.json {
        json(&result, args.top)?
    } else {
        text(&result, args.top)
    })?;
    if !quiet {
        result.unconverged.iter().for_each(|fit| note(&fit.to_string()));
        if let Some(path) = &args.output {
            note(&format!("wrote {}", path.display()));
        }
    }
    Ok(Outcome::Done)
}

/// Annotations in any format. Unlike for training, texts may repeat: that is what an audit is to find.
fn read(paths: &[PathBuf], args: &AuditArgs) -> Result<Vec<Annotation>, Error> {
    let options = ReadOptions {
        format: args.format.map(Into::into),
        labels: args.labels.clone(),
        ..ReadOptions::default()
    };
    let (mut annotations, mut faults) = (Vec::new(), Vec::new());
    let mut ids: HashMap<String, String> = HashMap::new();
    for file in read_example_files(&find_files(paths)?, &options)? {
        for (place, example) in file.examples {
            // Nobody has annotated it.
            let Some(labels) = example.labels else { continue };
            let here = match place {
                Place::Line(n) | Place::Record(n) | Place::Row(n) => format!("{}:{n}", file.name),
                Place::Whole | Place::Byte(_) => file.name.clone(),
            };
            let id = example.id.unwrap_or_else(|| here.clone());
            if let Some(first) = ids.insert(id.clone(), here) {
                faults.push(Fault {
                    name: file.name.clone(),
                    place,
                    reason: format!("id {id:?} was used at {first}"),
                });
            }
            annotations.push(Annotation {
                id,
                text: example.text,
                labels,
                topic: example.topic,
                source: example.source,
                annotator: example.annotator,
                note: example.note,
            });
        }
    }
    if faults.is_empty() {
        Ok(annotations)
    } else {
        Err(Error::annotations(faults))
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::InvalidSetting(e.to_string()))
}

fn write(suspects: &[Suspect], path: &PathBuf) -> Result<(), Error> {
    let mut file = OutputFile::create(path)?;
    for suspect in suspects {
        file.write_all(to_json(suspect)?.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .map_err(Error::io(path))?;
    }
    file.commit()
}

fn json(result: &Audit, top: usize) -> Result<String, Error> {
    let mut shown = result.clone();
    shown.suspects.truncate(top);
    Ok(to_json(&shown)? + "\n")
}

fn text(result: &Audit, top: usize) -> String {
    let width = result
        .labels
        .iter()
        .map(|l| l.label.chars().count())
        .max()
        .unwrap_or(0)
        .max(5);
    let mut out = format!(
        "{} sentences. Labels that confident learning counts as errors:\n\n{:width$} {:>8} {:>14} {:>8}\n",
        result.sentences, "", "given", "wrongly given", "missing"
    );
    for l in &result.labels {
        let _ = writeln!(
            out,
            "{:width$} {:>8} {:>14} {:>8}",
            l.label, l.given, l.wrongly_given, l.missing
        );
    }
    let shown = top.min(result.suspects.len());
    let _ = writeln!(out, "\n{} suspects, the first {shown}:", result.suspects.len());
    for (rank, suspect) in result.suspects.iter().take(top).enumerate() {
        let names = |labels: &[String]| {
            if labels.is_empty() {
                "none".to_owned()
            } else {
                labels.join(", ")
            }
        };
        let _ = writeln!(
            out,
            "\n{:>4}  {:.3}  {}  [{}]\n      {}",
            rank + 1,
            suspect.score,
            suspect.id,
            names(&suspect.labels),
            suspect.text
        );
        for reason in &suspect.reasons {
            let _ = writeln!(out, "      - {reason}");
        }
    }
    out
}
