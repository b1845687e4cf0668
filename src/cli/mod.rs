//! The command line: arguments, and one file for each verb.
//!
//! Enters: arguments. Leaves: records on the standard output or in a file, messages on the standard error, an exit
//! status (0 done, 2 something failed, 130 interrupted). Imported only by `main`.

mod annotations;
mod annotations_args;
mod annotations_show;
mod args;
mod audit;
mod audit_args;
mod choices;
mod compare;
mod evaluate;
mod evaluate_args;
mod explain;
mod feed;
mod folder;
mod format_args;
mod interrupt;
mod label;
mod learning_curve;
mod manifest;
mod models;
mod models_args;
mod models_show;
mod numbering;
mod output;
mod pipeline;
mod progress;
mod report;
mod retrain;
mod retrain_args;
mod select;
mod select_args;
mod sources;
mod target;
mod train;
mod worker;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::classifier::{Classifier, thread_count};
use crate::error::Error;
use crate::model_file;
use crate::registry::Registry;
use args::{Arguments, Command, ModelArgs};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything was done.
    Done,
    /// Some inputs failed; they were reported, the others were done.
    SomeFailed,
}

/// Runs the program on the process's arguments.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let quiet = arguments.quiet;
    let result = match arguments.command {
        Command::Label(args) => label::label(args, quiet),
        Command::Segment(args) => label::segment(args, quiet),
        Command::Evaluate(args) => evaluate::evaluate(&args, quiet),
        Command::Train(args) => train::train(&args, quiet),
        Command::Explain(args) => explain::explain(args),
        Command::Annotations(args) => annotations::annotations(args, quiet),
        Command::Compare(args) => compare::compare(&args),
        Command::Models { action } => models::models(action, quiet),
        Command::Select(args) => select::select(args, quiet),
        Command::Audit(args) => audit::audit(&args, quiet),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "bayan", &mut script);
            output::print(&String::from_utf8_lossy(&script)).map(|()| Outcome::Done)
        }
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(2),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(2)
        }
    }
}

/// One line on the standard error for each line of the error.
fn complain(error: &Error) {
    error
        .to_string()
        .lines()
        .for_each(|line| output::message(output::ERROR, line));
}

/// The model that the arguments name, with their thresholds.
fn load_model(args: &ModelArgs) -> Result<Classifier, Error> {
    let mut classifier = match &args.model {
        Some(path) => open_model(path)?.0,
        None => Classifier::shipped(),
    };
    for (label, threshold) in &args.thresholds {
        classifier.set_threshold(label, *threshold)?;
    }
    Ok(classifier)
}

/// The model in a file, or the one in use in a folder of versions, and the SHA-256 of its file.
fn open_model(path: &Path) -> Result<(Classifier, String), Error> {
    if !path.is_dir() {
        return model_file::load_with_digest(path);
    }
    let registry = Registry::open(path)?;
    let version = registry.current()?;
    Ok((registry.load(&version)?, version.manifest.version))
}
