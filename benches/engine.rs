//! The engine on one thread: segment, normalise, extract, label, train.
//!
//! The text is the corpus in `training-data/` joined to running text, or the file that `BAYAN_CORPUS` names. Each
//! benchmark checks its result before it times it.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use bayan::dataset::{LabelledSet, find_files, read_annotations};
use bayan::features::Analyzer;
use bayan::text::{Normalizer, TokenKind, tokenize};
use bayan::train::{Silent, TrainParams, train};
use bayan::{Classifier, LabelSchema, segment};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn annotations() -> LabelledSet {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data/train");
    let files = find_files(&[directory]).expect("the corpus");
    let annotations = read_annotations(&files, None).expect("the corpus is sound");
    LabelledSet::new(annotations, None).expect("the corpus is sound")
}

/// Running text: paragraphs of six sentences, or the user's own.
fn text() -> String {
    if let Some(path) = std::env::var_os("BAYAN_CORPUS").map(PathBuf::from) {
        return std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    let set = annotations();
    let mut text = String::new();
    for (i, row) in set.rows().iter().enumerate() {
        text.push_str(&row.text);
        text.push(if i % 6 == 5 { '\n' } else { ' ' });
    }
    text
}

fn reading(c: &mut Criterion) {
    let text = text();
    let words: Vec<&str> = tokenize(&text)
        .filter(|t| t.kind == TokenKind::Word)
        .map(|t| t.span.of(&text))
        .collect();
    let sentences: Vec<&str> = segment(&text).map(|s| s.text).collect();
    assert!(sentences.iter().map(|s| s.len()).sum::<usize>() > text.len() * 9 / 10);
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("segment", |b| b.iter(|| segment(black_box(&text)).count()));
    group.bench_function("tokenize", |b| b.iter(|| tokenize(black_box(&text)).count()));
    group.bench_function("normalise", |b| {
        let normalizer = Normalizer::new(bayan::text::Normalization::default());
        let mut out = String::with_capacity(text.len());
        b.iter(|| {
            out.clear();
            words
                .iter()
                .for_each(|word| normalizer.normalize_into(black_box(word), &mut out));
            out.len()
        });
    });
    let part = &sentences[..sentences.len().min(1000)];
    group.throughput(Throughput::Elements(part.len() as u64));
    group.bench_function("extract (sentences)", |b| {
        let analyzer = Analyzer::new(Classifier::shipped().parts().features.clone());
        b.iter(|| {
            let mut features = 0u64;
            part.iter().for_each(|s| {
                analyzer.features(black_box(s), |_, _| features += 1);
            });
            features
        });
    });
    group.finish();
}

fn labelling(c: &mut Criterion) {
    let text = text();
    let sentences: Vec<&str> = segment(&text).map(|s| s.text).collect();
    let classifier = Classifier::shipped();
    let mut labeller = classifier.labeller();
    for sentence in sentences.iter().take(500) {
        assert_eq!(
            labeller.decision_function(sentence),
            classifier.decision_function(sentence)
        );
    }
    let words = tokenize(&text).count();
    println!(
        "label: {} MB, {} sentences, {words} tokens",
        text.len() / 1_000_000,
        sentences.len()
    );
    let mut group = c.benchmark_group("label");
    group.sample_size(20);
    for (unit, throughput) in [
        ("bytes", Throughput::Bytes(text.len() as u64)),
        ("sentences", Throughput::Elements(sentences.len() as u64)),
        ("tokens", Throughput::Elements(words as u64)),
    ] {
        group.throughput(throughput);
        group.bench_function(BenchmarkId::new("warm labeller", unit), |b| {
            b.iter(|| {
                sentences
                    .iter()
                    .map(|s| labeller.label(black_box(s)).0.len())
                    .sum::<usize>()
            });
        });
    }
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("segment and label", |b| {
        b.iter(|| {
            segment(black_box(&text))
                .map(|s| labeller.label(s.text).0.len())
                .sum::<usize>()
        });
    });
    group
        .sample_size(10)
        .bench_function("load the shipped model", |b| b.iter(Classifier::shipped));
    group.finish();
}

fn training(c: &mut Criterion) {
    let set = annotations();
    // A fixed share keeps the run short; the whole corpus is what `bayan train` is for.
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data/train");
    let mut some = read_annotations(&find_files(&[directory]).expect("the corpus"), None).expect("sound");
    some.sort_by(|a, b| a.id.cmp(&b.id));
    some.truncate(1000);
    let schema = LabelSchema::new(set.schema().names().to_vec()).expect("labels");
    let some = LabelledSet::new(some, Some(schema)).expect("sound");
    let params = TrainParams {
        folds: 3,
        c_grid: vec![0.3, 1.0],
        ..TrainParams::default()
    };
    let trained = train(&some, &params, &Silent).expect("training");
    assert!(trained.unconverged.is_empty() && trained.evaluation.macro_average.f1 > 0.3);
    let mut group = c.benchmark_group("train");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(some.rows().len() as u64));
    group.bench_function("1,000 sentences, 3 folds, 2 strengths", |b| {
        b.iter(|| train(black_box(&some), &params, &Silent).map(|t| t.classifier.parts().vocabulary.len()));
    });
    group.finish();
}

criterion_group!(benches, reading, labelling, training);
criterion_main!(benches);
