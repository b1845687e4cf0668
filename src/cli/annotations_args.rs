//! The arguments of `bayan annotations`, and of reading and writing annotation tools' formats.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::choices::{EmptyKind, FormatKind, PreferKind};
use crate::dataset::formats::{FieldNames, ReadOptions, WriteOptions};

#[derive(Debug, Args)]
#[command(
    after_help = "A project is a folder with one database. Files are imported into it from any tool, and what stands is exported for
training. Where the latest words of two annotators on a sentence differ, there is a conflict; it is listed, and
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
    Import(ImportArgs),
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

What a tool marks as no annotation (skipped in Label Studio, ignored or rejected in Prodigy) is counted and reported. A
record that cannot be understood is an error with its place, and then nothing is imported.

Who annotated: what the record says (annotator; completed_by in Label Studio; _annotator_id in Prodigy), else
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

/// How annotation tools' files are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadArgs {
    /// Format of the files [default: by extension]
    #[arg(short, long, value_enum)]
    pub format: Option<FormatKind>,
    /// The labels that may occur; any other is an error [default: any]
    #[arg(long = "known-labels", value_name = "NAMES", value_delimiter = ',')]
    pub labels: Option<Vec<String>>,
    /// What no label means in formats that cannot tell (doccano, fastText, CSV, TSV)
    #[arg(long, value_enum, default_value = "none")]
    pub empty: EmptyKind,
    /// Field or column of the text
    #[arg(long, value_name = "NAME")]
    pub text_field: Option<String>,
    /// Field or column of the id
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
    /// Field or column of the labels
    #[arg(long, value_name = "NAME")]
    pub labels_field: Option<String>,
    /// Field or column of the topic
    #[arg(long, value_name = "NAME")]
    pub topic_field: Option<String>,
    /// Field or column of the document that a sentence is from
    #[arg(long, value_name = "NAME")]
    pub source_field: Option<String>,
    /// Field or column of the annotator
    #[arg(long, value_name = "NAME")]
    pub annotator_field: Option<String>,
    /// Field or column of the time
    #[arg(long, value_name = "NAME")]
    pub time_field: Option<String>,
    /// Field or column of the note
    #[arg(long, value_name = "NAME")]
    pub note_field: Option<String>,
    /// What separates labels within a column of CSV or TSV
    #[arg(long, value_name = "TEXT", default_value = "|")]
    pub label_separator: String,
    /// Columns of CSV or TSV that are labels, each with 1 or 0
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub label_columns: Vec<String>,
    /// What labels begin with in fastText's lines
    #[arg(long, value_name = "TEXT", default_value = "__label__")]
    pub label_prefix: String,
    /// Name of the Choices tag in Label Studio, where there are several
    #[arg(long, value_name = "NAME")]
    pub control: Option<String>,
    /// In Prodigy, a sentence with all yes-or-no questions rejected has none of the labels, instead of being passed over
    #[arg(long)]
    pub rejected_as_none: bool,
}

impl ReadArgs {
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            format: self.format.map(Into::into),
            fields: FieldNames {
                id: self.id_field.clone(),
                text: self.text_field.clone(),
                labels: self.labels_field.clone(),
                topic: self.topic_field.clone(),
                source: self.source_field.clone(),
                annotator: self.annotator_field.clone(),
                time: self.time_field.clone(),
                note: self.note_field.clone(),
            },
            labels: self.labels.clone(),
            empty: self.empty.into(),
            label_separator: self.label_separator.clone(),
            label_columns: self.label_columns.clone(),
            label_prefix: self.label_prefix.clone(),
            control: self.control.clone(),
            rejected_as_none: self.rejected_as_none,
        }
    }
}

/// How annotation tools' files are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub struct WriteArgs {
    /// Format of the output
    #[arg(short, long, value_enum, default_value = "jsonl")]
    pub format: FormatKind,
    /// The labels in the order of columns and of Prodigy's options [default: sorted]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub label_order: Vec<String>,
    /// What separates labels within a column of CSV or TSV
    #[arg(long, value_name = "TEXT", default_value = "|")]
    pub label_separator: String,
    /// In CSV and TSV, one column a label with 1 or 0, instead of one with all labels
    #[arg(long)]
    pub one_column_a_label: bool,
    /// What labels begin with in fastText's lines
    #[arg(long, value_name = "TEXT", default_value = "__label__")]
    pub label_prefix: String,
    /// Names of the Choices tag and of the Text tag in Label Studio's labelling interface
    #[arg(
        long,
        value_name = "CHOICES,TEXT",
        value_delimiter = ',',
        num_args = 1,
        default_value = "labels,text"
    )]
    pub tags: Vec<String>,
}

impl WriteArgs {
    pub fn options(&self) -> WriteOptions {
        let mut options = WriteOptions::new(self.format.into());
        options.labels = self.label_order.clone();
        options.label_separator = self.label_separator.clone();
        options.one_column_a_label = self.one_column_a_label;
        options.label_prefix = self.label_prefix.clone();
        if let [control, text_tag] = self.tags.as_slice() {
            options.control = control.clone();
            options.text_tag = text_tag.clone();
        }
        options
    }
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
