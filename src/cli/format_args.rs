//! Arguments of reading and writing annotation tools' formats.

use clap::Args;

use super::choices::{EmptyKind, FormatKind};
use crate::dataset::formats::{FieldNames, ReadOptions, WriteOptions};

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
