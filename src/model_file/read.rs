//! From the bytes of a model file to a classifier. Every reason for refusal is a sentence.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};

use super::{CHECKSUM, CHECKSUM_BYTES, Description, FORMAT_VERSION, KIND, MAX_BYTES, METADATA_KEY, Preamble};
use crate::classifier::{Classifier, ClassifierParts};
use crate::features::{FrontCoded, Lengths, Vocabulary};
use crate::label::LabelSchema;
use crate::linear::{Platt, QuantizedWeights};

/// How the classifier keeps bytes of the file: as they lie there, or copied.
type Keep<'b> = fn(&'b [u8]) -> Cow<'static, [u8]>;

/// `verify`: whether checksum and keys are checked.
pub(super) fn from_bytes<'b>(bytes: &'b [u8], verify: bool, keep: Keep<'b>) -> Result<Classifier, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("the file is larger than {MAX_BYTES} bytes"));
    }
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| format!("no complete safetensors file ({e})"))?;
    let json = header
        .metadata()
        .as_ref()
        .and_then(|m| m.get(METADATA_KEY))
        .ok_or("a safetensors file, but not of bayan")?;
    let preamble: Preamble = serde_json::from_str(json).map_err(|e| format!("unreadable description: {e}"))?;
    if preamble.kind != KIND {
        return Err(format!("a {:?}, not a {KIND:?}", preamble.kind));
    }
    if preamble.format_version != FORMAT_VERSION {
        return Err(format!(
            "format version {}; this program reads version {FORMAT_VERSION}",
            preamble.format_version
        ));
    }
    if verify {
        verify_checksum(bytes)?;
    }
    let description: Description = serde_json::from_str(json).map_err(|e| format!("unreadable description: {e}"))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| e.to_string())?;
    let parts = parts(description, &Tensors(tensors), keep)?;
    if verify {
        parts.vocabulary.coded().check()?;
    }
    Classifier::from_parts(parts).map_err(|e| format!("its parts do not fit together: {e}"))
}

fn verify_checksum(bytes: &[u8]) -> Result<(), String> {
    let content = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or("the file is too short")?;
    if Sha256::digest(&bytes[..content])[..] != bytes[content..] {
        return Err("the checksum does not match: the file is damaged".into());
    }
    Ok(())
}

fn parts<'b>(description: Description, tensors: &Tensors<'b>, keep: Keep<'b>) -> Result<ClassifierParts, String> {
    let schema = LabelSchema::new(description.labels).map_err(|e| e.to_string())?;
    let labels = schema.len();
    let [shared, lengths, suffixes] = [("shared", Dtype::U8), ("lengths", Dtype::U16), ("suffixes", Dtype::U8)]
        .map(|(name, dtype)| tensors.bytes(&format!("keys.{name}"), dtype, None).map(keep));
    let vocabulary = Vocabulary::from_coded(FrontCoded {
        shared: shared?,
        lengths: Lengths::Stored(lengths?),
        suffixes: suffixes?,
    });
    let columns = vocabulary.len();
    let codes = keep(tensors.bytes("weights", Dtype::I16, Some(&[columns, labels]))?);
    let scales = tensors.values("scales", Dtype::F64, Some(&[labels]), f64::from_le_bytes)?;
    let calibration = tensors.values("calibration", Dtype::F64, Some(&[labels, 2]), f64::from_le_bytes)?;
    let idf = match tensors.0.tensor("idf") {
        Ok(_) => Some(tensors.values("idf", Dtype::F32, Some(&[columns]), f32::from_le_bytes)?),
        Err(_) => None,
    };
    tensors.bytes(CHECKSUM, Dtype::U8, Some(&[CHECKSUM_BYTES]))?;
    Ok(ClassifierParts {
        features: description.features,
        vocabulary,
        weights: QuantizedWeights::from_le_bytes(codes, scales).map_err(|e| e.to_string())?,
        idf,
        intercepts: tensors.values("intercepts", Dtype::F64, Some(&[labels]), f64::from_le_bytes)?,
        calibration: calibration
            .chunks_exact(2)
            .map(|p| Platt {
                slope: p[0],
                offset: p[1],
            })
            .collect(),
        thresholds: tensors.values("thresholds", Dtype::F64, Some(&[labels]), f64::from_le_bytes)?,
        info: description.info,
        schema,
    })
}

/// Tensors by name, with their type and shape checked.
struct Tensors<'b>(SafeTensors<'b>);

impl<'b> Tensors<'b> {
    fn bytes(&self, name: &str, dtype: Dtype, shape: Option<&[usize]>) -> Result<&'b [u8], String> {
        let tensor = self.0.tensor(name).map_err(|_| format!("tensor {name:?} is missing"))?;
        if tensor.dtype() != dtype || shape.is_some_and(|shape| shape != tensor.shape()) {
            return Err(format!(
                "tensor {name:?} is {:?} {:?}, expected {dtype:?} {shape:?}",
                tensor.dtype(),
                tensor.shape()
            ));
        }
        Ok(tensor.data())
    }

    fn values<T, const N: usize>(
        &self,
        name: &str,
        dtype: Dtype,
        shape: Option<&[usize]>,
        read: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, String> {
        let (values, rest) = self.bytes(name, dtype, shape)?.as_chunks::<N>();
        if !rest.is_empty() {
            return Err(format!("tensor {name:?} is cut off"));
        }
        Ok(values.iter().map(|&bytes| read(bytes)).collect())
    }
}
