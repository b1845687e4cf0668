//! Takes sentences one after another and keeps those among which to select.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

use super::select::{SelectParams, Selected, Shortlist, choose, topical};
use super::uncertainty::Uncertainty;
use super::words::Words;
use crate::classifier::Classifier;
use crate::dataset::shuffle_key;
use crate::error::Error;
use crate::features::FeatureParams;

/// How many times as many sentences are kept to draw from as are to be drawn: near-duplicates will fall out.
const SPARE: usize = 4;

/// A sentence that can be selected, with what its maker wants back.
#[derive(Debug, Clone)]
pub struct Candidate<T> {
    item: T,
    text: String,
    logits: Vec<f64>,
    uncertainty: f64,
    digest: [u8; 32],
}

/// Makes candidates for one classifier; each thread has its own.
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

    /// A sentence and its logits (before calibration) as a candidate.
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

/// Takes sentences one after another and selects among them. What it keeps of them is bounded by the number to select, but
/// for 16 bytes for each distinct sentence. The selection does not depend on their order, except that of sentences with the
/// same words the first counts.
///
/// ```
/// use bayan::Classifier;
/// use bayan::curate::{Appraiser, Pool, SelectParams};
///
/// let classifier = Classifier::shipped();
/// let mut labeller = classifier.labeller();
/// let mut appraiser = Appraiser::new(&classifier);
/// let mut pool = Pool::new(&classifier, SelectParams { count: 1, random_share: 0.0, ..SelectParams::default() })?;
/// pool.exclude("ونفى المتحدث صحة هذه الأنباء.");
/// for (line, text) in ["ونفى المتحدث، صحة هذه الأنباء!", "وأفاد شهود بسقوط جرحى."].into_iter().enumerate() {
///     let logits = labeller.decision_function(text);
///     pool.offer(appraiser.candidate(line, text, logits));
/// }
/// assert_eq!(pool.select()[0].item, 1);
/// # Ok::<(), bayan::Error>(())
/// ```
pub struct Pool<T> {
    params: SelectParams,
    features: FeatureParams,
    annotated: Vec<String>,
    seen: HashSet<u128>,
    unsure: Best<T>,
    random: Best<T>,
    words: Words,
    offered: usize,
}

impl<T: Clone> Pool<T> {
    /// An empty pool for sentences that `classifier` has given logits.
    ///
    /// # Errors
    /// If a setting is out of range.
    pub fn new(classifier: &Classifier, params: SelectParams) -> Result<Self, Error> {
        params.check()?;
        let random = params.random_count().saturating_mul(SPARE);
        Ok(Self {
            features: topical(&classifier.parts().features),
            annotated: Vec::new(),
            seen: HashSet::new(),
            unsure: Best::new(params.count.saturating_mul(params.shortlist).saturating_add(random)),
            random: Best::new(random),
            words: Words::new(),
            offered: 0,
            params,
        })
    }

    /// Keeps this sentence and its near-duplicates from being selected. To be called before sentences are offered.
    pub fn exclude(&mut self, text: &str) {
        self.seen.insert(short(&self.words.digest(text)));
        self.annotated.push(text.to_owned());
    }

    /// Takes a sentence.
    pub fn offer(&mut self, candidate: Candidate<T>) {
        if !self.seen.insert(short(&candidate.digest)) {
            return;
        }
        self.offered += 1;
        let draw = shuffle_key(&candidate.text, self.params.seed);
        let candidate = Arc::new(candidate);
        self.random.offer(0, draw, &candidate);
        // Of positive floating-point numbers, the order of the bits is that of the numbers.
        self.unsure.offer(candidate.uncertainty.to_bits(), draw, &candidate);
    }

    /// How many sentences were offered that are neither excluded nor have the words of another.
    pub fn distinct(&self) -> usize {
        self.offered
    }

    /// Selects: first what is drawn at random, then the most uncertain and diverse.
    pub fn select(self) -> Vec<Selected<T>> {
        let mut candidates = self.random.into_sorted();
        let drawn = candidates.len();
        let known: HashSet<u128> = candidates.iter().map(|c| short(&c.digest)).collect();
        let unsure = self.unsure.into_sorted().into_iter();
        candidates.extend(unsure.filter(|c| !known.contains(&short(&c.digest))));
        let list = Shortlist {
            texts: candidates.iter().map(|c| c.text.as_str()).collect(),
            uncertainty: candidates.iter().map(|c| c.uncertainty).collect(),
            drawn,
        };
        let chosen = choose(&self.params, &self.features, &self.annotated, &list);
        let selected = chosen.into_iter().map(|(row, reason)| {
            let candidate = &candidates[row];
            Selected {
                item: candidate.item.clone(),
                text: candidate.text.clone(),
                logits: candidate.logits.clone(),
                uncertainty: candidate.uncertainty,
                reason,
            }
        });
        selected.collect()
    }
}

/// Enough of a digest to tell sentences apart.
fn short(digest: &[u8; 32]) -> u128 {
    u128::from_le_bytes(digest[..16].try_into().expect("16 bytes"))
}

/// Keeps the candidates of greatest rank; of equal ranks, those of the smallest draw.
struct Best<T> {
    capacity: usize,
    /// The least of the kept is on top.
    heap: BinaryHeap<Reverse<Entry<T>>>,
}

struct Entry<T> {
    key: (u64, Reverse<[u8; 32]>),
    candidate: Arc<Candidate<T>>,
}

impl<T> Best<T> {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            heap: BinaryHeap::new(),
        }
    }

    fn offer(&mut self, rank: u64, draw: [u8; 32], candidate: &Arc<Candidate<T>>) {
        let key = (rank, Reverse(draw));
        let full = self.heap.len() >= self.capacity;
        if full && self.heap.peek().is_none_or(|Reverse(least)| key <= least.key) {
            return;
        }
        if full {
            self.heap.pop();
        }
        let candidate = candidate.clone();
        self.heap.push(Reverse(Entry { key, candidate }));
    }

    /// The candidates, best first.
    fn into_sorted(self) -> Vec<Arc<Candidate<T>>> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted.map(|Reverse(entry)| entry.candidate).collect()
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}
