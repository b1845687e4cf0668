//! What the programs that measure on the project's corpus share.

use std::path::Path;

use bayan::dataset::{Annotation, find_files, read_annotations};
use bayan::{Error, LabelSchema};
use sha2::{Digest, Sha256};

/// The labels of the corpus.
pub fn schema() -> LabelSchema {
    LabelSchema::new(["claim", "denial", "threat", "casualty_report"]).expect("four distinct names")
}

/// A path within the project.
pub fn path(relative: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The annotations of `training-data/train` or `training-data/test`.
pub fn corpus(split: &str) -> Result<Vec<Annotation>, Error> {
    read_annotations(
        &find_files(&[path("training-data").join(split)])?,
        Some(schema().names()),
    )
}

/// A number in [0, 1) that depends on seed and name alone.
pub fn draw(seed: u64, name: &str) -> f64 {
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(name)
        .finalize();
    let bits = digest
        .iter()
        .take(6)
        .fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
    bits as f64 / (1u64 << 48) as f64
}

/// Those annotations whose topic is drawn: about `share` of all topics, each whole.
pub fn some_topics(annotations: Vec<Annotation>, share: f64) -> Vec<Annotation> {
    let kept = |a: &Annotation| draw(7, a.group()) < share;
    annotations.into_iter().filter(kept).collect()
}

/// The number that the n-th argument gives, or a default.
pub fn argument(n: usize, default: f64) -> f64 {
    let given = std::env::args().nth(n);
    given.map_or(default, |value| {
        value
            .parse()
            .unwrap_or_else(|_| panic!("argument {n} is {value:?}; expected a number"))
    })
}
