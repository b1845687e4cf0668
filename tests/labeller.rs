//! The fast path against the straightforward one.

mod common;

use bayan::features::{FeatureParams, Norm, TermFrequency};
use bayan::train::TrainParams;
use bayan::{Classifier, segment};
use proptest::prelude::*;

fn assert_same(classifier: &Classifier, labeller: &mut bayan::Labeller<'_>, text: &str) {
    let slow = classifier.decision_function(text);
    let fast = labeller.decision_function(text);
    assert!(
        slow.iter().zip(fast).all(|(a, b)| a.to_bits() == b.to_bits()),
        "{slow:?} {fast:?} {text:?}"
    );
    let prediction = classifier.predict(text);
    let (labels, probabilities) = labeller.label(text);
    assert_eq!(
        (labels, probabilities),
        (prediction.labels, prediction.probabilities.as_slice())
    );
}

#[test]
fn equal_on_the_corpus() {
    let classifier = Classifier::shipped();
    let mut labeller = classifier.labeller();
    for row in common::corpus().rows().iter().take(3000) {
        assert_same(&classifier, &mut labeller, &row.text);
    }
}

#[test]
fn equal_on_a_word_of_a_million_letters() {
    let classifier = Classifier::shipped();
    let mut labeller = classifier.labeller();
    for letter in ["ث", "نفى", "a"] {
        assert_same(&classifier, &mut labeller, &letter.repeat(300_000));
    }
}

#[test]
fn equal_on_words_that_never_repeat() {
    let classifier = Classifier::shipped();
    let mut labeller = classifier.labeller();
    for number in 0..5000 {
        assert_same(&classifier, &mut labeller, &common::never_repeating::sentence(number));
    }
}

proptest! {
    #[test]
    fn equal_on_any_text(texts in prop::collection::vec(any::<String>(), 1..8)) {
        let classifier = common::shipped();
        let mut labeller = classifier.labeller();
        for text in &texts {
            assert_same(classifier, &mut labeller, text);
        }
    }

    #[test]
    fn equal_on_arabic_like_text(texts in prop::collection::vec("([ونفىقالهددأعلنت]{1,7}[ ،.«»\"!؟0-9\u{64B}\u{640}]{0,2}){0,30}", 1..8)) {
        let classifier = common::shipped();
        let mut labeller = classifier.labeller();
        for text in &texts {
            assert_same(classifier, &mut labeller, text);
        }
    }
}

#[test]
fn every_weighting_trains_labels_and_explains() {
    let set = common::small_set();
    for (term_frequency, norm) in [
        (TermFrequency::Count, Norm::None),
        (TermFrequency::Count, Norm::L2),
        (TermFrequency::Binary, Norm::SqrtLength),
        (TermFrequency::Sublinear, Norm::L2),
        (TermFrequency::Count, Norm::SqrtLength),
    ] {
        let features = FeatureParams {
            term_frequency,
            norm,
            punctuation: true,
            ..FeatureParams::default()
        };
        let params = TrainParams {
            features,
            folds: 3,
            c_grid: vec![1.0],
            ..TrainParams::default()
        };
        let trained = bayan::train::train(&set, &params, &bayan::train::Silent).unwrap();
        let bytes = bayan::model_file::to_bytes(&trained.classifier).unwrap();
        let classifier = bayan::model_file::from_bytes("x", &bytes).unwrap();
        let mut labeller = classifier.labeller();
        for row in set.rows().iter().take(50) {
            assert_same(&classifier, &mut labeller, &row.text);
            let explanation = classifier.explain(&row.text);
            for label in &explanation.labels {
                let sum: f64 = label.intercept + label.evidence.iter().map(|e| e.contribution).sum::<f64>();
                assert!((sum - label.logit).abs() < 1e-6, "{sum} {}", label.logit);
                let words: f64 = label.intercept + label.words.iter().map(|w| w.1).sum::<f64>();
                assert!((words - label.logit).abs() < 1e-6, "{words} {}", label.logit);
            }
        }
    }
}

#[test]
fn the_shipped_model_knows_plain_cases() {
    let classifier = Classifier::shipped();
    let article = "نفى المتحدث باسم الوزارة صحة هذه الأنباء. قتل خمسة أشخاص وأصيب عشرة في انفجار سيارة مفخخة. \
                   هدد زعيم الجماعة بقصف العاصمة إذا لم تنسحب القوات. أعلن الوزير أن المشروع سيبدأ العام المقبل.";
    let labels: Vec<Vec<String>> = segment(article)
        .map(|s| {
            classifier
                .schema()
                .names_of(classifier.predict(s.text).labels)
                .map(str::to_owned)
                .collect()
        })
        .collect();
    for (labels, expected) in labels.iter().zip(["denial", "casualty_report", "threat", "claim"]) {
        assert!(labels.iter().any(|l| l == expected), "{expected} not in {labels:?}");
    }
}
