//! `bayan select` and `bayan audit` on the real binary.

mod common;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bayan::curate::{Appraiser, Pool, SelectParams, Uncertainty};
use serde_json::{Value, json};

fn bayan(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bayan")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The command fails for this reason.
fn assert_refused(args: &[&str], reason: &str) {
    let output = bayan(args);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(said.contains(reason), "{reason}: {said}");
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    text(bytes).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn file(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sentences of the corpus's held-out topics, one a line.
fn pool_texts() -> Vec<String> {
    let files = bayan::dataset::find_files(&[common::root().join("training-data/test")]).unwrap();
    let annotations = bayan::dataset::read_annotations(&files, None).unwrap();
    annotations.into_iter().take(400).map(|a| a.text).collect()
}

#[test]
fn selection_is_the_same_at_any_number_of_threads_and_marks_the_random_ones() {
    let dir = tempfile::tempdir().unwrap();
    let texts = pool_texts();
    let input = file(dir.path(), "pool.txt", &texts.join("\n"));
    let select = |threads: &str, seed: &str| {
        let args = ["select", "--input", "lines", "-n", "40", "--random-share", "0.2"];
        let output = bayan(&[&args[..], &["--threads", threads, "--seed", seed, &input]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    };
    let one = select("1", "1");
    assert!(one.stdout == select("2", "1").stdout && one.stdout == select("5", "1").stdout);
    assert!(one.stdout != select("1", "2").stdout);
    let records = lines(&one.stdout);
    assert_eq!(records.len(), 40);
    let random = records
        .iter()
        .filter(|r| r["note"].as_str().unwrap().starts_with("random, "));
    assert_eq!(random.count(), 8);
    let distinct: HashSet<&str> = records.iter().map(|r| r["text"].as_str().unwrap()).collect();
    assert_eq!(distinct.len(), 40);
    for record in &records {
        let number: usize = record["id"]
            .as_str()
            .unwrap()
            .rsplit_once('#')
            .unwrap()
            .1
            .parse()
            .unwrap();
        assert_eq!(record["text"], texts[number].as_str());
        assert_eq!(record["suggestions"].as_array().unwrap().len(), 4);
        assert!(record.get("labels").is_none(), "nobody has annotated it");
    }
    assert!(text(&one.stderr).contains("selected 40 of 400 distinct sentences, 8 of them at random"));
}

#[test]
fn the_uncertain_come_first_where_only_uncertainty_counts() {
    let classifier = common::shipped();
    let measure = Uncertainty::new(classifier);
    let params = SelectParams {
        count: 10,
        random_share: 0.0,
        shortlist: 1,
        ..SelectParams::default()
    };
    let mut pool = Pool::new(classifier, params).unwrap();
    let (mut appraiser, mut labeller) = (Appraiser::new(classifier), classifier.labeller());
    let mut all = Vec::new();
    for text in pool_texts() {
        let logits = labeller.decision_function(&text).to_vec();
        all.push(measure.of(&logits));
        pool.offer(appraiser.candidate((), &text, &logits));
    }
    all.sort_by(|a, b| b.total_cmp(a));
    let selected: Vec<f64> = pool.select().iter().map(|s| s.uncertainty).collect();
    assert_eq!(selected, all[..10]);
}

#[test]
fn annotated_sentences_and_near_duplicates_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let annotated =
        "وقالت الشرطة إن المسلحين هددوا باستهداف محطات القطار في العاصمة خلال الأيام المقبلة إذا لم يفرج عن السجناء";
    let nearly = annotated.replace("الأيام", "الأسابيع");
    let other = "ونفت الوزارة علمها بوقوع إصابات في صفوف العاملين بالمصنع بعد اندلاع الحريق ليلا";
    let other_nearly = other.replace("ليلا", "فجرا");
    let pool = [annotated, &nearly, other, &format!("{other}!"), &other_nearly].join("\n");
    let input = file(dir.path(), "pool.txt", &pool);
    let known = json!({"id": "1", "text": annotated, "labels": ["claim", "threat"]}).to_string();
    let known = file(dir.path(), "known.jsonl", &known);
    let output = bayan(&["select", "--input", "lines", &input, "--exclude", &known]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let records = lines(&output.stdout);
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0]["text"].as_str().unwrap().starts_with("ونفت الوزارة"));
    assert!(text(&output.stderr).contains("1 were annotated already"));
    let loose = bayan(&[
        "select",
        "--input",
        "lines",
        &input,
        "--exclude",
        &known,
        "--similarity",
        "1",
    ]);
    assert_eq!(lines(&loose.stdout).len(), 3);
}

#[test]
fn selections_can_be_written_for_annotation_tools() {
    let dir = tempfile::tempdir().unwrap();
    let input = file(dir.path(), "pool.txt", &pool_texts()[..30].join("\n"));
    let out = dir.path().join("tasks.json");
    let select = |format: &str| {
        let args = [
            "select", "--input", "lines", "-n", "5", "--format", format, &input, "--output",
        ];
        let output = bayan(&[&args[..], &[out.to_str().unwrap()]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read(&out).unwrap()
    };
    let tasks: Vec<Value> = serde_json::from_slice(&select("label-studio")).unwrap();
    assert_eq!(tasks.len(), 5);
    assert!(
        tasks
            .iter()
            .all(|t| t["predictions"].is_array() && t["data"]["text"].is_string())
    );
    let tasks = lines(&select("prodigy"));
    assert!(tasks.len() == 5 && tasks[0]["options"].as_array().unwrap().len() == 4);
    for format in ["jsonl", "doccano", "fasttext", "csv", "tsv"] {
        let rows = text(&select(format)).lines().count();
        assert_eq!(rows, if matches!(format, "csv" | "tsv") { 6 } else { 5 }, "{format}");
    }
}

#[test]
fn a_record_that_is_one_sentence_keeps_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let record = |(i, text): (usize, &String)| json!({"id": format!("a{i}"), "text": text});
    let records: Vec<Value> = pool_texts()[..30].iter().enumerate().map(record).collect();
    let input = file(dir.path(), "pool.jsonl", &as_lines(&records));
    let id_and_text = |select: &[&str]| {
        let output = bayan(&[&["select", "-n", "5", &input], select].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let selected = lines(&output.stdout);
        assert_eq!(selected.len(), 5);
        let selected = selected.into_iter();
        selected.map(|r| json!({"id": r["id"], "text": r["text"]}))
    };
    assert!(id_and_text(&["--no-segment"]).all(|selected| records.contains(&selected)));
    assert!(id_and_text(&[]).all(|selected| selected["id"].as_str().unwrap().contains('#')));
}

#[test]
fn bad_selections_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let input = file(dir.path(), "pool.txt", "ونفى المتحدث صحة هذه الأنباء.\n");
    let broken = file(
        dir.path(),
        "known.jsonl",
        "{\"id\":\"1\",\"text\":\"a\",\"labels\":[]}\nnope\n",
    );
    let out = dir.path().join("out.jsonl");
    for (args, reason) in [
        (&["-n", "0"][..], "is 0"),
        (&["--random-share", "1.5"], "random share is 1.5"),
        (&["--similarity", "0"], "similarity of near-duplicates is 0"),
        (&["--shortlist", "0"], "shortlist"),
        (&["--exclude", &broken], "known.jsonl:2: "),
        (&["--exclude", "no/such.jsonl"], "no/such.jsonl"),
        (&["--threshold", "rumour=0.5"], "rumour"),
    ] {
        let all = [&["select", &input, "--output", out.to_str().unwrap()], args].concat();
        assert_refused(&all, reason);
        assert!(!out.exists());
    }
    let missing = bayan(&["select", &input, "no/such.txt"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(lines(&missing.stdout).len(), 1, "the readable file is done");
}

/// 240 sentences with the label `denial`, `killing` or none, told apart by their verbs.
fn made() -> Vec<Value> {
    const PLACES: [&str; 12] = [
        "bank", "harbour", "school", "market", "bridge", "stadium", "court", "airport", "hotel", "station", "museum",
        "farm",
    ];
    const PEOPLE: [&str; 10] = [
        "minister", "doctor", "driver", "teacher", "mayor", "farmer", "lawyer", "soldier", "actor", "pilot",
    ];
    (0..240)
        .map(|i| {
            let (place, person) = (PLACES[i % 12], PEOPLE[i / 3 % 10]);
            let (verb, labels) = match i % 3 {
                0 => ("denied all reports about", vec!["denial"]),
                1 => ("was shot dead at", vec!["killing"]),
                _ => ("opened an exhibition in", vec![]),
            };
            let text = format!(
                "The {person} from district {} {verb} the {place} {}",
                ["north", "south", "east"][i / 30 % 3],
                i / 12
            );
            let text = format!(
                "{text} {}{}",
                person,
                ["ia", "or", "um", "es"][i % 4].repeat(1 + i / 60)
            );
            json!({"id": format!("m{i}"), "text": text, "labels": labels, "topic": format!("t{}", i % 12)})
        })
        .collect()
}

fn as_lines(records: &[Value]) -> String {
    records.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

const QUICK: [&str; 5] = ["--stemmer", "english", "-C", "1", "--similarity=0.95"];

#[test]
fn an_audit_finds_planted_faults_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = made();
    records[30]["labels"] = json!([]); // a denial
    records[31]["labels"] = json!(["denial", "killing"]); // a killing
    let mut twin = records[60].clone();
    twin["id"] = json!("twin");
    twin["labels"] = json!([]);
    twin["text"] = json!(format!("{}!", twin["text"].as_str().unwrap()));
    records.push(twin);
    let leaked = json!({"id": "leak", "text": records[92]["text"], "labels": []});
    let data = file(dir.path(), "data.jsonl", &as_lines(&records));
    let test = file(dir.path(), "test.jsonl", &leaked.to_string());
    let out = dir.path().join("suspects.jsonl");
    let audit = |threads: &str, more: &[&str]| {
        let args = [
            "audit",
            &data,
            "--seed",
            "2",
            "--threads",
            threads,
            "--output",
            out.to_str().unwrap(),
        ];
        let output = bayan(&[&args[..], &QUICK, more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        (output.stdout, fs::read(&out).unwrap())
    };
    let one = audit("1", &["--test", &test]);
    assert!(one == audit("4", &["--test", &test]));
    let suspects = lines(&one.1);
    let rank = |id: &str| suspects.iter().position(|s| s["id"] == id);
    for id in ["m30", "m31", "m60", "twin", "m92"] {
        assert!(
            rank(id).is_some_and(|rank| rank < 6),
            "{id} is {:?} of {suspects:#?}",
            rank(id)
        );
    }
    let missing = &suspects[rank("m30").unwrap()];
    assert_eq!(missing["suggested"], json!(["denial"]));
    assert_eq!(missing["reasons"][0]["kind"], "label");
    let twin = suspects[rank("twin").unwrap()]["reasons"].as_array().unwrap();
    assert!(
        twin.iter()
            .any(|r| r["kind"] == "duplicate_with_other_labels" && r["id"] == "m60")
    );
    assert_eq!(suspects[rank("m92").unwrap()]["reasons"][0]["kind"], "in_test");
    let shown = text(&one.0);
    for expected in [
        "denial is not given, but has probability",
        "denial is given, but has probability",
        "m60 (the same words) is labelled otherwise: denial",
        "stands in the test set as leak (the same words): none",
    ] {
        assert!(shown.contains(expected), "{expected} not in {shown}");
    }
    let json = audit("2", &["--json", "--top", "3"]).0;
    let value: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        (value["sentences"].as_u64(), value["suspects"].as_array().unwrap().len()),
        (Some(241), 3)
    );
    assert!(value["labels"][0]["missing"].as_u64().unwrap() >= 1);
    assert!(!text(&json).contains("in_test"));
}

#[test]
fn bad_audits_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let good = file(dir.path(), "good.jsonl", &as_lines(&made()));
    let broken = file(
        dir.path(),
        "bad.jsonl",
        "{\"id\":\"1\",\"text\":\"a\",\"labels\":[\"denial\"]}\nnope\n",
    );
    let twice = file(
        dir.path(),
        "twice.jsonl",
        "{\"id\":\"1\",\"text\":\"a\",\"labels\":[]}\n{\"id\":\"1\",\"text\":\"b\",\"labels\":[]}\n",
    );
    let out = dir.path().join("out.jsonl");
    for (args, reason) in [
        (&["audit", &broken][..], "bad.jsonl:2: "),
        (&["audit", &twice], "twice.jsonl:2: id \"1\" was used at"),
        (&["audit", &good, "--test", &broken], "bad.jsonl:2: "),
        (&["audit", &good, "--labels", "denial"], "killing"),
        (
            &["audit", &good, "--similarity", "2"],
            "similarity of near-duplicates is 2",
        ),
        (&["audit", &good, "--folds", "1"], "1 folds"),
        (&["audit", &good, "--by-topic", "--folds", "50"], "12 groups"),
        (&["audit", "no/such.jsonl"], "no/such.jsonl"),
    ] {
        assert_refused(&[args, &["--output", out.to_str().unwrap()]].concat(), reason);
        assert!(!out.exists());
    }
}
