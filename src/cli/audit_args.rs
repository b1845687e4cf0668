//! Arguments of `bayan audit`.

use std::path::PathBuf;

use clap::Args;

use super::args::FeatureArgs;
use super::choices::{FormatKind, parse_threads};
use crate::curate::AuditParams;
use crate::train::TrainParams;

#[derive(Debug, Args)]
#[command(
    after_help = "Each sentence is judged by a model that was trained without it. Suspect are: labels that this model would have decided
otherwise (confident learning; `suggested` are the labels after its corrections), near-duplicates with other labels, and with --test sentences
that stand in the test set too. The list is ranked; a suspect is not a mistake until somebody has looked at it.

Examples:
  bayan audit annotations/
  bayan audit annotations/ --test test.jsonl --output suspects.jsonl
  bayan audit doccano-export.jsonl --format doccano --top 20 --json"
)]
pub struct AuditArgs {
    /// Annotation files, or directories with .jsonl files
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Annotations that models are measured on, which should not be among the others
    #[arg(long, value_name = "FILE|DIR", num_args = 1..)]
    pub test: Vec<PathBuf>,
    /// Format of the files [default: by extension]
    #[arg(short, long, value_enum)]
    pub format: Option<FormatKind>,
    /// The labels; any other label is an error [default: those in the data, sorted]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub labels: Option<Vec<String>>,
    /// How many suspects are shown
    #[arg(long, default_value_t = 30)]
    pub top: usize,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
    /// Write all suspects here, one JSON object a line; the file appears when it is complete
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// From which similarity on sentences are near-duplicates: what share of their words and word pairs is common to both
    #[arg(long, value_name = "SHARE", default_value_t = AuditParams::default().similarity)]
    pub similarity: f64,
    /// Judge each sentence by a model that saw no sentence of its topic (else source): finds what a whole topic shares, but
    /// the model knows less
    #[arg(long)]
    pub by_topic: bool,
    /// Seed of the folds
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Number of cross-validation folds
    #[arg(long, default_value_t = 5)]
    pub folds: usize,
    /// Inverse regularisation strengths to choose from, for each label
    #[arg(short = 'C', long = "c", value_name = "C", value_delimiter = ',', default_values_t = TrainParams::default().c_grid)]
    pub c_grid: Vec<f64>,
    /// Number of threads, at most 32; 0 for one for each core
    #[arg(short, long, value_name = "N", default_value = "0", value_parser = parse_threads)]
    pub threads: usize,
    #[command(flatten)]
    pub features: FeatureArgs,
}
