//! Which sentences to annotate next.
//!
//! D. Lewis and W. Gale, "A sequential algorithm for training text classifiers" (1994): those that the classifier is least
//! sure of; F. Zhdanov, "Diverse mini-batch active learning" (2019): shortlisted by that, then chosen to be unlike each other.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

use super::diversity::Greedy;
use super::near::NearDuplicates;
use super::uncertainty::Uncertainty;
use super::words::Words;
use crate::classifier::Classifier;
use crate::error::Error;
use crate::features::{Analyzer, FeatureParams, FeatureSpace, Norm, count_features};
use crate::linear::CsrMatrix;

/// Settings of a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectParams {
    /// How many sentences to select. Default: 200.
    pub count: usize,
    /// The share of them that is drawn at random, in [0, 1]. Default: 0.
    pub random_share: f64,
    /// How many times `count` sentences are shortlisted by uncertainty, at least 1; 1: uncertainty alone decides. Default: 10.
    pub shortlist: usize,
    /// The least similarity of near-duplicates, of which one is left out, in (0, 1] (see [`NearDuplicates`]). Default: 0.6.
    pub similarity: f64,
    /// Seed of what is drawn at random. Default: 1.
    pub seed: u64,
}

impl Default for SelectParams {
    fn default() -> Self {
        Self {
            count: 200,
            random_share: 0.0,
            shortlist: 10,
            similarity: 0.6,
            seed: 1,
        }
    }
}

impl SelectParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] that names the setting and its value.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::InvalidSetting(what));
        if self.count == 0 {
            return wrong("the number of sentences to select is 0; expected at least 1".into());
        }
        if !(0.0..=1.0).contains(&self.random_share) {
            return wrong(format!("the random share is {}; expected 0 to 1", self.random_share));
        }
        if self.shortlist == 0 {
            return wrong("the shortlist is 0 times as long; expected at least 1".into());
        }
        check_similarity(self.similarity)
    }

    fn random_count(&self) -> usize {
        libm::round(self.count as f64 * self.random_share) as usize
    }
}

/// Checks a similarity of near-duplicates.
pub(super) fn check_similarity(similarity: f64) -> Result<(), Error> {
    if similarity > 0.0 && similarity <= 1.0 {
        return Ok(());
    }
    Err(Error::InvalidSetting(format!(
        "the similarity of near-duplicates is {similarity}; expected above 0, at most 1"
    )))
}

/// Why a sentence was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The classifier is unsure of it, and it is unlike the others.
    Uncertain,
    /// It was drawn at random from all sentences.
    Random,
}

/// A sentence that was selected.
#[derive(Debug, Clone)]
pub struct Selected<T> {
    /// What was offered with it.
    pub item: T,
    /// The sentence.
    pub text: String,
    /// Its logits, before calibration.
    pub logits: Vec<f64>,
    /// How unsure the classifier is of it, see [`Uncertainty::of`].
    pub uncertainty: f64,
    /// Why it was selected.
    pub reason: Reason,
}

/// A sentence that can be selected, with what its maker wants back.
#[derive(Debug, Clone)]
pub struct Candidate<T> {
    item: T,
    text: String,
    logits: Vec<f64>,
    uncertainty: f64,
    digest: [u8; 32],
}

/// Takes sentences one after another, keeps those worth a closer look, and selects among them. What it keeps is bounded by the
/// number of sentences to select, but for 16 bytes for each distinct sentence.
pub struct Pool<T> {
    params: SelectParams,
    features: FeatureParams,
    annotated: Vec<String>,
    seen: HashSet<u128>,
    unsure: Best<T, u64>,
    random: Best<T, ()>,
    words: Words,
    taken: usize,
}

type Key<W> = (W, Reverse<[u8; 32]>);

/// Keeps the entries with the greatest keys.
struct Best<T, W: Ord> {
    capacity: usize,
    heap: BinaryHeap<Reverse<Entry<T, W>>>,
}

struct Entry<T, W>(Key<W>, Arc<Candidate<T>>);

impl<T, W: Ord> PartialEq for Entry<T, W> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T, W: Ord> Eq for Entry<T, W> {}
impl<T, W: Ord> PartialOrd for Entry<T, W> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T, W: Ord> Ord for Entry<T, W> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<T, W: Ord> Best<T, W> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            heap: BinaryHeap::new(),
        }
    }

    fn offer(&mut self, key: Key<W>, candidate: &Arc<Candidate<T>>) {
        if self.heap.len() < self.capacity {
            self.heap.push(Reverse(Entry(key, candidate.clone())));
        } else if self.heap.peek().is_some_and(|Reverse(Entry(least, _))| key > *least) {
            self.heap.pop();
            self.heap.push(Reverse(Entry(key, candidate.clone())));
        }
    }

    /// The candidates, best first.
    fn into_sorted(self) -> Vec<Arc<Candidate<T>>> {
        let sorted = self.heap.into_sorted_vec();
        sorted.into_iter().map(|Reverse(Entry(_, candidate))| candidate).collect()
    }
}

impl<T: Clone> Pool<T> {
    /// An empty pool for a classifier with these features.
    pub fn new(classifier: &Classifier, params: SelectParams) -> Result<Self, Error> {
        params.check()?;
        let spare = 4;
        Ok(Self {
            features: topical(&classifier.parts().features),
            annotated: Vec::new(),
            seen: HashSet::new(),
            unsure: Best::new(params.count.saturating_mul(params.shortlist) + params.random_count()),
            random: Best::new(params.random_count() * spare),
            words: Words::new(),
            taken: 0,
            params,
        })
    }

    /// Keeps this sentence, and its near-duplicates, from being selected.
    pub fn exclude(&mut self, text: &str) {
        self.seen.insert(short(&self.words.digest(text)));
        self.annotated.push(text.to_owned());
    }

    /// Takes a sentence.
    pub fn offer(&mut self, candidate: Candidate<T>) {
        if !self.seen.insert(short(&candidate.digest)) {
            return;
        }
        self.taken += 1;
        let candidate = Arc::new(candidate);
        let digest = Reverse(candidate.digest);
        self.unsure.offer((candidate.uncertainty.to_bits(), digest), &candidate);
        let drawn = Reverse(crate::dataset::shuffle_key(&candidate.text, self.params.seed));
        self.random.offer(((), drawn), &candidate);
    }

    /// Selects: first what is drawn at random, then the most uncertain and diverse.
    pub fn select(self) -> Vec<Selected<T>> {
        let random = self.random.into_sorted();
        let wanted = self.params.random_count();
        let mut candidates = random;
        let drawn = candidates.len();
        candidates.extend(self.unsure.into_sorted());
        let texts = self.annotated.iter().map(String::as_str);
        let near = NearDuplicates::find(
            texts.chain(candidates.iter().map(|c| c.text.as_str())),
            self.params.similarity,
        );
        let first = self.annotated.len();
        let mut refused: HashSet<usize> = HashSet::new();
        let class = |row: usize| near.class(first + row);
        let mut taken_classes: HashSet<usize> = (0..first).map(|row| near.class(row)).collect();
        let mut chosen: Vec<(usize, Reason)> = Vec::new();
        let allowed = |row: usize, taken: &HashSet<usize>| {
            !taken.contains(&class(row)) && !near.near(class(row)).iter().any(|(other, _)| taken.contains(other))
        };
        for row in 0..drawn {
            if chosen.len() < wanted && allowed(row, &taken_classes) {
                taken_classes.insert(class(row));
                chosen.push((row, Reason::Random));
            }
            refused.insert(row);
        }
        let cover_annotated = std::env::var("COVER").is_ok();
        let matrix = vectors(
            &self.features,
            candidates
                .iter()
                .map(|c| c.text.as_str())
                .chain(self.annotated.iter().map(String::as_str).filter(|_| cover_annotated)),
        );
        let mut worth: Vec<f64> = candidates.iter().map(|c| c.uncertainty).collect();
        worth.resize(matrix.rows(), 0.0);
        if let Ok(d) = std::env::var("DENSITY") {
            let d: f64 = d.parse().unwrap();
            let mut sum = vec![0f64; matrix.columns()];
            for row in 0..candidates.len() {
                let (i, v) = matrix.row(row);
                i.iter().zip(v).for_each(|(&i, &v)| sum[i as usize] += f64::from(v));
            }
            for row in 0..candidates.len() {
                worth[row] *= matrix.dot(row, &sum).powf(d);
            }
        }
        let mut greedy = Greedy::new(&matrix, worth);
        if cover_annotated {
            for row in candidates.len()..matrix.rows() {
                refused.insert(row);
                greedy.cover(row);
            }
        }
        if self.params.shortlist > 1 {
            chosen.iter().for_each(|&(row, _)| greedy.cover(row));
        }
        while chosen.len() < self.params.count {
            let Some(row) = greedy.best(&refused) else { break };
            refused.insert(row);
            if allowed(row, &taken_classes) {
                taken_classes.insert(class(row));
                chosen.push((row, Reason::Uncertain));
                if self.params.shortlist > 1 {
                    greedy.cover(row);
                }
            }
        }
        chosen
            .into_iter()
            .map(|(row, reason)| {
                let c = &candidates[row];
                Selected {
                    item: c.item.clone(),
                    text: c.text.clone(),
                    logits: c.logits.clone(),
                    uncertainty: c.uncertainty,
                    reason,
                }
            })
            .collect()
    }
}

fn short(digest: &[u8; 32]) -> u128 {
    u128::from_le_bytes(digest[..16].try_into().expect("16 bytes"))
}

/// Makes candidates; each thread has its own.
#[derive(Debug, Clone)]
pub struct Appraiser {
    uncertainty: Uncertainty,
    words: Words,
}

impl Appraiser {
    /// For a classifier.
    pub fn new(classifier: &Classifier) -> Self {
        Self {
            uncertainty: Uncertainty::new(classifier),
            words: Words::new(),
        }
    }

    /// A sentence and its logits as a candidate.
    pub fn candidate<T>(&mut self, item: T, text: &str, logits: &[f64]) -> Candidate<T> {
        Candidate {
            item,
            text: text.to_owned(),
            logits: logits.to_vec(),
            uncertainty: self.uncertainty.of(logits),
            digest: self.words.digest(text),
        }
    }
}

/// The classifier's features that tell what a sentence is about: stems and their pairs; its n-grams where it has nothing else.
fn topical(features: &FeatureParams) -> FeatureParams {
    let mut features = features.clone();
    if features.words || features.bigrams {
        features.char_ngrams = None;
    }
    features.norm = Norm::L2;
    features
}

/// The vectors of texts, of Euclidean length 1.
fn vectors<'t>(features: &FeatureParams, texts: impl Iterator<Item = &'t str>) -> CsrMatrix {
    let counts = count_features(&Analyzer::new(features.clone()), texts);
    let rows: Vec<usize> = (0..counts.rows.len()).collect();
    let space = FeatureSpace::fit(features, &counts, &rows);
    CsrMatrix::from_rows(rows.iter().map(|&row| space.vector(&counts, row)), space.columns())
}
