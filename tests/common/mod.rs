//! What several tests share.
#![allow(dead_code)] // each test file uses a part

pub mod never_repeating;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use bayan::dataset::{Annotation, LabelledSet, find_files, read_annotations};
use bayan::{Classifier, LabelSchema};

pub const LABELS: [&str; 4] = ["claim", "denial", "threat", "casualty_report"];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The project's annotations.
pub fn annotations() -> Vec<Annotation> {
    let files = find_files(&[root().join("training-data/train")]).unwrap();
    read_annotations(&files, Some(&LABELS.map(str::to_owned))).unwrap()
}

pub fn corpus() -> LabelledSet {
    LabelledSet::new(annotations(), Some(LabelSchema::new(LABELS).unwrap())).unwrap()
}

/// The first sentences of a few topics: enough to train on in a moment.
pub fn small_set() -> LabelledSet {
    let mut annotations = annotations();
    annotations.sort_by_key(|a| a.id.clone());
    annotations.truncate(300);
    LabelledSet::new(annotations, Some(LabelSchema::new(LABELS).unwrap())).unwrap()
}

pub fn shipped() -> &'static Classifier {
    static SHIPPED: OnceLock<Classifier> = OnceLock::new();
    SHIPPED.get_or_init(Classifier::shipped)
}

/// Runs the program.
pub fn bayan(args: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = input.write_all(&bytes);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

pub fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
