//! The arguments of every verb.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};

use super::annotations_args::AnnotationsArgs;
use super::audit_args::AuditArgs;
use super::choices::{
    CompressionKind, CriterionKind, InputKind, Ngrams, NormKind, OutputKind, Smoothing, SolverArg, TermFrequencyKind,
    parse_ngrams, parse_smoothing, parse_threads, parse_threshold,
};
use super::compare::CompareArgs;
use super::evaluate_args::EvaluateArgs;
use super::models_args::ModelsAction;
use super::retrain_args::StartArgs;
use super::select_args::SelectArgs;
use crate::text::Language;

/// Labels the sentences of Arabic news: claim, denial, threat, casualty report, or none.
#[derive(Debug, Parser)]
#[command(name = "bayan", version, max_term_width = 100)]
#[command(after_help = "Examples:
  bayan label article.txt                      label the sentences of an article
  bayan label --input lines --format tsv f.txt label one sentence a line
  bayan explain article.txt                    show which words decided
  bayan train annotations/ --output my.safetensors
  bayan evaluate test.jsonl --model my.safetensors
  bayan compare my.safetensors newer.safetensors test.jsonl
  bayan models add versions/ newer.safetensors")]
pub struct Arguments {
    /// Print no progress and no notes; errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Label the sentences of articles, lines or records
    Label(LabelArgs),
    /// Cut articles into sentences, without labels
    Segment(SegmentArgs),
    /// Train a model on annotated sentences
    Train(Box<TrainArgs>),
    /// Measure a model on annotated sentences
    Evaluate(EvaluateArgs),
    /// Show which words and n-grams led to each label
    Explain(ExplainArgs),
    /// Keep annotations with their history: import, compare annotators, export
    Annotations(AnnotationsArgs),
    /// Compare two models on annotated sentences
    Compare(CompareArgs),
    /// Keep versions of models in a folder, and put one into use
    Models {
        /// What to do
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// Select the sentences that are most worth annotating next
    Select(SelectArgs),
    /// Look for mistakes in annotations
    Audit(AuditArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub struct ModelArgs {
    /// Model file, or a folder of `bayan models`, whose version in use is taken [default: the Arabic news model in the program]
    #[arg(short, long, value_name = "PATH")]
    pub model: Option<PathBuf>,
    /// Give a label from this probability on, instead of the model's own threshold
    #[arg(long = "threshold", value_name = "LABEL=P", value_delimiter = ',', value_parser = parse_threshold)]
    pub thresholds: Vec<(String, f64)>,
}

#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files, directories, or - for the standard input [default: -]. Of a directory, files with a known extension are
    /// read (.txt .text .jsonl .ndjson .csv .tsv .parquet, also with .gz or .zst behind it; every file with --input),
    /// hidden ones are not
    #[arg(value_name = "FILE|DIR|-")]
    pub paths: Vec<PathBuf>,
    /// What the input is [default: by extension; .jsonl, .ndjson, .csv, .tsv, .parquet, else text]. gzip and Zstandard
    /// are told by their extension or first bytes
    #[arg(short, long, value_enum)]
    pub input: Option<InputKind>,
    /// Field or column that holds the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub text_field: String,
    /// Field or column that names the record [default: id, or else file and line, or row of Parquet]
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
    /// Take the text of each JSONL, CSV, TSV or Parquet record as one sentence
    #[arg(long)]
    pub no_segment: bool,
    /// Replace bytes that are not UTF-8 instead of refusing the file
    #[arg(long)]
    pub lossy: bool,
}

#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Format of the output [default: by extension of --output, else jsonl]
    #[arg(short, long, value_enum)]
    pub format: Option<OutputKind>,
    /// Compression of the output [default: by extension of --output, .gz or .zst, else none]
    #[arg(long, value_enum, value_name = "KIND")]
    pub compression: Option<CompressionKind>,
    /// Write here instead of the standard output; the file appears when it is complete
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Write one output for each input into this directory, under the path that the input has in its own; each appears
    /// when it is complete. An output that exists already is an error
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub output_dir: Option<PathBuf>,
    /// Go on with a run into --output-dir that was stopped: what is complete stays, what is missing is done, and what
    /// belongs to a changed input is done again. Model and settings must be the same
    #[arg(long, requires = "output_dir")]
    pub resume: bool,
    /// Number of threads, at most 32; 0 for one for each core
    #[arg(short, long, value_name = "N", default_value = "0", value_parser = parse_threads)]
    pub threads: usize,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Each sentence gives one record: document, sentence (number from 0), start and end (byte offsets in the
document; in the text of a JSONL, CSV, TSV or Parquet record), text, labels, and the probability of each label. Records come in the order of
the input.

A Parquet output has the columns document, sentence, start, end, text, labels (list of strings), one of doubles for each label, and
the columns of a Parquet input but its text, repeated for each sentence; one whose name is taken gets input_ before it. A row
whose text is null gives one record with null text, labels and probabilities.

Examples:
  bayan label article.txt
  cat article.txt | bayan label
  bayan label news/ --format csv --output labels.csv
  bayan label --input lines --format tsv sentences.txt
  bayan label news.parquet --text-field body --output labels.parquet
  bayan label news.jsonl.gz --output labels.jsonl.zst
  bayan label corpus/ --output-dir labelled/ --format parquet
  bayan label corpus/ --output-dir labelled/ --format parquet --resume
  bayan label posts.jsonl --text-field body --id-field url
  bayan label article.txt --threshold threat=0.3"
)]
pub struct LabelArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bayan segment article.txt
  bayan segment --format tsv < article.txt
  bayan segment corpus/ --output-dir sentences/ --format parquet --resume")]
pub struct SegmentArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Annotations are JSONL: id, text, labels, and optionally topic, source, annotator, note. All sentences of a
topic (else of a source) stay in one fold of the cross-validation.

The same annotations and settings give the same file, byte for byte, at any number of threads.

Examples:
  bayan train annotations/ --output my.safetensors
  bayan train a.jsonl b.jsonl --labels claim,denial --output my.safetensors
  bayan train english.jsonl --stemmer english --output english.safetensors
  bayan train annotations/ --from my.safetensors --add new.jsonl --test test.jsonl --output newer.safetensors
  bayan train --from my.safetensors --only-new new.jsonl --test test.jsonl --output newer.safetensors"
)]
pub struct TrainArgs {
    /// Annotation files, or directories with .jsonl files
    #[arg(required_unless_present = "only_new", value_name = "FILE|DIR")]
    pub paths: Vec<PathBuf>,
    /// Where the model is written
    #[arg(short, long, value_name = "MODEL")]
    pub output: PathBuf,
    /// The labels, in the order of the output; any other label is an error [default: those in the data, sorted]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub labels: Option<Vec<String>>,
    /// Seed of the folds [default: 1; with --from, the model's]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Number of cross-validation folds [default: 5; with --from, the model's]
    #[arg(long)]
    pub folds: Option<usize>,
    /// Inverse regularisation strengths to choose from, for each label [default: 0.03,0.1,0.3,1,3; with --from, the ones that
    /// were chosen for the model]
    #[arg(short = 'C', long = "c", value_name = "C", value_delimiter = ',')]
    pub c_grid: Vec<f64>,
    /// By what the strength is chosen
    #[arg(long, value_enum, default_value = "log-loss")]
    pub criterion: CriterionKind,
    /// Weight of positive examples: none, balanced, or a number
    #[arg(long, default_value = "none")]
    pub class_weight: String,
    /// Smoothing of the log-count ratios that features are scaled by, or none
    #[arg(long, value_name = "SMOOTHING|none", default_value = "1", value_parser = parse_smoothing)]
    pub log_count_ratio: Smoothing,
    /// Solver; linfa is for small data, and may not return where a label is nearly separated
    #[arg(long, value_enum, default_value = "lbfgs")]
    pub solver: SolverArg,
    /// A fit has converged when its gradient has fallen to this part of the first one
    #[arg(long, default_value_t = crate::linear::LogisticParams::default().tolerance)]
    pub tolerance: f64,
    /// The most iterations of a fit
    #[arg(long, default_value_t = crate::linear::LogisticParams::default().max_iterations)]
    pub max_iterations: u64,
    /// Choose a label's threshold for text where this share of the sentences has it, instead of for the share in the data
    #[arg(long, value_name = "LABEL=P", value_delimiter = ',', value_parser = parse_threshold)]
    pub prevalence: Vec<(String, f64)>,
    /// Leave features out of the model whose weights are all smaller than this [default: 0; with --from, the model's if it was
    /// itself made with --from]
    #[arg(long, value_name = "WEIGHT")]
    pub prune: Option<f64>,
    /// Number of threads, at most 32; 0 for one for each core
    #[arg(short, long, value_name = "N", default_value = "0", value_parser = parse_threads)]
    pub threads: usize,
    #[command(flatten)]
    pub start: StartArgs,
    #[command(flatten)]
    pub features: FeatureArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Features")]
pub struct FeatureArgs {
    /// Language of the stemmer
    #[arg(long, default_value = "arabic", value_parser = PossibleValuesParser::new(Language::NAMES))]
    pub stemmer: String,
    /// Lengths of character n-grams within words, as MIN-MAX, or none
    #[arg(long, value_name = "MIN-MAX", default_value = "2-5", value_parser = parse_ngrams)]
    pub char_ngrams: Ngrams,
    /// No stems as features
    #[arg(long)]
    pub no_words: bool,
    /// No pairs of neighbouring stems as features
    #[arg(long)]
    pub no_bigrams: bool,
    /// Quotation marks, colons, question and exclamation marks are tokens too
    #[arg(long)]
    pub punctuation: bool,
    /// In how many sentences a feature must occur at least
    #[arg(long, default_value_t = 2)]
    pub min_df: u32,
    /// Do not weight features by inverse document frequency
    #[arg(long)]
    pub no_idf: bool,
    /// Weighting of counts
    #[arg(long, value_enum, default_value = "count")]
    pub term_frequency: TermFrequencyKind,
    /// By what a sentence's vector is divided
    #[arg(long, value_enum, default_value = "sqrt-length")]
    pub norm: NormKind,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bayan explain 'ونفى المتحدث صحة هذه الأنباء.'
  bayan explain article.txt --top 5
  bayan explain article.txt --label threat --json")]
pub struct ExplainArgs {
    /// A text, a file, or - for the standard input
    #[arg(value_name = "TEXT|FILE|-")]
    pub input: String,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Explain this label in every sentence [default: the labels that are given]
    #[arg(long)]
    pub label: Vec<String>,
    /// How many features are listed for each label
    #[arg(long, default_value_t = 8)]
    pub top: usize,
    /// Print one JSON object for each sentence
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        super::Arguments::command().debug_assert();
    }
}
