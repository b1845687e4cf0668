//! `bayan compare`, and what other verbs need to compare two models.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::models_args::BootstrapArgs;
use super::output::print;
use super::{Outcome, open_model};
use crate::classifier::Classifier;
use crate::dataset::{LabelledSet, find_files, read_annotations};
use crate::error::Error;
use crate::evaluation::{self, BootstrapParams, Comparison};
use crate::label::{LabelSchema, LabelSet};

#[derive(Debug, Args)]
#[command(
    after_help = "For each label that both models have, and for their mean: precision, recall, F1 at each model's own thresholds, and average
precision; the difference, new minus old; its interval by the paired bootstrap. Both models label the same resamples, which are
drawn with replacement: whole topics (else sources) where the data have at least 10 of them, else sentences. lost: sentences for
which the old model was right about the label and the new one is wrong; gained: the other way round.

Examples:
  bayan compare old.safetensors new.safetensors test.jsonl
  bayan compare versions/ new.safetensors test.jsonl --json > comparison.json"
)]
pub struct CompareArgs {
    /// The old model: a file, or a folder of `bayan models`
    pub old: PathBuf,
    /// The new model
    pub new: PathBuf,
    /// Annotation files, or directories with .jsonl files
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// How many sentences with other labels are listed; --json has all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub examples: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub bootstrap: BootstrapArgs,
}

/// A sentence that got other labels from the new model.
#[derive(Debug, Serialize)]
pub struct Changed {
    text: String,
    group: String,
    truth: Vec<String>,
    old: Vec<String>,
    new: Vec<String>,
    old_probabilities: Vec<f64>,
    new_probabilities: Vec<f64>,
}

/// Two models on the same annotations.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// SHA-256 of the annotations.
    pub data_digest: String,
    #[serde(flatten)]
    pub comparison: Comparison,
    /// Labels of the old model that the new one does not have; they are not compared.
    pub only_old: Vec<String>,
    /// Labels of the new model that the old one does not have; they are not compared.
    pub only_new: Vec<String>,
    pub changed_sentences: Vec<Changed>,
}

/// Compares two models.
pub fn compare(args: &CompareArgs) -> Result<Outcome, Error> {
    let ((old, _), (new, _)) = (open_model(&args.old)?, open_model(&args.new)?);
    let compared = on(&old, &new, &args.paths, (&args.bootstrap).into())?;
    if args.json {
        let json = serde_json::to_string_pretty(&compared).map_err(|e| Error::InvalidSetting(e.to_string()))?;
        print(&(json + "\n"))?;
    } else {
        print(&(compared.table() + &compared.examples(args.examples)))?;
    }
    Ok(Outcome::Done)
}

/// Compares two models on annotations, whose labels may be those of either.
pub fn on(
    old: &Classifier,
    new: &Classifier,
    paths: &[PathBuf],
    bootstrap: BootstrapParams,
) -> Result<Compared, Error> {
    let without = |a: &Classifier, b: &Classifier| -> Vec<String> {
        let names = a.schema().names().iter();
        names
            .filter(|name| b.schema().position(name).is_none())
            .cloned()
            .collect()
    };
    let (only_old, only_new) = (without(old, new), without(new, old));
    let common: Vec<String> = old
        .schema()
        .names()
        .iter()
        .filter(|name| !only_old.contains(name))
        .cloned()
        .collect();
    if common.is_empty() {
        return Err(Error::InvalidSetting("the two models have no label in common".into()));
    }
    let known: Vec<String> = old.schema().names().iter().chain(&only_new).cloned().collect();
    let annotations = read_annotations(&find_files(paths)?, Some(&known))?;
    let all = LabelledSet::new(annotations, Some(LabelSchema::new(known)?))?;
    let set = all.restricted_to(LabelSchema::new(common)?);
    let (of_old, of_new) = (outcomes(old, &set), outcomes(new, &set));
    let groups: Vec<&str> = set.rows().iter().map(|row| row.group.as_str()).collect();
    Ok(Compared {
        data_digest: all.digest(),
        comparison: Comparison::new(set.schema().names(), &of_old, &of_new, &groups, bootstrap)?,
        only_old,
        only_new,
        changed_sentences: changed(&set, &of_old, &of_new),
    })
}

/// What a model says of each sentence of a set whose labels it has, in the order of the set's schema.
pub fn outcomes(classifier: &Classifier, set: &LabelledSet) -> Vec<evaluation::Outcome> {
    let mut labeller = classifier.labeller();
    let names = set.schema().names().iter();
    let positions: Vec<usize> = names.filter_map(|name| classifier.schema().position(name)).collect();
    let rows = set.rows().iter();
    rows.map(|row| {
        let (given, probabilities) = labeller.label(&row.text);
        let labels = positions
            .iter()
            .enumerate()
            .filter(|&(_, &position)| given.contains(position));
        evaluation::Outcome {
            truth: row.labels,
            predicted: labels.fold(LabelSet::default(), |set, (label, _)| set.with(label)),
            probabilities: positions.iter().map(|&position| probabilities[position]).collect(),
        }
    })
    .collect()
}

fn changed(set: &LabelledSet, old: &[evaluation::Outcome], new: &[evaluation::Outcome]) -> Vec<Changed> {
    let names = |labels| set.schema().names_of(labels).map(str::to_owned).collect::<Vec<_>>();
    let rows = set.rows().iter().zip(old.iter().zip(new));
    rows.filter(|(_, (old, new))| old.predicted != new.predicted)
        .map(|(row, (old, new))| Changed {
            text: row.text.clone(),
            group: row.group.clone(),
            truth: names(row.labels),
            old: names(old.predicted),
            new: names(new.predicted),
            old_probabilities: old.probabilities.clone(),
            new_probabilities: new.probabilities.clone(),
        })
        .collect()
}

impl Compared {
    /// The table, and which labels it leaves out.
    pub fn table(&self) -> String {
        let mut out = self.comparison.to_string();
        for (labels, model) in [(&self.only_old, "old"), (&self.only_new, "new")] {
            if !labels.is_empty() {
                out += &format!("not compared, only the {model} model has them: {}\n", labels.join(", "));
            }
        }
        out
    }

    /// Some of the sentences that got other labels: those that got worse first.
    fn examples(&self, count: usize) -> String {
        let kinds = [
            "right before, wrong now",
            "wrong before, right now",
            "wrong before and now",
        ];
        let kind = |c: &Changed| match (c.old == c.truth, c.new == c.truth) {
            (true, _) => 0,
            (_, true) => 1,
            _ => 2,
        };
        let mut sentences: Vec<(usize, &Changed)> = self.changed_sentences.iter().map(|c| (kind(c), c)).collect();
        sentences.sort_by_key(|&(kind, _)| kind);
        let mut out = String::new();
        let named = |labels: &[String]| {
            if labels.is_empty() {
                "none".to_owned()
            } else {
                labels.join("+")
            }
        };
        for (place, (kind, sentence)) in sentences.iter().take(count).enumerate() {
            if place == 0 || sentences[place - 1].0 != *kind {
                let all = sentences.iter().filter(|(other, _)| other == kind).count();
                out += &format!("\n{} ({all}):\n", kinds[*kind]);
            }
            let (old, new, truth) = (named(&sentence.old), named(&sentence.new), named(&sentence.truth));
            out += &format!("  {old} -> {new} (is {truth})  {}\n", sentence.text.trim());
        }
        let rest = sentences.len().saturating_sub(count);
        if rest > 0 {
            out += &format!("\n{rest} more; --examples N or --json shows them\n");
        }
        out
    }
}
