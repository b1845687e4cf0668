//! The model format: one `safetensors` file that is verified before it is believed.
//!
//! Enters: a [`Classifier`], or bytes. Leaves: bytes, or a classifier. Must not know: training, the command line.
//!
//! The metadata entry `bayan` is JSON: kind, format version, label names, feature settings, provenance. The tensors
//! hold vocabulary (front-coded), weights, calibration and thresholds. The last 32 bytes of the file are the
//! tensor `sha256`: the SHA-256 of every byte before them. A file is checked in this order: size, structure
//! (by `safetensors`, which trusts no length), kind, version, checksum, and that all parts fit together.
//! It holds no training text.

mod read;
mod write;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::classifier::{Classifier, ModelInfo};
use crate::error::Error;
use crate::features::FeatureParams;
use crate::io::write_atomically;

/// Version of the format that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;
/// The largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 1 << 30;

const KIND: &str = "bayan sentence classifier";
const METADATA_KEY: &str = "bayan";
const CHECKSUM: &str = "sha256";
const CHECKSUM_BYTES: usize = 32;

/// The JSON in the metadata.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    kind: String,
    format_version: u32,
    labels: Vec<String>,
    features: FeatureParams,
    info: ModelInfo,
}

/// Kind and version only: readable from files of every version.
#[derive(Debug, Deserialize)]
struct Preamble {
    kind: String,
    format_version: u32,
}

/// The bytes of a model file.
///
/// # Errors
/// If the model is larger than the format allows.
pub fn to_bytes(classifier: &Classifier) -> Result<Vec<u8>, Error> {
    write::to_bytes(classifier)
}

/// A classifier from the bytes of a model file; `name` is what errors call it.
///
/// # Errors
/// [`Error::InvalidModel`] that says what is wrong.
pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Classifier, Error> {
    read::from_bytes(bytes, true, |bytes| bytes.to_vec().into()).map_err(|reason| Error::InvalidModel {
        name: name.into(),
        reason,
    })
}

/// Reads a model file.
///
/// # Errors
/// [`Error::Io`] if it cannot be read, [`Error::InvalidModel`] if it is not a sound model.
pub fn load(path: &Path) -> Result<Classifier, Error> {
    from_bytes(&path.display().to_string(), &read_bytes(path)?)
}

/// Reads a model file, and the [`digest`] of its bytes.
///
/// # Errors
/// As [`load`].
pub fn load_with_digest(path: &Path) -> Result<(Classifier, String), Error> {
    let bytes = read_bytes(path)?;
    Ok((from_bytes(&path.display().to_string(), &bytes)?, digest(&bytes)))
}

/// The bytes of a file, no more than a model may have.
///
/// # Errors
/// [`Error::Io`] if it cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io(path))?;
    Ok(bytes)
}

/// SHA-256 of a model file's bytes, in hexadecimal: what names a version.
pub fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// Writes a model file: to a temporary file beside it, then renamed. Missing directories are made.
///
/// # Errors
/// [`Error::Io`] if it cannot be written.
pub fn save(classifier: &Classifier, path: &Path) -> Result<(), Error> {
    let bytes = to_bytes(classifier)?;
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(Error::io(parent))?;
    }
    write_atomically(path, &bytes)
}

/// The bytes of the Arabic news model that comes with this library.
pub fn shipped_bytes() -> &'static [u8] {
    SHIPPED
}

static SHIPPED: &[u8] = include_bytes!("../../models/arabic-news.safetensors");

impl Classifier {
    /// The Arabic news model that comes with this library.
    pub fn shipped() -> Self {
        // Part of the program itself, so it was proven sound by the tests, and can be read where it lies.
        read::from_bytes(SHIPPED, false, Cow::Borrowed).expect("the shipped model is sound")
    }
}

fn metadata(description: &Description) -> Result<HashMap<String, String>, Error> {
    let json = serde_json::to_string(description)
        .map_err(|e| Error::InvalidSetting(format!("the model's description: {e}")))?;
    Ok(HashMap::from([(METADATA_KEY.to_owned(), json)]))
}
