use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use bayan::curate::{Appraiser, Pool, Reason, SelectParams};
use bayan::dataset::{Annotation, LabelledSet, find_files, read_annotations};
use bayan::evaluation::{Evaluation, Outcome};
use bayan::train::{Silent, TrainParams, train};
use bayan::{Classifier, LabelSchema};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

const LABELS: [&str; 4] = ["claim", "denial", "threat", "casualty_report"];
fn read(split: &str) -> Vec<Annotation> {
    let files = find_files(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data").join(split)]).unwrap();
    read_annotations(&files, None).unwrap()
}
fn key(seed: u64, name: &str) -> u64 {
    let d: [u8; 32] = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name).finalize().into();
    u64::from_le_bytes(d[..8].try_into().unwrap())
}
fn unit(seed: u64, name: &str) -> f64 { key(seed, name) as f64 / u64::MAX as f64 }
fn env<T: std::str::FromStr>(n: &str, d: T) -> T { std::env::var(n).ok().and_then(|v| v.parse().ok()).unwrap_or(d) }

fn fit(annotations: Vec<Annotation>) -> Option<Classifier> {
    let set = LabelledSet::new(annotations, Some(LabelSchema::new(LABELS).unwrap())).unwrap();
    let mut p = TrainParams { c_grid: vec![1.0], folds: 3, tolerance: 1e-3, ..TrainParams::default() };
    if env("FAST", 0) == 1 { p.features.char_ngrams = None; p.features.min_df=1; }
    match train(&set, &p, &Silent) { Ok(t) => Some(t.classifier), Err(e) => { eprintln!("{e}"); None } }
}
fn measure(c: &Classifier, test: &LabelledSet) -> (f64, f64) {
    let mut l = c.labeller();
    let o: Vec<Outcome> = test.rows().iter().map(|r| { let (predicted, p) = l.label(&r.text); Outcome { truth: r.labels, predicted, probabilities: p.to_vec() } }).collect();
    let e = Evaluation::new(c.schema().names(), c.thresholds(), &o);
    (e.mean_average_precision, e.macro_average.f1)
}
fn run(strategy: &str, seed: u64, pool: &[Annotation], test: &LabelledSet, start: usize, batch: usize, rounds: usize) -> Vec<(f64, f64)> {
    let mut order: Vec<&Annotation> = pool.iter().collect();
    order.sort_by_key(|a| key(seed, &a.id));
    let mut known: Vec<Annotation> = order[..start].iter().map(|a| (*a).clone()).collect();
    let mut curve = vec![];
    for round in 0..=rounds {
        let Some(c) = fit(known.clone()) else { curve.push(*curve.last().unwrap_or(&(0.0,0.0))); continue };
        curve.push(measure(&c, test));
        if round == rounds { break }
        let (random_share, shortlist) = match strategy { "random" => (1.0, 1), "uncertainty" => (0.0, 1), _ => (env("SHARE", 0.0), strategy.parse().unwrap()) };
        let mut p = Pool::new(&c, SelectParams { count: batch, random_share, shortlist, seed: seed * 1000 + round as u64, ..Default::default() }).unwrap();
        let ids: HashSet<&str> = known.iter().map(|a| a.id.as_str()).collect();
        known.iter().for_each(|a| p.exclude(&a.text));
        let mut appraiser = Appraiser::new(&c);
        let mut l = c.labeller();
        for a in pool.iter().filter(|a| !ids.contains(a.id.as_str())) {
            let logits = l.decision_function(&a.text).to_vec();
            p.offer(appraiser.candidate(a, &a.text, &logits));
        }
        let more: Vec<Annotation> = p.select().into_iter().map(|s| s.item.clone()).collect();
        if env("SHOW", 0) == 1 && seed == 1 {
            let mut n = BTreeMap::new();
            for a in &more { for l in &a.labels { *n.entry(l.clone()).or_insert(0) += 1; } }
            eprintln!("{strategy} {round} {} {n:?}", more.len());
        }
        known.extend(more);
    }
    let _ = Reason::Random;
    curve
}
fn main() {
    let all = read("train");
    let topics_share: f64 = env("TOPICS", 0.4);
    let rare = env("RARE", 0) == 1;
    let keep: BTreeMap<&str, f64> = [("claim", 0.5), ("denial", 0.25), ("threat", 0.3), ("casualty_report", 0.4)].into();
    let pool: Vec<Annotation> = all.into_iter().filter(|a| unit(7, a.topic.as_deref().unwrap()) < topics_share)
        .filter(|a| !rare || unit(8, &a.id) < a.labels.iter().map(|l| keep[l.as_str()]).fold(1.0, f64::min)).collect();
    let mut n = BTreeMap::new();
    for a in &pool { for l in &a.labels { *n.entry(l.clone()).or_insert(0) += 1; } }
    eprintln!("pool {} {n:?}", pool.len());
    let test = LabelledSet::new(read("test"), Some(LabelSchema::new(LABELS).unwrap())).unwrap();
    let (start, batch, rounds, seeds) = (env("START", 150), env("BATCH", 150), env("ROUNDS", 6), env("SEEDS", 4u64));
    let strategies = env("STRATEGIES", "random,uncertainty,4,10".to_string());
    for s in strategies.split(',') {
        let curves: Vec<Vec<(f64, f64)>> = (1..=seeds).into_par_iter().map(|seed| run(s, seed, &pool, &test, start, batch, rounds)).collect();
        let mean = |f: &dyn Fn(&(f64, f64)) -> f64, r: usize| curves.iter().map(|c| f(&c[r])).sum::<f64>() / seeds as f64;
        println!("{s:12} AP {}", (0..=rounds).map(|r| format!("{:.3}", mean(&|x| x.0, r))).collect::<Vec<_>>().join(" "));
        println!("{s:12} F1 {}", (0..=rounds).map(|r| format!("{:.3}", mean(&|x| x.1, r))).collect::<Vec<_>>().join(" "));
    }
}
