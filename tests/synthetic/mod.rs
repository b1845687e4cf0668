//! Small made-up annotations that several tests train on in a moment.
#![allow(dead_code)] // each test file uses a part

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bayan::dataset::Annotation;

const SUBJECTS: [&str; 7] = ["الوزير", "المتحدث", "القائد", "الشرطة", "الحركة", "الجيش", "النائب"];
const THINGS: [&str; 11] = [
    "الاتفاق",
    "الحدود",
    "المدينة",
    "الميناء",
    "التقرير",
    "الطريق",
    "السوق",
    "المصرف",
    "الجسر",
    "المطار",
    "النهر",
];
const CLAIMS: [&str; 3] = ["أعلن", "أكد", "أوضح"];
const DENIALS: [&str; 3] = ["نفى", "أنكر", "كذب"];
const THREATS: [&str; 3] = ["توعد", "هدد", "حذر"];
const OTHERS: [&str; 3] = ["زار", "وصل", "افتتح"];

/// Annotations `range`, of twelve topics: the verb decides, now and then wrongly. Every id and text occurs once.
pub fn annotations(range: std::ops::Range<usize>) -> Vec<Annotation> {
    range.map(annotation).collect()
}

fn annotation(i: usize) -> Annotation {
    let kind = i % 4;
    let verbs = [OTHERS, CLAIMS, DENIALS, THREATS][kind];
    let (verb, subject, thing) = (verbs[i / 4 % 3], SUBJECTS[i * 5 % 7], THINGS[i * 3 % 11]);
    // A word of its own keeps texts distinct; one sentence in 17 is labelled as if it were of the next kind.
    let text = format!("{verb} {subject} شأن {thing} عند {} كلمة{i}", THINGS[i * 7 % 11]);
    let labelled = if i % 17 == 3 { (kind + 1) % 4 } else { kind };
    Annotation {
        id: format!("s{i}"),
        text,
        labels: [None, Some("claim"), Some("denial"), Some("threat")][labelled]
            .map(str::to_owned)
            .into_iter()
            .collect(),
        topic: Some(format!("t{}", i / 4 % 12)),
        source: None,
        annotator: None,
        note: None,
    }
}

/// Writes annotations as JSONL.
pub fn write(path: &Path, annotations: &[Annotation]) -> PathBuf {
    let lines: Vec<String> = annotations
        .iter()
        .map(|a| serde_json::to_string(a).unwrap() + "\n")
        .collect();
    std::fs::write(path, lines.concat()).unwrap();
    path.to_path_buf()
}

/// Runs the program.
pub fn bayan<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bayan")).args(args).output().unwrap()
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Runs the program, which must succeed; its standard output.
pub fn done<S: AsRef<std::ffi::OsStr> + std::fmt::Debug>(args: &[S]) -> String {
    let output = bayan(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

/// Runs the program, which must fail with status 2; its standard error.
pub fn refused<S: AsRef<std::ffi::OsStr> + std::fmt::Debug>(args: &[S]) -> String {
    let output = bayan(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stdout));
    text(&output.stderr).to_owned()
}

/// Trains a small model on a file.
pub fn train(data: &Path, model: &Path) {
    let (data, model) = (data.to_str().unwrap(), model.to_str().unwrap());
    done(&[
        "train",
        data,
        "--output",
        model,
        "--folds",
        "3",
        "-C",
        "1",
        "--char-ngrams",
        "none",
    ]);
}
