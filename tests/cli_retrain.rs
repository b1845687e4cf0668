//! `bayan train --from` and `bayan compare` on the real binary.

mod synthetic;

use std::fs;
use std::path::{Path, PathBuf};

use bayan::dataset::Annotation;
use synthetic::{annotations, done, refused, text, train, write};

/// A directory with annotations `old.jsonl`, `new.jsonl`, `test.jsonl` and a model of the first.
fn folder() -> (tempfile::TempDir, impl Fn(&str) -> String) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_path_buf();
    let path = move |name: &str| root.join(name).to_str().unwrap().to_owned();
    write(Path::new(&path("old.jsonl")), &annotations(0..240));
    write(Path::new(&path("new.jsonl")), &annotations(300..348));
    write(Path::new(&path("test.jsonl")), &annotations(400..520));
    train(Path::new(&path("old.jsonl")), Path::new(&path("old.model")));
    (dir, path)
}

fn with_label(path: &str, range: std::ops::Range<usize>, label: &str) -> PathBuf {
    let mut annotations: Vec<Annotation> = annotations(range);
    annotations
        .iter_mut()
        .filter(|a| a.labels.is_empty())
        .for_each(|a| a.labels.push(label.into()));
    write(Path::new(path), &annotations)
}

#[test]
fn added_annotations_are_trained_on_with_the_old_ones() {
    let (_dir, path) = folder();
    // Three old sentences come again, one with another label.
    let mut new = annotations(300..348);
    new.extend(annotations(8..11));
    new.iter_mut().find(|a| a.id == "s8").unwrap().labels = vec!["threat".into()];
    write(Path::new(&path("new.jsonl")), &new);
    let run = |output: &str, threads: &str| {
        let (old, from, new, out, test) = (
            path("old.jsonl"),
            path("old.model"),
            path("new.jsonl"),
            path(output),
            path("test.jsonl"),
        );
        synthetic::bayan(&[
            "train",
            &old,
            "--from",
            &from,
            "--add",
            &new,
            "--test",
            &test,
            "--output",
            &out,
            "--threads",
            threads,
        ])
    };
    let (one, four) = (run("one.model", "1"), run("four.model", "4"));
    assert!(one.status.success() && four.status.success(), "{}", text(&one.stderr));
    assert!(fs::read(path("one.model")).unwrap() == fs::read(path("four.model")).unwrap());
    assert_eq!(one.stdout, four.stdout);
    let (table, notes) = (text(&one.stdout), text(&one.stderr));
    assert!(table.starts_with("288 sentences of 12 groups"), "{table}");
    for expected in [
        "3-fold cross-validation",
        "claim: C = 1, converged in",
        "before and after",
        "lost  gained",
        "resamples of 12 groups",
    ] {
        assert!(table.contains(expected), "{expected}: {table}");
    }
    assert!(
        notes.contains(
            "240 old annotations, 51 new; 3 of the new sentences stand in the old ones too, 1 with other labels"
        ),
        "{notes}"
    );
    assert!(!notes.contains("not the annotations"), "{notes}");
    let info = done(&["models", "show", &path("one.model")]);
    for expected in [
        "288 sentences",
        "parent  ",
        "started from its weights",
        "cross-validation by group",
        "macro avg",
    ] {
        assert!(info.contains(expected), "{expected}: {info}");
    }
    // Other old data than the model's are told.
    let other = synthetic::bayan(&[
        "train",
        &path("test.jsonl"),
        "--from",
        &path("old.model"),
        "--add",
        &path("new.jsonl"),
        "--output",
        &path("x.model"),
    ]);
    assert!(
        text(&other.stderr).contains("test.jsonl: not the annotations that the model was trained on"),
        "{}",
        text(&other.stderr)
    );
}

#[test]
fn an_update_tells_what_was_forgotten() {
    let (_dir, path) = folder();
    let run = |pull: &str, output: &str| {
        let (from, new, out, test) = (path("old.model"), path("new.jsonl"), path(output), path("test.jsonl"));
        done(&[
            "train",
            "--from",
            &from,
            "--only-new",
            &new,
            "--pull",
            pull,
            "--test",
            &test,
            "--output",
            &out,
        ])
    };
    let table = run("1e12", "kept.model");
    assert!(
        table.contains("updated by 48 sentences of 12 groups, pull 1000000000000")
            && table.contains("120 sentences, 0 got other labels"),
        "{table}"
    );
    let table = run("0.01", "moved.model");
    assert!(
        table.contains("macro avg") && !table.contains(" 0 got other labels"),
        "{table}"
    );
    let again = run("0.01", "again.model");
    assert!(table == again && fs::read(path("moved.model")).unwrap() == fs::read(path("again.model")).unwrap());
    // It can be started from again.
    done(&[
        "train",
        &path("old.jsonl"),
        "--from",
        &path("moved.model"),
        "--add",
        &path("new.jsonl"),
        "--output",
        &path("next.model"),
    ]);
}

#[test]
fn new_labels_are_learned_only_when_asked_for() {
    let (_dir, path) = folder();
    with_label(&path("visits.jsonl"), 300..420, "visit");
    for how in ["--add", "--only-new"] {
        let mut args = vec![
            "train".to_owned(),
            "--from".into(),
            path("old.model"),
            how.into(),
            path("visits.jsonl"),
            "--output".into(),
            path("out.model"),
        ];
        if how == "--add" {
            args.push(path("old.jsonl"));
        }
        let error = refused(&args);
        assert!(
            error.contains("visits.jsonl:1: unknown label \"visit\"") && error.contains("--new-labels"),
            "{error}"
        );
        assert!(!Path::new(&path("out.model")).exists());
        args.extend(["--new-labels".to_owned(), "-C".into(), "1,3".into()]);
        let table = done(&args);
        assert!(table.contains("visit: C = ") && table.contains("visit  "), "{table}");
        let compared = done(&["compare", &path("old.model"), &path("out.model"), &path("visits.jsonl")]);
        assert!(
            compared.contains("not compared, only the new model has them: visit"),
            "{compared}"
        );
        fs::remove_file(path("out.model")).unwrap();
    }
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let (_dir, path) = folder();
    let (old, from, new, out) = (
        path("old.jsonl"),
        path("old.model"),
        path("new.jsonl"),
        path("out.model"),
    );
    let start = ["train", "--from", &from, "--output", &out];
    write(
        Path::new(&path("clash.jsonl")),
        &[Annotation {
            id: "s5".into(),
            ..annotations(900..901).remove(0)
        }],
    );
    fs::write(path("bad.jsonl"), "nope\n").unwrap();
    let (clash, bad) = (path("clash.jsonl"), path("bad.jsonl"));
    for (more, reason) in [
        (
            vec![old.as_str(), "--add", &new, "--stemmer", "english"],
            "cannot be used with",
        ),
        (
            vec![old.as_str(), "--add", &new, "--labels", "claim"],
            "cannot be used with",
        ),
        (vec![old.as_str(), "--only-new", &new], "cannot be used with"),
        (vec![], "required"),
        (vec!["--only-new", &new, "-C", "1"], "-C has no effect"),
        (vec!["--only-new", &new, "--folds", "4"], "--folds has no effect"),
        (vec!["--only-new", &new, "--pull", "0"], "pull is 0"),
        (vec![old.as_str(), "--pull", "1"], "cannot be used with"),
        (
            vec![old.as_str(), "--add", &clash],
            "clash.jsonl:1: id \"s5\" was used for another sentence",
        ),
        (vec![old.as_str(), "--add", &new, "--test", &bad], "bad.jsonl:1: "),
        (vec!["--only-new", &bad], "bad.jsonl:1: "),
    ] {
        let args: Vec<&str> = start.iter().copied().chain(more).collect();
        let error = refused(&args);
        assert!(error.contains(reason), "{args:?}: {error}");
        assert!(!Path::new(&out).exists(), "{args:?}");
    }
    assert!(refused(&["train", "--only-new", &new, "--output", &out]).contains("--from"));
    assert!(refused(&["train", &old, "--from", &new, "--output", &out]).contains("not a usable model"));
}

#[test]
fn a_comparison_agrees_with_evaluations() {
    let (_dir, path) = folder();
    let (old, new, test) = (path("old.model"), path("new.model"), path("test.jsonl"));
    train(Path::new(&path("new.jsonl")), Path::new(&new));
    let json = |args: &[&str]| -> serde_json::Value { serde_json::from_str(&done(args)).unwrap() };
    let compared = json(&["compare", &old, &new, &test, "--json"]);
    for (side, model) in [("old", &old), ("new", &new)] {
        let evaluated = json(&["evaluate", &test, "--model", model, "--json"]);
        for label in 0..3 {
            for metric in ["precision", "recall", "f1", "average_precision"] {
                assert_eq!(
                    compared["labels"][label][metric][side],
                    evaluated["labels"][label][metric]
                );
            }
        }
        assert_eq!(compared["macro_average"]["f1"][side], evaluated["macro_average"]["f1"]);
    }
    let f1 = &compared["macro_average"]["f1"];
    let number = |name: &str| f1[name].as_f64().unwrap();
    assert!(number("low") <= number("difference") && number("difference") <= number("high"));
    let changed = compared["changed_sentences"].as_array().unwrap();
    assert_eq!(compared["changed"], changed.len());
    assert!(
        !changed.is_empty()
            && changed
                .iter()
                .all(|c| c["old"] != c["new"] && c["old_probabilities"].as_array().unwrap().len() == 3)
    );
    assert_eq!(compared, json(&["compare", &old, &new, &test, "--json"]));
    assert_ne!(
        compared["labels"],
        json(&["compare", &old, &new, &test, "--json", "--bootstrap-seed", "2"])["labels"]
    );

    let table = done(&["compare", &old, &new, &test, "--examples", "1"]);
    assert!(
        table.contains("95 % interval") && table.contains(&format!("{} more;", changed.len() - 1)),
        "{table}"
    );
    let same = done(&["compare", &old, &old, &test]);
    assert!(
        same.contains("120 sentences, 0 got other labels") && same.contains("+0.0000  [+0.0000, +0.0000]"),
        "{same}"
    );
    assert!(refused(&["compare", &old, &new, &test, "--samples", "0"]).contains("0 resamples"));
    with_label(&path("visits.jsonl"), 0..40, "visit");
    assert!(
        refused(&["compare", &old, &new, &path("visits.jsonl")]).contains("visits.jsonl:1: unknown label \"visit\"")
    );
}
