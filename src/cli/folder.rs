//! A directory in, a directory out: which output belongs to which input, and what is still to be done.
//!
//! Outputs are written in a directory of their own inside the target and renamed into place when they are complete. A
//! run holds a lock on the target, so what lies in that inner directory when a run begins is litter of a killed one.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::interrupt;
use super::manifest::{Entry, InputState, Manifest, Settings};
use super::output::{Destination, Layout, Sink};
use super::sources::Located;
use crate::error::{Error, Fault, Place};
use crate::io::{Columns, Compression, Encoded, InputFormat, OutputFile, Source};

const LOCK: &str = ".bayan-lock";
const PARTIAL: &str = ".bayan-partial";

/// The outputs of a run.
pub struct Folder<'a> {
    root: PathBuf,
    layout: Layout<'a>,
    manifest: Manifest,
    /// For each source that is read, its output.
    planned: Vec<Planned>,
    sink: Option<Sink>,
    partial: Partial,
    /// Held as long as the run lasts.
    _lock: File,
}

/// The directory of files that are not complete. It goes with the run, unless that is killed.
struct Partial(PathBuf);

impl Partial {
    fn new(root: &Path) -> Result<Self, Error> {
        let path = root.join(PARTIAL);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(Error::io(&path))?;
        }
        fs::create_dir(&path).map_err(Error::io(&path))?;
        Ok(Self(path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // If it stays, the next run removes it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Planned {
    /// How the manifest calls it.
    key: String,
    path: PathBuf,
    /// Unknown where the input cannot be looked at; reading it will tell why.
    input: Option<InputState>,
    /// An earlier run has written it, so it may be replaced.
    ours: bool,
}

/// What a run into a directory is to do.
pub struct Plan<'a> {
    pub folder: Folder<'a>,
    /// The sources that are to be read.
    pub sources: Vec<Located>,
    /// How many outputs are complete already.
    pub complete: usize,
    /// Outputs that stand in the way.
    pub faults: Vec<Error>,
}

fn fault(path: &Path, reason: impl Into<String>) -> Error {
    Error::InvalidInput(Fault {
        name: path.display().to_string(),
        place: Place::Whole,
        reason: reason.into(),
    })
}

/// Finds out what is to be done. Without `resume`, nothing may be there yet.
pub fn plan<'a>(
    root: &Path,
    sources: Vec<Located>,
    layout: Layout<'a>,
    settings: Settings,
    resume: bool,
) -> Result<Plan<'a>, Error> {
    let keyed = keyed(root, sources, &layout.extension())?;
    fs::create_dir_all(root).map_err(Error::io(root))?;
    let lock = lock(root)?;
    let partial = Partial::new(root)?;
    let manifest = Manifest::open(root, &partial.0, settings, resume)?;
    let mut plan = Plan {
        folder: Folder {
            root: root.to_path_buf(),
            layout,
            manifest,
            planned: Vec::new(),
            sink: None,
            partial,
            _lock: lock,
        },
        sources: Vec::new(),
        complete: 0,
        faults: Vec::new(),
    };
    for (key, (relative, source)) in keyed {
        plan.add(key, &relative, source);
    }
    if !resume && !plan.faults.is_empty() {
        return Err(plan.faults.swap_remove(0));
    }
    Ok(plan)
}

/// The sources by the names of their outputs.
fn keyed(root: &Path, sources: Vec<Located>, extension: &str) -> Result<BTreeMap<String, (PathBuf, Located)>, Error> {
    let mut keyed: BTreeMap<String, (PathBuf, Located)> = BTreeMap::new();
    for located in sources {
        if located.source == Source::Stdin {
            return Err(Error::InvalidSetting(
                "--output-dir: the standard input has no name for an output".into(),
            ));
        }
        let relative = output_name(&located.relative, extension);
        let key = relative.to_string_lossy().into_owned();
        if let Some((_, other)) = keyed.get(&key) {
            let names = format!("{} and {}", other.source.name(), located.source.name());
            return Err(fault(
                &root.join(relative),
                format!("would be the output of both {names}"),
            ));
        }
        keyed.insert(key, (relative, located));
    }
    Ok(keyed)
}

/// `a/b.txt.gz` becomes `a/b.jsonl`; of a file whose extension is not known the whole name is kept.
fn output_name(relative: &Path, extension: &str) -> PathBuf {
    let plain = Compression::of(relative).1;
    let stem = match InputFormat::known(&plain) {
        Some(_) => plain.with_extension(""),
        None => plain,
    };
    let mut name = stem.into_os_string();
    name.push(".");
    name.push(extension);
    name.into()
}

fn lock(root: &Path) -> Result<File, Error> {
    let path = root.join(LOCK);
    let file = File::create(&path).map_err(Error::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(fault(root, "another run writes into this directory")),
        Err(TryLockError::Error(e)) => Err(Error::io(path)(e)),
    }
}

impl Plan<'_> {
    /// Decides what becomes of one source.
    fn add(&mut self, key: String, relative: &Path, located: Located) {
        let path = self.folder.root.join(relative);
        let input = match &located.source {
            Source::File(path) => InputState::of(path).ok(),
            Source::Stdin => None,
        };
        let found = fs::symlink_metadata(&path).ok().map(|m| m.len());
        let ours = match (self.folder.manifest.entry(&key), found) {
            (_, None) => false,
            (None, Some(_)) => {
                let reason = "exists already, and is not an output of this run; it is left as it is";
                return self.faults.push(fault(&path, reason));
            }
            (Some(Entry::Begun), Some(_)) => true,
            (Some(Entry::Done { bytes, .. }), Some(now)) if *bytes != now => {
                let reason = "was changed after it was written; it is left as it is (remove it to have it made again)";
                return self.faults.push(fault(&path, reason));
            }
            (Some(Entry::Done { input: then, .. }), Some(_)) => {
                if input.as_ref() == Some(then) {
                    self.complete += 1;
                    return;
                }
                true
            }
        };
        self.folder.planned.push(Planned { key, path, input, ours });
        self.sources.push(located);
    }
}

impl Folder<'_> {
    /// Begins the output of a source.
    pub fn begin(&mut self, source: usize, columns: Option<&Columns>) -> Result<(), Error> {
        let path = &self.planned[source].path;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io(parent))?;
        }
        let file = OutputFile::create_by_way_of(path, Some(&self.partial.0))?;
        interrupt::under_way(file.temporary_path());
        let to = Destination::File(Box::new(file));
        self.sink = Some(Sink::begin(to, path, self.layout, columns)?);
        Ok(())
    }

    /// The output that is under way.
    pub fn sink(&self) -> Option<&Sink> {
        self.sink.as_ref()
    }

    /// Adds records to the output that is under way.
    pub fn write(&mut self, records: &Encoded) -> Result<(), Error> {
        self.sink.as_mut().map_or(Ok(()), |sink| sink.write(records))
    }

    /// What does not fit into an output is a fault of its source: that output is given up, the others are made.
    pub fn own_fault(&mut self, result: Result<(), Error>) -> Result<Option<Error>, Error> {
        match result {
            Ok(()) => Ok(None),
            Err(fault @ Error::InvalidInput(_)) => {
                self.sink = None;
                Ok(Some(fault))
            }
            Err(e) => Err(e),
        }
    }

    /// Completes the output of a source; if that `failed`, there is none.
    pub fn end(&mut self, source: usize, failed: bool) -> Result<(), Error> {
        let planned = &self.planned[source];
        let Some(sink) = self.sink.take().filter(|_| !failed) else {
            return Ok(());
        };
        if !planned.ours && planned.path.exists() {
            return Err(fault(&planned.path, "has appeared meanwhile; it is left as it is"));
        }
        self.manifest.note(&planned.key, Entry::Begun)?;
        sink.finish()?;
        let bytes = fs::metadata(&planned.path).map_err(Error::io(&planned.path))?.len();
        if let Some(input) = planned.input.clone() {
            self.manifest.note(&planned.key, Entry::Done { input, bytes })?;
        }
        Ok(())
    }

    /// Ends the run.
    pub fn finish(self) -> Result<(), Error> {
        self.manifest.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_outputs() {
        for (input, expected) in [
            ("a/b.txt", "a/b.jsonl"),
            ("b.jsonl.gz", "b.jsonl"),
            ("b.parquet", "b.jsonl"),
            ("v1.2", "v1.2.jsonl"),
            ("page.html.zst", "page.html.jsonl"),
        ] {
            assert_eq!(output_name(Path::new(input), "jsonl"), Path::new(expected));
        }
        assert_eq!(output_name(Path::new("a.tsv"), "tsv.zst"), Path::new("a.tsv.zst"));
    }
}
