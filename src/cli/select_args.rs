//! Arguments of `bayan select`.

use std::path::PathBuf;

use clap::Args;

use super::args::{InputArgs, ModelArgs};
use super::choices::parse_threads;
use super::format_args::WriteArgs;
use crate::curate::SelectParams;

#[derive(Debug, Args)]
#[command(
    after_help = "Selected are sentences that the model is least sure of, at the labels' thresholds, and that are unlike each other; and a share at
random, which alone shows what the sentences are like as a whole. Of near-duplicates one is taken. The note of each sentence says why it was
selected: `random` or `uncertain`, and how uncertain, 0 to 1. The suggestions are the model's. The id is the document's with the sentence's number
behind `#`; that of the record with --no-segment.

Examples:
  bayan select --count 200 news/ --exclude annotations/ > to-annotate.jsonl
  bayan select news/ --format label-studio --output tasks.json
  bayan select --input lines sentences.txt --random-share 1 --format doccano
  bayan select news/ --model my.safetensors --exclude annotations/ --format prodigy --output next.jsonl"
)]
pub struct SelectArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// How many sentences to select
    #[arg(short = 'n', long, default_value_t = SelectParams::default().count)]
    pub count: usize,
    /// Files of sentences that are annotated already, or directories with .jsonl files: neither they nor their near-duplicates
    /// are selected
    #[arg(short = 'x', long, value_name = "FILE|DIR", num_args = 1..)]
    pub exclude: Vec<PathBuf>,
    /// The share that is drawn at random, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = SelectParams::default().random_share)]
    pub random_share: f64,
    /// How many times --count sentences are shortlisted by uncertainty, to choose unlike ones from; 1: uncertainty alone
    #[arg(long, value_name = "TIMES", default_value_t = SelectParams::default().shortlist)]
    pub shortlist: usize,
    /// From which similarity on sentences are near-duplicates: what share of their words and word pairs is common to both
    #[arg(long, value_name = "SHARE", default_value_t = SelectParams::default().similarity)]
    pub similarity: f64,
    /// Seed of what is drawn at random
    #[arg(long, default_value_t = SelectParams::default().seed)]
    pub seed: u64,
    /// Write here instead of the standard output; the file appears when it is complete
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Number of threads, at most 32; 0 for one for each core
    #[arg(short, long, value_name = "N", default_value = "0", value_parser = parse_threads)]
    pub threads: usize,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub write: WriteArgs,
}
