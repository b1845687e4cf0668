//! Values of arguments: enumerations and parsers.

use clap::ValueEnum;

use crate::classifier::MAX_THREADS;
use crate::dataset::formats::{Empty, Format};
use crate::features::{NgramRange, Norm, TermFrequency};
use crate::io::{Compression, InputFormat, RecordFormat};
use crate::linear::SolverKind;
use crate::store::Prefer;
use crate::train::Criterion;

/// Value enumerations of the command line, each with the library's value it stands for.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident => $target:ty { $($(#[$help:meta])* $variant:ident = $value:expr),* $(,)? })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($(#[$help])* $variant),* }

        impl From<$name> for $target {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => $value),* }
            }
        })*
    };
}

choices! {
    InputKind => InputFormat {
        /// Raw articles; a file is a document
        Text = InputFormat::Text,
        /// One sentence a line
        Lines = InputFormat::Lines,
        /// One JSON object a line
        Jsonl = InputFormat::Jsonl,
        /// Comma-separated, with a header
        Csv = InputFormat::Csv,
        /// Tab-separated, with a header
        Tsv = InputFormat::Tsv,
        /// Apache Parquet
        Parquet = InputFormat::Parquet,
    }
    OutputKind => RecordFormat {
        /// One JSON object a line
        Jsonl = RecordFormat::Jsonl,
        /// Comma-separated, with a header
        Csv = RecordFormat::Csv,
        /// Tab-separated, with a header
        Tsv = RecordFormat::Tsv,
        /// Apache Parquet; columns of Parquet input are carried along
        Parquet = RecordFormat::Parquet,
    }
    CompressionKind => Compression {
        /// Not compressed
        None = Compression::None,
        /// gzip
        Gz = Compression::Gzip,
        /// Zstandard
        Zst = Compression::Zstd,
    }
    FormatKind => Format {
        /// bayan's own, which train reads: one JSON object a line
        Jsonl = Format::Jsonl,
        /// doccano's JSONL
        Doccano = Format::Doccano,
        /// Label Studio's JSON: tasks with annotations and predictions
        LabelStudio = Format::LabelStudio,
        /// Prodigy's JSONL
        Prodigy = Format::Prodigy,
        /// fastText's lines: __label__a __label__b text
        #[value(name = "fasttext")]
        FastText = Format::FastText,
        /// Comma-separated, with a header
        Csv = Format::Csv,
        /// Tab-separated, with a header
        Tsv = Format::Tsv,
    }
    EmptyKind => Empty {
        /// None of the labels
        None = Empty::None,
        /// Nobody has annotated it
        Unlabelled = Empty::Unlabelled,
    }
    PreferKind => Prefer {
        /// The latest annotation; not if several of the same time differ
        Latest = Prefer::Latest,
        /// Each label that more than half of the annotators gave; not if half of them gave one
        Majority = Prefer::Majority,
    }
    CriterionKind => Criterion {
        /// Lowest calibrated log-loss
        LogLoss = Criterion::LogLoss,
        /// Highest average precision
        AveragePrecision = Criterion::AveragePrecision,
    }
    SolverArg => SolverKind {
        /// L-BFGS on sparse rows
        Lbfgs = SolverKind::Lbfgs,
        /// linfa-logistic on dense rows
        Linfa = SolverKind::Linfa,
    }
    TermFrequencyKind => TermFrequency {
        /// The count
        Count = TermFrequency::Count,
        /// 1 if it occurs
        Binary = TermFrequency::Binary,
        /// 1 + ln(count)
        Sublinear = TermFrequency::Sublinear,
    }
    NormKind => Norm {
        /// Nothing
        None = Norm::None,
        /// Euclidean length
        L2 = Norm::L2,
        /// Square root of the number of tokens
        SqrtLength = Norm::SqrtLength,
    }
}

/// A range of n-gram lengths, or none.
#[derive(Debug, Clone, Copy)]
pub struct Ngrams(pub Option<NgramRange>);

pub fn parse_ngrams(value: &str) -> Result<Ngrams, String> {
    if value == "none" {
        return Ok(Ngrams(None));
    }
    let range = value.split_once('-').and_then(|(min, max)| {
        Some(NgramRange {
            min: min.parse().ok()?,
            max: max.parse().ok()?,
        })
    });
    range
        .map(|range| Ngrams(Some(range)))
        .ok_or_else(|| "expected MIN-MAX, as 2-5, or none".into())
}

/// The smoothing of log-count ratios, or none.
#[derive(Debug, Clone, Copy)]
pub struct Smoothing(pub Option<f64>);

pub fn parse_threads(value: &str) -> Result<usize, String> {
    match value.parse() {
        Ok(threads @ 0..=MAX_THREADS) => Ok(threads),
        _ => Err(format!("expected 0 to {MAX_THREADS}")),
    }
}

pub fn parse_smoothing(value: &str) -> Result<Smoothing, String> {
    if value == "none" {
        return Ok(Smoothing(None));
    }
    value
        .parse()
        .map(|smoothing| Smoothing(Some(smoothing)))
        .map_err(|_| "expected a number or none".into())
}

pub fn parse_threshold(value: &str) -> Result<(String, f64), String> {
    let (label, p) = value.rsplit_once('=').ok_or("expected LABEL=P, as threat=0.3")?;
    let p: f64 = p.parse().map_err(|_| format!("{p:?} is no number"))?;
    if (0.0..=1.0).contains(&p) {
        Ok((label.to_owned(), p))
    } else {
        Err(format!("{p} is not between 0 and 1"))
    }
}
