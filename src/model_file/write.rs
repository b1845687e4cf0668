//! From a classifier to the bytes of a model file.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};

use super::{CHECKSUM, CHECKSUM_BYTES, Description, FORMAT_VERSION, KIND, metadata};
use crate::classifier::{Classifier, ClassifierParts};
use crate::error::Error;

pub(super) fn to_bytes(classifier: &Classifier) -> Result<Vec<u8>, Error> {
    let parts = classifier.parts();
    let description = Description {
        kind: KIND.into(),
        format_version: FORMAT_VERSION,
        labels: parts.schema.names().to_vec(),
        features: parts.features.clone(),
        info: parts.info.clone(),
    };
    let tensors = tensors(parts)?;
    let failed = |e: safetensors::SafeTensorError| Error::InvalidSetting(format!("the model cannot be stored: {e}"));
    let views: Vec<(&str, TensorView<'_>)> = tensors
        .iter()
        .map(|(name, dtype, shape, data)| Ok((*name, TensorView::new(*dtype, shape.clone(), data).map_err(failed)?)))
        .collect::<Result<_, Error>>()?;
    let mut bytes = safetensors::serialize(views, Some(metadata(&description)?)).map_err(failed)?;
    let content = bytes.len() - CHECKSUM_BYTES;
    let checksum = Sha256::digest(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum);
    Ok(bytes)
}

/// A tensor's name, type, shape and bytes.
type Tensor<'p> = (&'static str, Dtype, Vec<usize>, Cow<'p, [u8]>);

fn tensors(parts: &ClassifierParts) -> Result<Vec<Tensor<'_>>, Error> {
    let keys = parts.vocabulary.coded();
    let lengths = keys
        .lengths
        .to_stored()
        .ok_or_else(|| Error::InvalidSetting("a feature is longer than 64 KiB and cannot be stored".into()))?;
    let (labels, columns) = (parts.schema.len(), parts.vocabulary.len());
    let calibration: Vec<f64> = parts.calibration.iter().flat_map(|p| [p.slope, p.offset]).collect();
    let mut tensors = vec![
        ("calibration", Dtype::F64, vec![labels, 2], f64_bytes(&calibration)),
        ("intercepts", Dtype::F64, vec![labels], f64_bytes(&parts.intercepts)),
        ("scales", Dtype::F64, vec![labels], f64_bytes(parts.weights.scales())),
        ("thresholds", Dtype::F64, vec![labels], f64_bytes(&parts.thresholds)),
        (
            "weights",
            Dtype::I16,
            vec![columns, labels],
            parts.weights.as_le_bytes().into(),
        ),
        ("keys.shared", Dtype::U8, vec![columns], keys.shared.as_ref().into()),
        ("keys.lengths", Dtype::U16, vec![columns], lengths),
        (
            "keys.suffixes",
            Dtype::U8,
            vec![keys.suffixes.len()],
            keys.suffixes.as_ref().into(),
        ),
        (
            CHECKSUM,
            Dtype::U8,
            vec![CHECKSUM_BYTES],
            vec![0; CHECKSUM_BYTES].into(),
        ),
    ];
    if let Some(idf) = &parts.idf {
        tensors.push((
            "idf",
            Dtype::F32,
            vec![columns],
            idf.iter().flat_map(|x| x.to_le_bytes()).collect(),
        ));
    }
    Ok(tensors)
}

fn f64_bytes(values: &[f64]) -> Cow<'static, [u8]> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
