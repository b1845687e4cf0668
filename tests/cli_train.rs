//! `bayan train`, `evaluate` and `explain` on the real binary.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn bayan(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bayan")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A few hundred annotations as a file.
fn small_file(dir: &Path, reversed: bool) -> String {
    let mut annotations = common::annotations();
    annotations.sort_by_key(|a| a.id.clone());
    annotations.truncate(300);
    if reversed {
        annotations.reverse();
        annotations.iter_mut().for_each(|a| a.labels.reverse());
    }
    let lines: Vec<String> = annotations.iter().map(|a| serde_json::to_string(a).unwrap()).collect();
    let path = dir.join(format!("small-{reversed}.jsonl"));
    fs::write(&path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn train_is_reproducible_whatever_the_order_and_threads() {
    let dir = tempfile::tempdir().unwrap();
    let model = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (straight, reversed) = (small_file(dir.path(), false), small_file(dir.path(), true));
    for (name, data, threads) in [("a", &straight, "1"), ("b", &straight, "4"), ("c", &reversed, "2")] {
        let output = bayan(&[
            "train",
            data,
            "--output",
            &model(name),
            "--threads",
            threads,
            "--folds",
            "3",
            "-C",
            "1,3",
        ]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let table = text(&output.stdout);
        for expected in [
            "precision",
            "casualty_report",
            "macro avg",
            "micro avg",
            "converged in",
            "gradient norm",
        ] {
            assert!(table.contains(expected), "{table}");
        }
    }
    let bytes = fs::read(model("a")).unwrap();
    assert!(bytes == fs::read(model("b")).unwrap() && bytes == fs::read(model("c")).unwrap());
    let other_seed = bayan(&[
        "train",
        &straight,
        "--output",
        &model("d"),
        "--folds",
        "3",
        "-C",
        "1,3",
        "--seed",
        "9",
    ]);
    assert!(other_seed.status.success());
    assert!(bytes != fs::read(model("d")).unwrap());

    let evaluated = bayan(&["evaluate", &straight, "--model", &model("a")]);
    assert!(
        text(&evaluated.stdout).contains("Missed labels"),
        "{}",
        text(&evaluated.stderr)
    );
    let json = bayan(&["evaluate", &straight, "--model", &model("a"), "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(
        value["macro_average"]["f1"].as_f64().unwrap() > 0.8,
        "it has seen these sentences"
    );
    assert!(value["labels"][0]["calibration_error"].is_number());
}

#[test]
fn another_language_and_other_labels() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("english.jsonl");
    let lines: Vec<String> = (0..120)
        .map(|i| {
            let (text, label) = match i % 3 {
                0 => (
                    format!("The minister denied report number {i} about the {} bank", i % 11),
                    "denial",
                ),
                1 => (
                    format!("The army killed {i} people near the {} bank", i % 11),
                    "killing",
                ),
                _ => (format!("The match number {i} was played at the {} bank", i % 11), ""),
            };
            let labels: Vec<&str> = Some(label).filter(|l| !l.is_empty()).into_iter().collect();
            serde_json::json!({"id": i.to_string(), "text": text, "labels": labels, "source": format!("s{}", i % 10)})
                .to_string()
        })
        .collect();
    fs::write(&data, lines.join("\n")).unwrap();
    let model = dir.path().join("english.safetensors");
    let trained = bayan(&[
        "train",
        data.to_str().unwrap(),
        "--stemmer",
        "english",
        "--output",
        model.to_str().unwrap(),
    ]);
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let explained = bayan(&[
        "explain",
        "The minister denied the report",
        "--model",
        model.to_str().unwrap(),
    ]);
    let shown = text(&explained.stdout);
    assert!(
        shown.starts_with("denial  [0..30]") && shown.contains("deni"),
        "{shown}"
    );
}

#[test]
fn faults_in_annotations_are_all_reported() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("bad.jsonl");
    fs::write(&data, "{\"id\":\"1\",\"text\":\"a\",\"labels\":[\"claim\"]}\nnope\n{\"id\":\"1\",\"text\":\"b\",\"labels\":[\"rumour\"]}\n").unwrap();
    let out = dir.path().join("m");
    let output = bayan(&[
        "train",
        data.to_str().unwrap(),
        "--labels",
        "claim,denial",
        "--output",
        out.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    for expected in [
        "bad.jsonl:2: ",
        "bad.jsonl:3: unknown label \"rumour\"",
        "bad.jsonl:3: id \"1\"",
    ] {
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
    assert!(!out.exists());
    let unknown = bayan(&["evaluate", data.to_str().unwrap()]);
    assert_eq!(unknown.status.code(), Some(2));
    for (args, reason) in [
        (&["-C", "0"][..], "C is 0"),
        (&["--folds", "1"], "1 folds"),
        (&["--folds", "500"], "groups"),
        (&["--char-ngrams", "5-2"], "n-grams of 5 to 2"),
        (&["--class-weight", "heavy"], "class weight"),
        (&["--no-words", "--no-bigrams", "--char-ngrams", "none"], "no features"),
    ] {
        let small = small_file(dir.path(), false);
        let mut all = vec!["train", small.as_str(), "--output", out.to_str().unwrap()];
        all.extend(args);
        let output = bayan(&all);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            text(&output.stderr).contains(reason),
            "{reason}: {}",
            text(&output.stderr)
        );
    }
    let nowhere = bayan(&["train", "no/such/dir", "--output", out.to_str().unwrap()]);
    assert!(text(&nowhere.stderr).contains("no/such/dir"));
}

#[test]
fn explanations_name_words_and_places() {
    let sentence = "وأضاف أن الأمر انتهى. ونفى المتحدث باسم الوزارة صحة هذه الأنباء.";
    let output = bayan(&["explain", sentence, "--json", "--label", "denial", "--top", "3"]);
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    let label = &lines[1]["explanations"][0];
    assert_eq!(
        (
            label["label"].as_str().unwrap(),
            label["evidence"].as_array().unwrap().len()
        ),
        ("denial", 3)
    );
    let span = &label["evidence"][0]["spans"][0];
    let word = &sentence[span["start"].as_u64().unwrap() as usize..span["end"].as_u64().unwrap() as usize];
    assert!(word.contains("نفى"), "{word}");
    assert!(
        !text(&bayan(&["explain", sentence]).stdout).contains('\u{1b}'),
        "no colours into a pipe"
    );
    let unknown = bayan(&["explain", sentence, "--label", "rumour"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert_eq!(bayan(&["explain", "!!!"]).status.code(), Some(2));
}
