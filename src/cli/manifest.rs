//! What a directory of outputs holds: the settings of the run, and which outputs are complete.
//!
//! A file of JSON lines in the directory. Before an output is renamed into place its line `begun` is written, after
//! that its line `done`; so after a kill at any moment every output in the directory is known to be ours, and what is
//! `done` is complete. A line that was cut off by a kill is passed over.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Fault, Place};
use crate::io::OutputFile;

/// Name of the file.
pub const FILE: &str = ".bayan-run.jsonl";

/// Everything that outputs depend on, but their inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Version of the program.
    pub bayan: String,
    /// SHA-256 of the model, its thresholds included; none where only sentences are asked for.
    pub model: Option<String>,
    pub thresholds: Vec<f64>,
    /// Extension of the outputs.
    pub output: String,
    pub input: Option<String>,
    pub text_field: String,
    pub id_field: Option<String>,
    pub no_segment: bool,
    pub lossy: bool,
}

impl Settings {
    /// The names of the settings in which two runs differ.
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        [
            ("version of bayan", self.bayan != other.bayan),
            (
                "model",
                self.model != other.model && self.thresholds == other.thresholds,
            ),
            ("thresholds", self.thresholds != other.thresholds),
            ("format or compression", self.output != other.output),
            ("--input", self.input != other.input),
            ("--text-field", self.text_field != other.text_field),
            ("--id-field", self.id_field != other.id_field),
            ("--no-segment", self.no_segment != other.no_segment),
            ("--lossy", self.lossy != other.lossy),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

/// An input as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputState {
    /// Its path as it was given, which the records repeat.
    pub name: String,
    pub bytes: u64,
    /// When it was changed last, in seconds since 1970.
    pub modified: String,
}

impl InputState {
    /// The present state of a file.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let since = |time: SystemTime| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => format!("{}.{:09}", after.as_secs(), after.subsec_nanos()),
            Err(e) => format!("-{}.{:09}", e.duration().as_secs(), e.duration().subsec_nanos()),
        };
        Ok(Self {
            name: path.display().to_string(),
            bytes: metadata.len(),
            modified: since(metadata.modified()?),
        })
    }
}

/// What is known of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Ours if it is there at all, perhaps not complete.
    Begun,
    Done {
        input: InputState,
        bytes: u64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Run(Settings),
    Begun(String),
    Done {
        output: String,
        output_bytes: u64,
        input: InputState,
    },
}

impl Line {
    fn of(output: &str, entry: &Entry) -> Self {
        match entry {
            Entry::Begun => Self::Begun(output.to_owned()),
            Entry::Done { input, bytes } => Self::Done {
                output: output.to_owned(),
                output_bytes: *bytes,
                input: input.clone(),
            },
        }
    }

    fn append_to(&self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        serde_json::to_writer(&mut *bytes, self).map_err(|e| Error::io(FILE)(e.into()))?;
        bytes.push(b'\n');
        Ok(())
    }
}

/// The open manifest of a directory.
pub struct Manifest {
    path: PathBuf,
    /// Where its temporary files lie.
    partial: PathBuf,
    settings: Settings,
    entries: BTreeMap<String, Entry>,
    file: File,
}

impl Manifest {
    /// Opens the manifest of `directory`, or begins one, by way of the directory `partial`.
    ///
    /// # Errors
    /// If it holds outputs and `resume` is not asked for, or they were made with other settings, or it is not readable.
    pub fn open(directory: &Path, partial: &Path, settings: Settings, resume: bool) -> Result<Self, Error> {
        let path = directory.join(FILE);
        let (earlier, entries) = read(&path)?;
        if !entries.is_empty() {
            if !resume {
                return Err(refusal(
                    directory,
                    "holds outputs of an earlier run; --resume goes on with it".into(),
                ));
            }
            let differences = earlier.map_or_else(Vec::new, |earlier| settings.differences(&earlier));
            if !differences.is_empty() {
                let reason = format!(
                    "cannot resume: the run was begun with another {}; take another directory",
                    differences.join(", ")
                );
                return Err(refusal(directory, reason));
            }
        }
        write_whole(&path, partial, &settings, &entries)?;
        let file = OpenOptions::new().append(true).open(&path).map_err(Error::io(&path))?;
        Ok(Self {
            path,
            partial: partial.to_path_buf(),
            settings,
            entries,
            file,
        })
    }

    /// What is known of an output.
    pub fn entry(&self, output: &str) -> Option<&Entry> {
        self.entries.get(output)
    }

    /// Notes what has become of an output.
    pub fn note(&mut self, output: &str, entry: Entry) -> Result<(), Error> {
        let mut line = Vec::new();
        Line::of(output, &entry).append_to(&mut line)?;
        self.file.write_all(&line).map_err(Error::io(&self.path))?;
        self.entries.insert(output.to_owned(), entry);
        Ok(())
    }

    /// Writes the manifest anew: one line for each output, in order.
    pub fn finish(self) -> Result<(), Error> {
        write_whole(&self.path, &self.partial, &self.settings, &self.entries)
    }
}

fn refusal(directory: &Path, reason: String) -> Error {
    Error::InvalidInput(Fault {
        name: directory.display().to_string(),
        place: Place::Whole,
        reason,
    })
}

fn write_whole(
    path: &Path,
    partial: &Path,
    settings: &Settings,
    entries: &BTreeMap<String, Entry>,
) -> Result<(), Error> {
    let mut bytes = Vec::new();
    Line::Run(settings.clone()).append_to(&mut bytes)?;
    for (output, entry) in entries {
        Line::of(output, entry).append_to(&mut bytes)?;
    }
    let mut file = OutputFile::create_by_way_of(path, Some(partial))?;
    file.write_all(&bytes).map_err(Error::io(path))?;
    file.commit()
}

/// The settings and entries of a manifest; none where there is no file.
fn read(path: &Path) -> Result<(Option<Settings>, BTreeMap<String, Entry>), Error> {
    let (mut settings, mut entries) = (None, BTreeMap::new());
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok((settings, entries)),
        Err(e) => return Err(Error::io(path)(e)),
    };
    let end = memchr::memrchr(b'\n', &bytes).map_or(0, |last| last + 1);
    for (i, line) in bytes[..end].split_inclusive(|&b| b == b'\n').enumerate() {
        let line: Line = serde_json::from_slice(line).map_err(|e| {
            Error::InvalidInput(Fault {
                name: path.display().to_string(),
                place: Place::Line(i + 1),
                reason: format!("not a record of a run: {e}"),
            })
        })?;
        match line {
            Line::Run(run) => settings = Some(run),
            Line::Begun(output) => drop(entries.insert(output, Entry::Begun)),
            Line::Done {
                output,
                output_bytes: bytes,
                input,
            } => drop(entries.insert(output, Entry::Done { input, bytes })),
        }
    }
    Ok((settings, entries))
}
