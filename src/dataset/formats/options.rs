//! Which format, and how its fields are named.

use std::path::Path;
use std::str::FromStr;

use crate::error::Error;

/// A file format for annotated sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// bayan's own: one JSON object a line, see [`Example`](super::Example) for its fields.
    Jsonl,
    /// doccano's JSONL of a text classification project.
    Doccano,
    /// Label Studio's JSON: an array of tasks with annotations and predictions.
    LabelStudio,
    /// Prodigy's JSONL, as `db-out` writes it and `db-in` and the loaders read it.
    Prodigy,
    /// fastText's lines: `__label__a __label__b text`.
    FastText,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header; nothing is quoted.
    Tsv,
}

impl Format {
    /// All formats, with their names on the command line.
    pub const ALL: [(&'static str, Self); 7] = [
        ("jsonl", Self::Jsonl),
        ("doccano", Self::Doccano),
        ("label-studio", Self::LabelStudio),
        ("prodigy", Self::Prodigy),
        ("fasttext", Self::FastText),
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, format)| *format == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether it can tell a sentence that has none of the labels from one that nobody has annotated.
    pub fn tells_none(self) -> bool {
        matches!(self, Self::Jsonl | Self::LabelStudio | Self::Prodigy)
    }

    /// The format that a path's extension tells: `.json` is Label Studio, `.csv`, `.tsv`, `.txt` is fastText, and
    /// `.jsonl` or `.ndjson` bayan's own. `None` for any other.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "json" => Some(Self::LabelStudio),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "txt" => Some(Self::FastText),
            _ => None,
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Self::ALL.map(|(name, _)| name).join(", ");
        Self::ALL
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, format)| *format)
            .ok_or_else(|| Error::InvalidSetting(format!("format {name:?}; expected one of {known}")))
    }
}

/// Names of fields or columns; `None` for the format's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each is the name of the field of that name
pub struct FieldNames {
    pub id: Option<String>,
    pub text: Option<String>,
    pub labels: Option<String>,
    pub topic: Option<String>,
    pub source: Option<String>,
    pub annotator: Option<String>,
    pub time: Option<String>,
    pub note: Option<String>,
}

/// What an empty list of labels means, where a format cannot tell "none" from "not annotated".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// The outcome "none".
    #[default]
    None,
    /// Nobody has annotated it.
    Unlabelled,
}

/// How files are read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The format, or by each file's extension.
    pub format: Option<Format>,
    /// Names of fields or columns.
    pub fields: FieldNames,
    /// The labels that may occur; `None` allows any.
    pub labels: Option<Vec<String>>,
    /// What an empty list of labels means.
    pub empty: Empty,
    /// What separates labels within a column of CSV or TSV. Default: `|`.
    pub label_separator: String,
    /// Columns of CSV or TSV that are labels, each with 1 or 0; empty where one column holds all labels.
    pub label_columns: Vec<String>,
    /// What labels begin with in fastText's lines. Default: `__label__`.
    pub label_prefix: String,
    /// Label Studio: the `name` of the `Choices` tag, where a project has several.
    pub control: Option<String>,
    /// Prodigy: a rejected yes-or-no question says that the sentence has not that label, and a sentence with all
    /// questions rejected is "none"; else it is passed over.
    pub rejected_as_none: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            fields: FieldNames::default(),
            labels: None,
            empty: Empty::default(),
            label_separator: "|".into(),
            label_columns: Vec::new(),
            label_prefix: "__label__".into(),
            control: None,
            rejected_as_none: false,
        }
    }
}

/// How a file is written.
#[derive(Debug, Clone)]
pub struct WriteOptions {
    /// The format.
    pub format: Format,
    /// All labels, in their order: the options of Prodigy's tasks and the columns of a table with one column a label.
    /// Labels that occur and are not named here come after them, sorted.
    pub labels: Vec<String>,
    /// What separates labels within a column of CSV or TSV.
    pub label_separator: String,
    /// Write one column a label, with 1 or 0, instead of one column with all labels.
    pub one_column_a_label: bool,
    /// What labels begin with in fastText's lines.
    pub label_prefix: String,
    /// Label Studio: the `name` of the `Choices` tag and of the `Text` tag that it belongs to.
    pub control: String,
    /// See `control`.
    pub text_tag: String,
    /// Label Studio: which model the predictions are of.
    pub model_version: String,
}

impl WriteOptions {
    /// The defaults for a format: the names that the documentation of the tools uses.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            labels: Vec::new(),
            label_separator: "|".into(),
            one_column_a_label: false,
            label_prefix: "__label__".into(),
            control: "labels".into(),
            text_tag: "text".into(),
            model_version: "bayan".into(),
        }
    }
}
