//! What several tests share.
#![allow(dead_code)] // each test file uses a part

pub mod never_repeating;

use std::path::{Path, PathBuf};
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
