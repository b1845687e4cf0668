//! The annotation store as a library: what stands does not depend on how the files came.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;

use bayan::dataset::formats::{Example, ExampleFile, Format, ReadOptions, WriteOptions, read_examples, write_examples};
use bayan::store::{Decision, ImportOptions, Prefer, Store, Waiting};
use jiff::Timestamp;
use proptest::prelude::*;

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path(), &Waiting::default()).unwrap();
    (dir, store)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn file(name: &str, examples: &[Example]) -> ExampleFile {
    let bytes = write_examples(examples, &WriteOptions::new(Format::Jsonl)).unwrap();
    read_examples(&format!("{name}.jsonl"), &bytes, &ReadOptions::default()).unwrap()
}

fn said(sentence: usize, annotator: usize, labels: &[&str], time: Option<i64>) -> Example {
    Example {
        text: format!("sentence {sentence}"),
        labels: Some(labels.iter().map(|l| (*l).to_owned()).collect()),
        annotator: Some(format!("a{annotator}")),
        time: time.map(at),
        ..Example::default()
    }
}

#[test]
fn ids_and_texts_meet() {
    let (_dir, mut store) = store();
    let named = |id: &str, text: &str, who: usize| Example {
        id: Some(id.into()),
        text: text.into(),
        ..said(0, who, &["x"], None)
    };
    let options = ImportOptions::default();
    let anonymous = Example {
        text: "one".into(),
        ..said(0, 1, &["x"], None)
    };
    store.import(&[file("f", &[anonymous])], &options, at(1)).unwrap();
    assert!(store.histories().unwrap()[0].id.starts_with("text-"));
    store
        .import(&[file("f", &[named("n-1", "one", 2)])], &options, at(2))
        .unwrap();
    store
        .import(&[file("f", &[named("n-9", " one\n", 3)])], &options, at(3))
        .unwrap();
    let histories = store.histories().unwrap();
    assert_eq!(histories.len(), 1);
    assert_eq!(
        (histories[0].id.as_str(), histories[0].other_ids.as_slice()),
        ("n-1", &["n-9".to_owned()][..])
    );
    for key in ["n-1", "n-9", "one", "one "] {
        assert_eq!(store.find(&[key.to_owned()]).unwrap(), histories, "{key}");
    }
}

#[test]
fn topic_source_and_note_are_the_last_that_were_given() {
    let (_dir, mut store) = store();
    let with = |topic: &str, second| Example {
        topic: Some(topic.into()),
        source: Some("paper".into()),
        ..said(1, 1, &["x"], Some(second))
    };
    let bare = said(1, 2, &["x"], Some(9));
    store
        .import(
            &[file("f", &[with("new", 5), with("old", 4), bare])],
            &ImportOptions::default(),
            at(10),
        )
        .unwrap();
    let export = store.export(None).unwrap();
    let example = &export.examples[0];
    assert_eq!(
        (example.topic.as_deref(), example.source.as_deref()),
        (Some("new"), Some("paper"))
    );
    assert_eq!(
        (example.time, example.annotator.as_deref()),
        (Some(at(9)), Some("a1, a2"))
    );
}

#[test]
fn a_rule_resolves_what_it_can_and_the_decision_is_kept() {
    let (_dir, mut store) = store();
    let examples = [
        said(1, 1, &["x"], Some(1)),
        said(1, 2, &["x", "y"], Some(2)),
        said(1, 3, &["x"], Some(3)),
        said(2, 1, &["x"], Some(1)),
        said(2, 2, &[], Some(2)),
        said(3, 1, &["z"], Some(1)),
    ];
    store
        .import(&[file("f", &examples)], &ImportOptions::default(), at(9))
        .unwrap();
    let decision = Decision {
        by: "mona".into(),
        time: at(10),
        note: None,
    };
    let done = store.resolve_all(&[], Prefer::Majority, &decision).unwrap();
    assert_eq!((done.resolved, done.open), (1, 1));
    let status = store.status().unwrap();
    assert_eq!((status.resolved, status.conflicts, status.none), (1, 1, 0));
    let done = store
        .resolve_all(&["sentence 2".into()], Prefer::Latest, &decision)
        .unwrap();
    assert_eq!((done.resolved, done.open), (1, 0));
    let export = store.export(None).unwrap();
    let labels: Vec<_> = export.examples.into_iter().map(|e| e.labels.unwrap()).collect();
    assert_eq!(labels, [vec!["x"], vec![], vec!["z"]]);
    let history = &store.find(&["sentence 2".into()]).unwrap()[0];
    assert_eq!(history.events.len(), 3);
    assert_eq!(history.events[2].annotator, "mona");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn order_and_repetition_of_timed_files_do_not_matter(
        entries in prop::collection::vec((0usize..4, 0usize..3, prop::sample::subsequence(vec!["x", "y", "z"], 0..=3)), 1..25),
        cuts in prop::collection::vec(0usize..3, 25),
        order in Just([0usize, 1, 2, 0, 2, 1]).prop_shuffle(),
    ) {
        // Each entry has a time of its own; they come in three files, in any order, some twice.
        let mut files = [Vec::new(), Vec::new(), Vec::new()];
        for (i, (sentence, annotator, labels)) in entries.iter().enumerate() {
            files[cuts[i]].push(said(*sentence, *annotator, labels, Some(i as i64)));
        }
        let (_dir, mut shuffled) = store();
        for number in order {
            if !files[number].is_empty() {
                shuffled.import(&[file("f", &files[number])], &ImportOptions::default(), at(100)).unwrap();
            }
        }
        let (_dir, mut straight) = store();
        let all: Vec<Example> = files.concat();
        straight.import(&[file("f", &all)], &ImportOptions::default(), at(100)).unwrap();
        let standing = |store: &mut Store| -> BTreeSet<(String, Vec<String>, String)> {
            store.histories().unwrap().iter().flat_map(|h| {
                h.current().into_iter().map(|e| (h.id.clone(), e.labels.clone(), e.annotator.clone())).collect::<Vec<_>>()
            }).collect()
        };
        prop_assert_eq!(standing(&mut shuffled), standing(&mut straight));
        prop_assert_eq!(shuffled.status().unwrap().annotations, entries.len());
    }
}
