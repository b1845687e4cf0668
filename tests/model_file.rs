//! Model files: whole ones load, all others are refused with a reason.

mod common;

use bayan::features::{FeatureParams, NgramRange};
use bayan::model_file::{from_bytes, load, save, to_bytes};
use bayan::train::{Silent, TrainParams, train};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// A small but complete model.
fn small_model() -> Vec<u8> {
    let features = FeatureParams {
        char_ngrams: Some(NgramRange { min: 3, max: 3 }),
        bigrams: false,
        min_df: 12,
        ..FeatureParams::default()
    };
    let params = TrainParams {
        features,
        folds: 2,
        c_grid: vec![1.0],
        ..TrainParams::default()
    };
    to_bytes(&train(&common::small_set(), &params, &Silent).unwrap().classifier).unwrap()
}

/// The bytes with a checksum that fits them.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let content = bytes.len() - 32;
    let checksum = Sha256::digest(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum);
    bytes
}

#[test]
fn round_trip_and_every_damage() {
    let bytes = small_model();
    assert_eq!(to_bytes(&from_bytes("m", &bytes).unwrap()).unwrap(), bytes);
    for length in 0..bytes.len() {
        let error = from_bytes("m", &bytes[..length]).unwrap_err().to_string();
        assert!(error.starts_with("m: not a usable model: "), "{error}");
    }
    let mut damaged = bytes.clone();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x29, 0x80, 0xFF] {
            damaged[at] ^= flip;
            assert!(from_bytes("m", &damaged).is_err(), "byte {at} ^ {flip:#x}");
            damaged[at] = bytes[at];
        }
    }
    let longer = [bytes.as_slice(), b"x"].concat();
    assert!(from_bytes("m", &longer).is_err());
}

#[test]
fn the_shipped_model_is_sound() {
    // At each start it is read without these checks.
    let shipped = bayan::model_file::shipped_bytes();
    assert!(to_bytes(&from_bytes("m", shipped).unwrap()).unwrap() == shipped);
    assert!(to_bytes(&bayan::Classifier::shipped()).unwrap() == shipped);
}

#[test]
fn resealed_damage_never_panics() {
    // An attacker can compute checksums too: whatever loads must also label.
    let bytes = small_model();
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let stride = (bytes.len() / 4000).max(1);
    for at in (0..header.min(3000)).chain((header..bytes.len() - 32).step_by(stride)) {
        for flip in [0x01, 0x80] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            if let Ok(classifier) = from_bytes("m", &resealed(damaged)) {
                let mut labeller = classifier.labeller();
                let text = "نفى المتحدث باسم الحركة هذه الأنباء";
                let probabilities = labeller.label(text).1.to_vec();
                assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "byte {at}");
                classifier.prepare();
                assert_eq!(labeller.label(text).1, probabilities, "byte {at}");
                classifier.explain("قال إن القتلى ثلاثة");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(from_bytes("m", &bytes).is_err());
    }

    #[test]
    fn any_header_is_refused(json in "\\PC{0,200}") {
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json.as_bytes());
        prop_assert!(from_bytes("m", &bytes).is_err());
    }
}

#[test]
fn reasons_are_named() {
    let bytes = small_model();
    let reason = |bytes: &[u8]| from_bytes("m", bytes).unwrap_err().to_string();
    assert!(reason(b"").contains("no complete safetensors file"));
    assert!(reason(&u64::MAX.to_le_bytes()).contains("no complete safetensors file"));
    assert!(reason(&bytes[..bytes.len() - 1]).contains("no complete safetensors file"));
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = bytes
            .windows(from.len())
            .position(|w| w == from.as_bytes())
            .expect(from);
        let mut changed = bytes.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        changed
    };
    assert!(
        reason(&replaced("format_version\\\":1", "format_version\\\":7"))
            .contains("format version 7; this program reads version 1")
    );
    assert!(
        reason(&replaced("bayan sentence classifier", "other sentence classifier"))
            .contains("other sentence classifier")
    );
    assert!(reason(&replaced("\"bayan\":", "\"tayan\":")).contains("not of bayan"));
    assert!(reason(&replaced("denial", "Denial")).contains("checksum"));
    let other = safetensors::serialize(Vec::<(&str, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    assert!(reason(&other).contains("not of bayan"));
}

#[test]
fn saving_is_atomic_and_holds_no_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/model.safetensors");
    let classifier = from_bytes("m", &small_model()).unwrap();
    save(&classifier, &path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), to_bytes(&load(&path).unwrap()).unwrap());
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    assert!(load(dir.path()).is_err());
    let shipped = std::fs::read(common::root().join("models/arabic-news.safetensors")).unwrap();
    for row in common::corpus().rows().iter().step_by(50) {
        let words: Vec<&str> = row.text.split(' ').take(4).collect();
        let start = words.join(" ");
        assert!(
            start.len() < 20 || !shipped.windows(start.len()).any(|w| w == start.as_bytes()),
            "{start}"
        );
    }
}
