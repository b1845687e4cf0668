//! The engine on one thread: segment, normalise, extract, label (warm, cold, words that never repeat), train.
//!
//! The text is the corpus in `training-data/` joined to running text, or the file that `BAYAN_CORPUS` names. Each
//! benchmark checks its result before it times it. Whole processes, memory and peers: `benches/peers/speed.sh`.

#[path = "../tests/common/never_repeating.rs"]
mod never_repeating;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bayan::classifier::DEFAULT_CACHE_TOKENS;
use bayan::dataset::{LabelledSet, find_files, read_annotations};
use bayan::features::Analyzer;
use bayan::text::{Normalizer, TokenKind, tokenize};
use bayan::train::{Silent, TrainParams, train};
use bayan::{Classifier, LabelSchema, Labeller, segment};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hashbrown::HashMap;

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

/// Labels all sentences; returns how many labels were given.
fn label_all<S: AsRef<str>>(labeller: &mut Labeller<'_>, sentences: &[S]) -> usize {
    let sentences = sentences.iter();
    sentences.map(|s| labeller.label(black_box(s.as_ref())).0.len()).sum()
}

/// The base that labelling is held against: one look-up for each token in a map of the text's distinct tokens.
fn look_up_all(known: &HashMap<&[u8], usize>, tokens: &[&[u8]]) -> usize {
    tokens.iter().map(|token| known[black_box(*token)]).sum()
}

/// Median nanoseconds a token of eleven runs.
fn nanoseconds(tokens: usize, mut run: impl FnMut() -> usize) -> f64 {
    let mut times: Vec<f64> = (0..11)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_nanos() as f64 / tokens as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn labelling(c: &mut Criterion) {
    let text = text();
    let sentences: Vec<&str> = segment(&text).map(|s| s.text).collect();
    let tokens: Vec<&[u8]> = tokenize(&text).map(|t| t.span.of(&text).as_bytes()).collect();
    let known: HashMap<&[u8], usize> = tokens.iter().enumerate().map(|(i, &token)| (token, i)).collect();
    let classifier = Classifier::shipped();
    let mut labeller = classifier.labeller();
    for sentence in sentences.iter().take(500) {
        assert_eq!(
            labeller.decision_function(sentence),
            classifier.decision_function(sentence)
        );
    }
    let warm = nanoseconds(tokens.len(), || label_all(&mut labeller, &sentences));
    let look_up = nanoseconds(tokens.len(), || look_up_all(&known, &tokens));
    println!(
        "label: {:.1} MB, {} sentences, {} tokens, {} of them distinct; warm {warm:.1} ns a token, one hash look-up a \
         token {look_up:.1} ns, ratio {:.2}",
        text.len() as f64 / 1e6,
        sentences.len(),
        tokens.len(),
        known.len(),
        warm / look_up
    );
    let mut group = c.benchmark_group("label");
    group.sample_size(20);
    for (unit, throughput) in [
        ("bytes", Throughput::Bytes(text.len() as u64)),
        ("sentences", Throughput::Elements(sentences.len() as u64)),
        ("tokens", Throughput::Elements(tokens.len() as u64)),
    ] {
        group.throughput(throughput);
        let id = BenchmarkId::new("warm labeller", unit);
        group.bench_function(id, |b| b.iter(|| label_all(&mut labeller, &sentences)));
    }
    group.bench_function(BenchmarkId::new("one hash look-up", "tokens"), |b| {
        b.iter(|| look_up_all(&known, &tokens));
    });
    group.bench_function(BenchmarkId::new("cold labeller", "tokens"), |b| {
        b.iter(|| label_all(&mut classifier.labeller_with_cache(DEFAULT_CACHE_TOKENS), &sentences));
    });
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("segment and label", |b| {
        b.iter(|| {
            segment(black_box(&text))
                .map(|s| labeller.label(s.text).0.len())
                .sum::<usize>()
        });
    });
    group.finish();
}

/// Labelling words that never repeat, by the size of the cache: speed against memory.
fn never_repeating_words(c: &mut Criterion) {
    let sentences: Vec<String> = (0..10_000).map(never_repeating::sentence).collect();
    let classifier = Classifier::shipped();
    let bytes: usize = sentences.iter().map(String::len).sum();
    let mut group = c.benchmark_group("words that never repeat");
    group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
    for tokens in [1 << 8, 1 << 12, DEFAULT_CACHE_TOKENS] {
        let mut labeller = classifier.labeller_with_cache(tokens);
        let id = BenchmarkId::new("cached tokens", tokens);
        // All 200,000 words together do not fit, so each run finds next to none of them in the cache.
        group.bench_function(id, |b| b.iter(|| label_all(&mut labeller, &sentences)));
    }
    group.finish();
}

fn loading(c: &mut Criterion) {
    let sentence = "ونفى المتحدث باسم الوزارة صحة هذه الأنباء.";
    c.bench_function("load the shipped model", |b| b.iter(Classifier::shipped));
    c.bench_function("load the shipped model and label a sentence", |b| {
        b.iter(|| Classifier::shipped().labeller().label(black_box(sentence)).0)
    });
    c.bench_function("load the shipped model and make its index", |b| {
        b.iter(|| {
            let classifier = Classifier::shipped();
            classifier.prepare();
            classifier
        })
    });
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

criterion_group!(benches, reading, labelling, never_repeating_words, loading, training);
criterion_main!(benches);
