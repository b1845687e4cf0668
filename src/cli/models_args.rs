//! The arguments of `bayan models`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::evaluation::BootstrapParams;

#[derive(Debug, Subcommand)]
#[command(
    after_help = "A folder holds every version for ever, named by the SHA-256 of its file, each with a manifest (JSON). One of
them is in use: `--model FOLDER` of any verb takes it. Nothing in the folder is ever overwritten but the note of which one that is.
A version is named by the first characters of its digest, at least 4.

Examples:
  bayan models add versions/ my.safetensors --note 'first model'
  bayan models promote versions/ 3fa91c
  bayan models promote versions/ 77b0e2 --test test.jsonl
  bayan label article.txt --model versions/
  bayan models rollback versions/"
)]
pub enum ModelsAction {
    /// List the versions, and which one is in use
    List {
        /// Folder of versions
        folder: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a model file as a version; makes the folder where there is none
    Add {
        /// Folder of versions
        folder: PathBuf,
        /// Model file
        model: PathBuf,
        /// What to remember about it
        #[arg(long)]
        note: Option<String>,
    },
    /// Show what a model tells of itself: data, settings, fits, cross-validation
    Show {
        /// Model file, or folder of versions
        model: PathBuf,
        /// Version in the folder [default: the one in use]
        version: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a version into use, if it is not worse than the one in use
    #[command(
        after_help = "A version is not worse if, on the test data, by the paired bootstrap (see `bayan compare --help`)

  1. the lower end of the interval of the difference in macro-F1 (new minus old) is not below -MARGIN, so that a loss of more than MARGIN is
     ruled out; and
  2. of no label the whole interval of the difference in F1 lies below 0, so that no label has certainly lost; and
  3. it has all labels of the version in use.

If it is worse or may be, nothing changes, the reasons are told, and the exit status is 2. More test data make intervals narrower.
The first version needs no test."
    )]
    Promote(PromoteArgs),
    /// Put the version into use that was in use before
    Rollback {
        /// Folder of versions
        folder: PathBuf,
    },
    /// Show everything that was promoted and rolled back
    Log {
        /// Folder of versions
        folder: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Read every version again and prove that it is unchanged
    Check {
        /// Folder of versions
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// Folder of versions
    pub folder: PathBuf,
    /// Version
    pub version: String,
    /// Annotations to compare the version and the one in use on. May be given several times
    #[arg(long, value_name = "FILE|DIR")]
    pub test: Vec<PathBuf>,
    /// The largest loss of macro-F1 that is not held against the version; 0 to 1
    #[arg(long, default_value_t = 0.01)]
    pub margin: f64,
    /// Put it into use whatever the test says
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub bootstrap: BootstrapArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Bootstrap")]
pub struct BootstrapArgs {
    /// Number of resamples
    #[arg(long, value_name = "N", default_value_t = BootstrapParams::default().samples)]
    pub samples: usize,
    /// Seed of the resamples
    #[arg(long = "bootstrap-seed", value_name = "SEED", default_value_t = BootstrapParams::default().seed)]
    pub seed: u64,
    /// Share of the resamples that an interval holds
    #[arg(long, value_name = "P", default_value_t = BootstrapParams::default().confidence)]
    pub confidence: f64,
}

impl From<&BootstrapArgs> for BootstrapParams {
    fn from(args: &BootstrapArgs) -> Self {
        Self {
            samples: args.samples,
            seed: args.seed,
            confidence: args.confidence,
        }
    }
}
