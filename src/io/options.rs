//! What is read, and how.

use std::path::{Path, PathBuf};

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// A raw article: one document, to be cut into sentences.
    Text,
    /// One sentence a line.
    Lines,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
    /// Tab-separated values with a header.
    Tsv,
    /// Apache Parquet; a row is a record.
    #[cfg(feature = "cli")]
    Parquet,
}

impl InputFormat {
    /// The format that the extension of a path tells: `.jsonl`, `.ndjson`, `.csv`, `.tsv`, `.parquet`, else text. An
    /// extension of compression (`.gz`, `.zst`) is passed over.
    pub fn of(path: &Path) -> Self {
        Self::known(path).unwrap_or(Self::Text)
    }

    /// The format that the extension of a path tells; none where it is not known.
    pub fn known(path: &Path) -> Option<Self> {
        #[cfg(feature = "cli")]
        let path = &super::Compression::of(path).1;
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" | "text" => Some(Self::Text),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            #[cfg(feature = "cli")]
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// What happens to bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// They are an error.
    Strict,
    /// Each ill-formed sequence is replaced by U+FFFD; offsets stay those of the input.
    Lossy,
}

/// Settings of reading.
#[derive(Debug, Clone)]
pub struct InputOptions {
    /// The format of every source, or by extension.
    pub format: Option<InputFormat>,
    /// Field or column that holds the text. Default: `text`.
    pub text_field: String,
    /// Field or column that names the record. Default: `id`, and where there is none, file and line.
    pub id_field: Option<String>,
    /// Default: strict.
    pub encoding: Encoding,
    /// Whether batches of Parquet rows carry the other columns along. Default: no.
    pub carry: bool,
}

impl Default for InputOptions {
    fn default() -> Self {
        Self {
            format: None,
            text_field: "text".into(),
            id_field: None,
            encoding: Encoding::Strict,
            carry: false,
        }
    }
}

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Source {
    /// How results and errors refer to it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "-".into(),
            Self::File(path) => path.display().to_string(),
        }
    }
}
