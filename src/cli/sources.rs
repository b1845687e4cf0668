//! From paths to sources: files as they are, directories walked in order of names.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::args::InputArgs;
use crate::error::{Error, Fault, Place};
use crate::io::{Encoding, InputFormat, InputOptions, Source};

/// What errors say of extensions that are read from a directory when no format is asked for.
const KNOWN: &str = ".txt, .text, .jsonl, .ndjson, .csv, .tsv, .parquet, also with .gz or .zst";

/// A source, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    pub source: Source,
    /// Its path in the directory that was named; of a file that was named, its name.
    pub relative: PathBuf,
}

/// The options of reading that the arguments ask for. `carry`: whether the output has room for other columns.
pub fn options(args: &InputArgs, carry: bool) -> InputOptions {
    InputOptions {
        format: args.input.map(Into::into),
        text_field: args.text_field.clone(),
        id_field: args.id_field.clone(),
        encoding: if args.lossy { Encoding::Lossy } else { Encoding::Strict },
        carry,
    }
}

/// All sources, and the faults of paths that yield none.
/// What lies at `output`, a file that is about to be replaced or a directory of outputs, is not read from a directory.
pub fn find(args: &InputArgs, output: Option<&Path>) -> (Vec<Located>, Vec<Error>) {
    let (mut sources, mut faults) = (Vec::new(), Vec::new());
    if args.paths.is_empty() {
        sources.push(named(Path::new("-")));
    }
    let output = output.and_then(|path| path.canonicalize().ok());
    for path in &args.paths {
        if path.is_dir() {
            let walk = Walk {
                directory: path,
                any_extension: args.input.is_some(),
                output: output.as_deref(),
            };
            walk.collect(&mut sources, &mut faults);
        } else {
            sources.push(named(path));
        }
    }
    (sources, faults)
}

/// Refuses to write outputs among the inputs: the next run would read them.
pub fn check_output_directory(args: &InputArgs, output: &Path) -> Result<(), Error> {
    let Ok(output) = output.canonicalize() else {
        return Ok(());
    };
    let same = |path: &&PathBuf| path.canonicalize().is_ok_and(|path| path == output);
    match args.paths.iter().find(same) {
        Some(path) => Err(Error::InvalidSetting(format!(
            "--output-dir: {} is an input directory",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// A source that was named itself.
fn named(path: &Path) -> Located {
    let source = if path.as_os_str() == "-" {
        Source::Stdin
    } else {
        Source::File(path.to_path_buf())
    };
    Located {
        source,
        relative: path.file_name().unwrap_or(path.as_os_str()).into(),
    }
}

struct Walk<'a> {
    directory: &'a Path,
    any_extension: bool,
    output: Option<&'a Path>,
}

impl Walk<'_> {
    /// Whether an entry, and what is in it, is passed over.
    fn skips(&self, entry: &walkdir::DirEntry) -> bool {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_output = || self.output.is_some() && entry.path().canonicalize().ok().as_deref() == self.output;
        entry.depth() > 0 && (hidden || is_output())
    }

    fn collect(&self, sources: &mut Vec<Located>, faults: &mut Vec<Error>) {
        let before = sources.len();
        for entry in WalkDir::new(self.directory)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|e| !self.skips(e))
        {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    if self.any_extension || InputFormat::known(entry.path()).is_some() {
                        let relative = entry.path().strip_prefix(self.directory);
                        sources.push(Located {
                            relative: relative.unwrap_or(entry.path()).to_path_buf(),
                            source: Source::File(entry.into_path()),
                        });
                    }
                }
                Ok(_) => {}
                Err(e) => {
                    let path = e.path().unwrap_or(self.directory).to_path_buf();
                    faults.push(Error::Io { path, source: e.into() });
                }
            }
        }
        if sources.len() == before {
            faults.push(self.nothing());
        }
    }

    fn nothing(&self) -> Error {
        let reason = if self.any_extension {
            "the directory holds no file".into()
        } else {
            format!("the directory holds no file with text ({KNOWN})")
        };
        Error::InvalidInput(Fault {
            name: self.directory.display().to_string(),
            place: Place::Whole,
            reason,
        })
    }
}
