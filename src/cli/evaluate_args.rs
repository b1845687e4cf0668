//! The arguments of `bayan evaluate`.

use std::path::PathBuf;

use clap::Args;

use super::args::ModelArgs;

#[derive(Debug, Args)]
#[command(
    after_help = "The report is one HTML file that needs no network and no script: tables, precision-recall, reliability and
threshold curves by label, the heaviest features, and the worst errors with the words that led to them.

Examples:
  bayan evaluate test.jsonl
  bayan evaluate test.jsonl --model my.safetensors --json
  bayan evaluate test.jsonl --report report.html
  bayan evaluate test.jsonl --report report.html --learning-curve train/"
)]
pub struct EvaluateArgs {
    /// Annotation files, or directories with .jsonl files
    #[arg(required = true, value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
    /// Write a report to look at, as one HTML file; it appears when it is complete
    #[arg(long, value_name = "PATH")]
    pub report: Option<PathBuf>,
    /// How many of the worst errors the report shows
    #[arg(long, value_name = "N", default_value_t = 30, requires = "report")]
    pub errors: usize,
    /// Add a learning curve to the report: train on 1/8, 1/4, 1/2 and all topics of these annotations, with the model's
    /// settings, and measure each
    #[arg(long, value_name = "FILE|DIR", num_args = 1.., requires = "report")]
    pub learning_curve: Vec<PathBuf>,
}
