//! The arguments of `bayan annotations`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::choices::PreferKind;
use super::format_args::{ReadArgs, WriteArgs};

#[derive(Debug, Args)]
#[command(
    after_help = "A project is a folder with one database. Files are imported into it from any tool, and what stands is exported for \
training. Where the latest words of two annotators on a sentence differ, there is a conflict; it is listed, and \
resolved only when you say how.

Examples:
  bayan annotations init project/
  bayan annotations import project/ ali.jsonl sara.jsonl --format doccano
  bayan annotations conflicts project/
  bayan annotations resolve project/ --prefer majority
  bayan annotations resolve project/ news-17 --labels claim,denial --by Mona
  bayan annotations export project/ --output train.jsonl
  bayan train train.jsonl --output my.safetensors"
)]
pub struct AnnotationsArgs {
    #[command(subcommand)]
    pub command: AnnotationsCommand,
}

#[derive(Debug, Subcommand)]
pub enum AnnotationsCommand {
    /// Make a project
    Init(ProjectArgs),
    /// Import files of annotations; what is there already is not added again
    Import(Box<ImportArgs>),
    /// Write the sentences with the labels that stand
    Export(ExportArgs),
    /// Show the project in numbers, and check its database
    Status(StatusArgs),
    /// List the sentences whose annotators disagree
    Conflicts(ListArgs),
    /// Decide conflicts; the decision is kept in the history
    Resolve(ResolveArgs),
    /// Show everything that was said about sentences
    History(HistoryArgs),
}

#[derive(Debug, Args)]
pub struct ProjectArgs {
    /// Folder of the project
    #[arg(value_name = "PROJECT")]
    pub project: PathBuf,
    /// How long to wait for another process that uses the project, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    pub wait: Duration,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Formats by extension: .jsonl bayan's own, .json Label Studio, .csv, .tsv, .txt fastText; any other by --format.

What a tool marks as no annotation (skipped in Label Studio, ignored or rejected in Prodigy) is counted and reported. A \
record that cannot be understood is an error with its place, and then nothing is imported.

Who annotated: what the record says (annotator; completed_by in Label Studio; _annotator_id in Prodigy), else \
--annotator, else the name of the file: doccano exports one file for each user, ali.jsonl.

Examples:
  bayan annotations import project/ ali.jsonl sara.jsonl --format doccano --empty unlabelled
  bayan annotations import project/ project-3-at-2026-05-01.json
  bayan annotations import project/ coded.csv --text-field sentence --label-columns claim,denial --annotator omar"
)]
pub struct ImportArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Files to import; all of them or none
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Who annotated what does not say so [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    pub annotator: Option<String>,
    /// Tell sentences by their text alone
    #[arg(long)]
    pub ignore_ids: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "While a conflict is open, nothing is exported, unless you say what is to happen with it.

Examples:
  bayan annotations export project/ --output train.jsonl
  bayan annotations export project/ --prefer latest --output train.jsonl
  bayan annotations export project/ --format label-studio --output tasks.json"
)]
pub struct ExportArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Write here instead of the standard output; the file appears when it is complete
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Decide open conflicts by this rule, in this output only
    #[arg(long, value_enum, value_name = "RULE")]
    pub prefer: Option<PreferKind>,
    /// Leave out sentences with an open conflict
    #[arg(long)]
    pub skip_conflicts: bool,
    #[command(flatten)]
    pub write: WriteArgs,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Print one JSON object for each sentence
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Sentences, by id or by their whole text [default: all]
    #[arg(value_name = "ID|TEXT")]
    pub sentences: Vec<String>,
    /// Print one JSON object for each sentence
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A resolution stands until somebody who labels the sentence later disagrees with it.

Examples:
  bayan annotations resolve project/ --prefer latest
  bayan annotations resolve project/ news-17 news-18 --prefer majority
  bayan annotations resolve project/ news-17 --labels claim,denial --by Mona --note 'guidelines, section 3'
  bayan annotations resolve project/ news-19 --no-label"
)]
pub struct ResolveArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Sentences, by id or by their whole text [default with --prefer: all with a conflict]
    #[arg(value_name = "ID|TEXT")]
    pub sentences: Vec<String>,
    #[command(flatten)]
    pub how: ResolveHow,
    /// Who decides [default: the user's name on this machine]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ResolveHow {
    /// Decide by this rule
    #[arg(long, value_enum, value_name = "RULE")]
    pub prefer: Option<PreferKind>,
    /// These are the labels of the one sentence that is named
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub labels: Option<Vec<String>>,
    /// The one sentence that is named has none of the labels
    #[arg(long)]
    pub no_label: bool,
}

fn parse_seconds(value: &str) -> Result<Duration, String> {
    let seconds: f64 = value.parse().map_err(|_| "expected seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())
}
