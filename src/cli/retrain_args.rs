//! The arguments of `bayan train` that start from a model.

use std::path::PathBuf;

use clap::Args;

/// Settings that a model brings with it.
const OF_THE_MODEL: [&str; 15] = [
    "labels",
    "class_weight",
    "log_count_ratio",
    "solver",
    "tolerance",
    "max_iterations",
    "stemmer",
    "char_ngrams",
    "no_words",
    "no_bigrams",
    "punctuation",
    "min_df",
    "no_idf",
    "term_frequency",
    "norm",
];

#[derive(Debug, Args)]
#[command(next_help_heading = "From a model")]
pub struct StartArgs {
    /// Start from a model, a file or a folder of `bayan models`: its labels, its settings, its weights as the start of every
    /// fit. What is fitted is the same as without; it takes fewer steps
    #[arg(long, value_name = "MODEL", conflicts_with_all = OF_THE_MODEL)]
    pub from: Option<PathBuf>,
    /// New annotations, trained on together with the old ones. Of a sentence that stands in both, the new labels count. May
    /// be given several times
    #[arg(long, value_name = "FILE|DIR", requires = "from", conflicts_with = "only_new")]
    pub add: Vec<PathBuf>,
    /// Train on these new annotations alone, without the old ones, staying near the model's weights; calibration and
    /// thresholds stay the model's. May be given several times
    #[arg(long, value_name = "FILE|DIR", requires = "from", conflicts_with_all = ["paths", "prevalence", "prune"])]
    pub only_new: Vec<PathBuf>,
    /// Strength of the pull to the model's weights: log-loss + STRENGTH/2 * |change of the weights|² is minimised. 1/C presses as
    /// hard as training at C; more stays nearer [default: 100]
    #[arg(long, value_name = "STRENGTH", requires = "only_new", conflicts_with_all = ["paths", "add"])]
    pub pull: Option<f64>,
    /// Learn the labels that the annotations have and the model does not; a sentence without such a label counts as not having it
    #[arg(long, requires = "from")]
    pub new_labels: bool,
    /// Annotations on which the old and the new model are compared: what was forgotten, what was learned. May be given several times
    #[arg(long, value_name = "FILE|DIR", requires = "from")]
    pub test: Vec<PathBuf>,
}
