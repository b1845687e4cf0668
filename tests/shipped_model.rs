//! The shipped model is the one that the data gives, byte for byte, by the command in its card.

mod common;

use std::fs;
use std::process::Command;

#[test]
fn the_documented_command_makes_the_shipped_model() {
    let card = fs::read_to_string(common::root().join("models/README.md")).unwrap();
    let command = card
        .lines()
        .find(|l| l.starts_with("bayan train "))
        .expect("the card names the command");
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("model.safetensors");
    let arguments: Vec<String> = command
        .split_whitespace()
        .skip(1)
        .map(|a| a.replace("models/arabic-news.safetensors", output.to_str().unwrap()))
        .collect();
    let run = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(&arguments)
        .current_dir(common::root())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(
        fs::read(&output).unwrap() == fs::read(common::root().join("models/arabic-news.safetensors")).unwrap(),
        "the shipped model is another one; run: {command}"
    );
}

#[test]
fn the_shipped_model_is_sound_and_small() {
    let path = common::root().join("models/arabic-news.safetensors");
    let classifier = bayan::model_file::load(&path).unwrap();
    assert_eq!(classifier.schema().names(), common::LABELS);
    assert!(classifier.info().fits.iter().all(|fit| fit.convergence.converged));
    assert!(fs::metadata(&path).unwrap().len() <= 2_000_000);
}
