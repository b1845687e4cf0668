//! From paths to sources: files as they are, directories walked in order of names.

use std::path::Path;

use walkdir::WalkDir;

use super::args::InputArgs;
use crate::error::{Error, Fault, Place};
use crate::io::{Encoding, InputOptions, Source};

/// Extensions that are read from a directory when no format is asked for.
const KNOWN: &[&str] = &["txt", "text", "jsonl", "ndjson", "csv", "tsv"];

/// The options of reading that the arguments ask for.
pub fn options(args: &InputArgs) -> InputOptions {
    InputOptions {
        format: args.input.map(Into::into),
        text_field: args.text_field.clone(),
        id_field: args.id_field.clone(),
        encoding: if args.lossy { Encoding::Lossy } else { Encoding::Strict },
    }
}

/// All sources, and the faults of paths that yield none.
/// A file that is about to be replaced by `output` is not read from a directory.
pub fn find(args: &InputArgs, output: Option<&Path>) -> (Vec<Source>, Vec<Error>) {
    let (mut sources, mut faults) = (Vec::new(), Vec::new());
    if args.paths.is_empty() {
        sources.push(Source::Stdin);
    }
    for path in &args.paths {
        if path.as_os_str() == "-" {
            sources.push(Source::Stdin);
        } else if path.is_dir() {
            walk(path, args.input.is_some(), &mut sources, &mut faults);
        } else {
            sources.push(Source::File(path.clone()));
        }
    }
    if let Some(output) = output.and_then(|path| path.canonicalize().ok()) {
        let named = |path: &Path| args.paths.iter().any(|p| p == path);
        sources.retain(|source| match source {
            Source::File(path) => named(path) || path.canonicalize().ok().as_ref() != Some(&output),
            Source::Stdin => true,
        });
    }
    (sources, faults)
}

fn walk(directory: &Path, any_extension: bool, sources: &mut Vec<Source>, faults: &mut Vec<Error>) {
    let before = sources.len();
    let hidden = |e: &walkdir::DirEntry| e.depth() > 0 && e.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(directory)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|e| !hidden(e))
    {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let extension = entry
                    .path()
                    .extension()
                    .and_then(|e| e.to_str())
                    .map(str::to_ascii_lowercase);
                if any_extension || extension.is_some_and(|e| KNOWN.contains(&e.as_str())) {
                    sources.push(Source::File(entry.into_path()));
                }
            }
            Ok(_) => {}
            Err(e) => {
                let path = e.path().unwrap_or(directory).to_path_buf();
                faults.push(Error::Io { path, source: e.into() });
            }
        }
    }
    if sources.len() == before {
        let reason = if any_extension {
            "the directory holds no file".into()
        } else {
            format!("the directory holds no file with text (.{})", KNOWN.join(", ."))
        };
        faults.push(Error::InvalidInput(Fault {
            name: directory.display().to_string(),
            place: Place::Whole,
            reason,
        }));
    }
}
