//! The corpus keeps its promises: sound, split by topic, labelled twice, without near-duplicates.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use bayan::dataset::{find_files, read_annotations};
use bayan::text::{Normalization, Normalizer, TokenKind, tokenize};
use serde_json::Value;

/// Sentences that share this part of the shorter one's word 5-grams are near-duplicates.
const NEAR_DUPLICATE: f64 = 0.3;

fn records(split: &str) -> Vec<Value> {
    let files = find_files(&[common::root().join("training-data").join(split)]).unwrap();
    let read = |file| {
        fs::read_to_string(file)
            .unwrap()
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect::<Vec<Value>>()
    };
    files.into_iter().flat_map(read).collect()
}

fn labels(record: &Value, field: &str) -> BTreeSet<String> {
    record[field]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn both_splits_are_sound_together() {
    let root = common::root().join("training-data");
    let files = find_files(&[root.join("train"), root.join("test")]).unwrap();
    let annotations = read_annotations(&files, Some(&common::LABELS.map(str::to_owned))).unwrap();
    assert!(annotations.len() >= 12_000, "{}", annotations.len());
    for annotation in &annotations {
        assert!(!annotation.text.contains(['\n', '\t']), "{}", annotation.id);
    }
}

#[test]
fn no_topic_is_in_both_splits() {
    let topics = |split| {
        records(split)
            .iter()
            .map(|r| r["topic"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    let (train, test) = (topics("train"), topics("test"));
    assert!(train.is_disjoint(&test));
    assert!(train.len() + test.len() >= 60);
    let share = records("test").len() as f64 / (records("train").len() + records("test").len()) as f64;
    assert!((0.08..0.12).contains(&share), "{share}");
}

#[test]
fn every_sentence_was_labelled_twice() {
    for record in records("train").iter().chain(&records("test")) {
        let (first, second) = (labels(record, "first"), labels(record, "second"));
        if first == second {
            assert_eq!(labels(record, "labels"), first, "{}", record["id"]);
        }
    }
}

#[test]
fn no_near_duplicates() {
    let normalizer = Normalizer::new(Normalization::default());
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut holders: HashMap<[u32; 5], Vec<u32>> = HashMap::new();
    let mut sizes = Vec::new();
    let all: Vec<Value> = records("train").into_iter().chain(records("test")).collect();
    for (i, record) in (0u32..).zip(&all) {
        let text = record["text"].as_str().unwrap();
        let words: Vec<u32> = tokenize(text)
            .filter(|t| t.kind != TokenKind::Punctuation)
            .map(|t| {
                let mut word = String::new();
                normalizer.normalize_into(t.span.of(text), &mut word);
                let next = numbers.len() as u32;
                *numbers.entry(word).or_insert(next)
            })
            .collect();
        let grams: BTreeSet<[u32; 5]> = words.windows(5).map(|w| w.try_into().unwrap()).collect();
        sizes.push(grams.len());
        grams
            .into_iter()
            .for_each(|gram| holders.entry(gram).or_default().push(i));
    }
    let mut shared: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for rows in holders.values() {
        for (k, &a) in rows.iter().enumerate() {
            rows[k + 1..]
                .iter()
                .for_each(|&b| *shared.entry((a, b)).or_default() += 1);
        }
    }
    for ((a, b), count) in shared {
        let part = count as f64 / sizes[a as usize].min(sizes[b as usize]) as f64;
        assert!(
            part < NEAR_DUPLICATE,
            "{} and {} share {part:.2} of their 5-grams",
            all[a as usize]["id"],
            all[b as usize]["id"]
        );
    }
}
