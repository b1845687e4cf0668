//! The fast path: one look-up a token.
//!
//! For an additive model (see [`crate::features::FeatureParams::is_additive`]) the weights of a token's own
//! features are summed once and kept by the token's bytes; a sentence then costs one look-up for each token and
//! one for each pair of neighbours. Fixed-point sums make the result equal to the straightforward one, bit for bit.

use std::ops::Deref;
use std::sync::Arc;

use super::cache::{Key, Place, TokenCache, TokenEntry};
use super::fast::{Contribution, FastIndex, TokenScratch};
use super::number_table::LookUps;
use super::{Classifier, Sums, score};
use crate::label::LabelSet;
use crate::text::{Token, tokenize};

/// How many tokens a labeller remembers unless told otherwise: 64 bytes each, 8 MiB.
pub const DEFAULT_CACHE_TOKENS: usize = 1 << 17;

/// For sentences of how many tokens room is kept from one to the next.
const KEPT_TOKENS: usize = 1 << 12;

/// Labels sentences one after another, reusing its scratch. One for each thread; made by [`Classifier::labeller`], or by
/// [`Labeller::shared`] where it has to outlive a borrow.
#[derive(Debug)]
pub struct Labeller<'c> {
    classifier: Handle<'c>,
    /// Where the model has a fast path.
    fast: Option<FastState>,
    probabilities: Vec<f64>,
}

/// A classifier that is borrowed or shared.
#[derive(Debug)]
enum Handle<'c> {
    Borrowed(&'c Classifier),
    Shared(Arc<Classifier>),
}

impl Deref for Handle<'_> {
    type Target = Classifier;

    #[inline]
    fn deref(&self) -> &Classifier {
        match self {
            Self::Borrowed(classifier) => classifier,
            Self::Shared(classifier) => classifier,
        }
    }
}

impl Labeller<'static> {
    /// A labeller that keeps `classifier` alive and remembers about `tokens` tokens, 64 bytes each.
    pub fn shared(classifier: Arc<Classifier>, tokens: usize) -> Self {
        Self::with_handle(Handle::Shared(classifier), tokens)
    }
}

/// The fast path on one sentence.
struct FastLabeller<'l> {
    classifier: &'l Classifier,
    index: &'l FastIndex,
    state: &'l mut FastState,
}

/// What the fast path keeps from sentence to sentence.
#[derive(Debug)]
struct FastState {
    cache: TokenCache,
    found: Vec<Found>,
    pairs: LookUps<u64>,
    scratch: TokenScratch,
}

/// A token of the sentence, and where it is kept if it is short enough.
type Found = (Token, Option<(Place, Key)>);

impl<'c> Labeller<'c> {
    pub(super) fn new(classifier: &'c Classifier, cache_tokens: usize) -> Self {
        Self::with_handle(Handle::Borrowed(classifier), cache_tokens)
    }

    fn with_handle(classifier: Handle<'c>, cache_tokens: usize) -> Self {
        Self {
            fast: classifier.fast.as_ref().map(|_| FastState {
                cache: TokenCache::new(cache_tokens),
                found: Vec::new(),
                pairs: LookUps::default(),
                scratch: TokenScratch::default(),
            }),
            probabilities: vec![0.0; classifier.schema().len()],
            classifier,
        }
    }

    /// The classifier it labels with.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// The labels of a sentence and the calibrated probability of each label.
    pub fn label(&mut self, sentence: &str) -> (LabelSet, &[f64]) {
        self.compute_logits(sentence);
        for (p, platt) in self.probabilities.iter_mut().zip(&self.classifier.parts.calibration) {
            *p = platt.probability(*p);
        }
        (self.classifier.decide(&self.probabilities), &self.probabilities)
    }

    /// The logits of a sentence, before calibration.
    pub fn decision_function(&mut self, sentence: &str) -> &[f64] {
        self.compute_logits(sentence);
        &self.probabilities
    }

    fn compute_logits(&mut self, sentence: &str) {
        let classifier: &Classifier = &self.classifier;
        let (Some(index), Some(state)) = (&classifier.fast, &mut self.fast) else {
            let logits = score::plain_logits(classifier, sentence);
            self.probabilities.copy_from_slice(&logits);
            return;
        };
        let mut fast = FastLabeller {
            classifier,
            index,
            state,
        };
        let (sums, terms) = fast.add_up(sentence);
        let logits = score::additive_logits(&classifier.parts, &sums, terms);
        for (out, logit) in self.probabilities.iter_mut().zip(logits) {
            *out = logit;
        }
    }
}

impl FastLabeller<'_> {
    /// The summed weights of all features of a sentence, and its number of terms.
    ///
    /// Token after token, each look-up would wait for memory. So all tokens are found first, then all their places
    /// are fetched, then used; and the same for pairs.
    fn add_up(&mut self, sentence: &str) -> (Sums, u32) {
        let mut found = std::mem::take(&mut self.state.found);
        found.clear();
        found.extend(tokenize(sentence).map(|token| {
            let key = TokenCache::key(sentence.as_bytes(), token.span.start, token.span.end);
            (token, key.map(|key| (self.state.cache.place(&key), key)))
        }));
        self.state
            .cache
            .touch(found.iter().filter_map(|(_, key)| key.map(|(at, _)| at)));
        let (mut sums, terms) = self.add_tokens(sentence, &found);
        self.index.pairs.answer(&mut self.state.pairs, &mut sums);
        found.shrink_to(KEPT_TOKENS);
        self.state.pairs.shrink_to(KEPT_TOKENS);
        self.state.found = found;
        (sums, terms)
    }

    /// The sums of the tokens alone; puts the pairs into the state.
    fn add_tokens(&mut self, sentence: &str, found: &[Found]) -> (Sums, u32) {
        let mut sums = Sums::default();
        let mut terms = 0;
        let mut previous = self.index.start;
        for (token, key) in found {
            let token = self.contribution(token, key.as_ref(), sentence);
            if token.terms > 0 {
                sums.iter_mut().zip(token.sums).for_each(|(sum, part)| *sum += part);
                self.index.pairs.ask(previous, token.stem, &mut self.state.pairs);
                previous = token.stem;
                terms += 1;
            }
        }
        if terms > 0 {
            self.index.pairs.ask(previous, self.index.end, &mut self.state.pairs);
        }
        (sums, terms)
    }

    /// What a token contributes: known, or found out now.
    #[inline]
    fn contribution(&mut self, token: &Token, key: Option<&(Place, Key)>, sentence: &str) -> Contribution {
        if let Some((at, key)) = key
            && let Some(entry) = self.state.cache.get(*at, key)
        {
            return Contribution {
                sums: entry.sums.map(i64::from),
                stem: entry.stem,
                terms: entry.terms,
            };
        }
        let Classifier { parts, analyzer, .. } = self.classifier;
        let raw = token.span.of(sentence);
        let found = self
            .index
            .contribution(parts, analyzer, token.kind, raw, &mut self.state.scratch);
        if let Some((at, key)) = key {
            // A token that is short enough to be kept has too few n-grams for 32 bits to overflow.
            let entry = TokenEntry {
                sums: found.sums.map(|sum| sum as i32),
                stem: found.stem,
                terms: found.terms,
            };
            self.state.cache.put(*at, key, entry);
        }
        found
    }
}
