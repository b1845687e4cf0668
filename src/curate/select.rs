//! Which sentences to annotate next.
//!
//! After F. Zhdanov, "Diverse mini-batch active learning" (2019): sentences that the classifier is unsure of are shortlisted,
//! and of these some are chosen that are unlike each other.

use std::collections::HashSet;

use super::diversity::Greedy;
use super::near::NearDuplicates;
use crate::error::Error;
use crate::features::{Analyzer, FeatureParams, FeatureSpace, Norm, count_features};
use crate::linear::CsrMatrix;

/// Settings of a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectParams {
    /// How many sentences to select. Default: 200.
    pub count: usize,
    /// The share of them that is drawn at random, in [0, 1]. Default: 0.25. Only these show what the sentences are like as a
    /// whole; thresholds that are fitted without them suit the doubtful sentences, not all (`docs/curation.md`).
    pub random_share: f64,
    /// How many times `count` sentences are shortlisted by uncertainty, at least 1; 1: uncertainty alone decides. Default: 5.
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
            random_share: 0.25,
            shortlist: 5,
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

    /// How many sentences are drawn at random.
    pub(super) fn random_count(&self) -> usize {
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

impl Reason {
    /// What it is called in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncertain => "uncertain",
            Self::Random => "random",
        }
    }
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

/// What there is to choose from.
pub(super) struct Shortlist<'t> {
    /// The sentences.
    pub texts: Vec<&'t str>,
    /// How unsure the classifier is of each.
    pub uncertainty: Vec<f64>,
    /// So many at the front were drawn at random, in this order.
    pub drawn: usize,
}

/// Positions in the shortlist: first those drawn at random, then the most uncertain and diverse ones. None is a
/// near-duplicate of another or of an annotated sentence.
pub(super) fn choose(
    params: &SelectParams,
    features: &FeatureParams,
    annotated: &[String],
    list: &Shortlist<'_>,
) -> Vec<(usize, Reason)> {
    let all = annotated.iter().map(String::as_str).chain(list.texts.iter().copied());
    let mut fresh = Fresh::new(NearDuplicates::find(all, params.similarity), annotated.len());
    let mut chosen = Vec::with_capacity(params.count);
    let matrix = vectors(features, list.texts.iter().copied());
    let mut greedy = Greedy::new(&matrix, list.uncertainty.clone());
    let diverse = params.shortlist > 1;
    for row in 0..list.drawn {
        if chosen.len() < params.random_count() && fresh.take(row) {
            greedy.take(row);
            chosen.push((row, Reason::Random));
            if diverse {
                greedy.cover(row);
            }
        }
    }
    while chosen.len() < params.count {
        let Some(row) = greedy.take_best() else { break };
        if fresh.take(row) {
            chosen.push((row, Reason::Uncertain));
            if diverse {
                greedy.cover(row);
            }
        }
    }
    chosen
}

/// Knows which sentences are near-duplicates of one that is annotated or taken.
struct Fresh {
    near: NearDuplicates,
    annotated: usize,
    taken: HashSet<usize>,
}

impl Fresh {
    /// The first `annotated` sentences are taken.
    fn new(near: NearDuplicates, annotated: usize) -> Self {
        Self {
            taken: (0..annotated).map(|row| near.class(row)).collect(),
            near,
            annotated,
        }
    }

    /// Takes a sentence, if it is no near-duplicate of a taken one.
    fn take(&mut self, row: usize) -> bool {
        let class = self.near.class(self.annotated + row);
        let stale = |class: &usize| self.taken.contains(class);
        if stale(&class) || self.near.near(class).iter().any(|(other, _)| stale(other)) {
            return false;
        }
        self.taken.insert(class)
    }
}

/// The classifier's features that tell what a sentence is about: stems and their pairs; its n-grams where it has nothing else.
pub(super) fn topical(features: &FeatureParams) -> FeatureParams {
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
