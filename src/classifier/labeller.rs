//! The fast path: one look-up a token.
//!
//! For an additive model (see [`crate::features::FeatureParams::is_additive`]) the weights of a token's own
//! features are summed once and kept by the token's bytes; a sentence then costs one look-up for each token and
//! one for each pair of neighbours. Fixed-point sums make the result equal to the straightforward one, bit for bit.

use std::ops::Deref;
use std::sync::Arc;

use super::cache::{Place, Table, TokenCache};
use super::fast::{Contribution, FastIndex, TokenScratch};
use super::number_table::LookUps;
use super::token_key::Key;
use super::{Classifier, Sums, score};
use crate::label::LabelSet;
use crate::text::{Token, tokenize};

/// How many tokens the labellers of a classifier together remember: 32 bytes each, 8 MiB, and twice that while older
/// ones are forgotten.
pub const DEFAULT_CACHE_TOKENS: usize = 1 << 18;

/// How many new tokens are counted together.
const COUNTED_TOGETHER: usize = 16;

/// For sentences of how many tokens room is kept from one to the next.
const KEPT_TOKENS: usize = 1 << 12;

/// Labels sentences one after another, reusing its scratch. One for each thread; made by [`Classifier::labeller`], or by
/// [`Labeller::shared`] where it has to outlive a borrow. What one of them learns of a word, all labellers of the
/// classifier know.
///
/// The first sentences of a classifier are labelled without an index of its features, which is made once there are more: see
/// [`Classifier::prepare`].
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
    /// A labeller that keeps `classifier` alive.
    pub fn shared(classifier: Arc<Classifier>) -> Self {
        let cache = classifier.cache.clone();
        Self::with_handle(Handle::Shared(classifier), cache)
    }
}

/// What the fast path keeps from sentence to sentence.
#[derive(Debug)]
struct FastState {
    cache: Arc<TokenCache>,
    /// The cache's table; `None` before the first sentence.
    table: Option<Arc<Table>>,
    scratch: Scratch,
}

/// Room that is reused from sentence to sentence.
#[derive(Debug, Default)]
struct Scratch {
    found: Vec<Found>,
    pairs: LookUps,
    token: TokenScratch,
    /// How many tokens have been put into the table and not been counted.
    new: usize,
}

/// A token of the sentence, its key (perhaps [`Key::NONE`]), and where it may be kept.
type Found = (Token, Key, Place);

/// The fast path on one sentence.
struct FastLabeller<'l> {
    classifier: &'l Classifier,
    index: &'l FastIndex,
    table: &'l Table,
    scratch: &'l mut Scratch,
}

impl<'c> Labeller<'c> {
    pub(super) fn new(classifier: &'c Classifier) -> Self {
        Self::with_handle(Handle::Borrowed(classifier), classifier.cache.clone())
    }

    /// A labeller with a cache of its own, of about `tokens` tokens.
    pub(super) fn with_own_cache(classifier: &'c Classifier, tokens: usize) -> Self {
        Self::with_handle(Handle::Borrowed(classifier), Arc::new(TokenCache::new(tokens)))
    }

    fn with_handle(classifier: Handle<'c>, cache: Arc<TokenCache>) -> Self {
        Self {
            fast: classifier.fast.as_ref().map(|_| FastState {
                cache,
                table: None,
                scratch: Scratch::default(),
            }),
            probabilities: vec![0.0; classifier.schema().len()],
            classifier,
        }
    }

    /// Lets go of what other labellers might replace meanwhile; for one that will rest for a while.
    pub(super) fn rest(&mut self) {
        if let Some(state) = &mut self.fast {
            state.table = None;
        }
    }

    /// The classifier it labels with.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Tells that sentences of `bytes` bytes in all will follow: the index is made now if they are worth it, with the shipped
    /// model from 8 KiB on. [`Classifier::prepare`] makes it in any case.
    pub fn announce(&self, bytes: usize) {
        if let Some(deferred) = self.classifier.fast.as_ref().filter(|fast| fast.get().is_none()) {
            deferred.make_if_worth(&self.classifier.parts, bytes);
        }
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
        let (Some(deferred), Some(state)) = (&classifier.fast, &mut self.fast) else {
            let logits = score::plain_logits(classifier, sentence);
            self.probabilities.copy_from_slice(&logits);
            return;
        };
        let index = deferred
            .get()
            .or_else(|| deferred.make_for(&classifier.parts, sentence.len()));
        let Some(index) = index else {
            let logits = score::logits_without_index(classifier, sentence);
            self.probabilities.copy_from_slice(&logits);
            return;
        };
        let mut fast = FastLabeller {
            classifier,
            index,
            table: state.cache.refresh(&mut state.table),
            scratch: &mut state.scratch,
        };
        let (sums, terms) = fast.add_up(sentence);
        let new = &mut fast.scratch.new;
        if *new >= COUNTED_TOGETHER {
            fast.table.count(std::mem::take(new));
        }
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
        let mut found = std::mem::take(&mut self.scratch.found);
        found.clear();
        let mut tokens = tokenize(sentence);
        while let Some((token, is_run)) = tokens.next_with_run() {
            let key = Key::of(sentence.as_bytes(), token.span.start, token.span.end, is_run);
            found.push((token, key, self.table.place(key)));
        }
        let (mut sums, terms) = self.add_tokens(sentence, &found);
        self.index.pairs.answer(&mut self.scratch.pairs, &mut sums);
        found.shrink_to(KEPT_TOKENS);
        self.scratch.pairs.shrink_to(KEPT_TOKENS);
        self.scratch.found = found;
        (sums, terms)
    }

    /// The sums of the tokens alone; puts the pairs into the scratch.
    fn add_tokens(&mut self, sentence: &str, found: &[Found]) -> (Sums, u32) {
        let mut total = Total {
            previous: self.index.start,
            ..Total::default()
        };
        for &(token, key, at) in found {
            // Two calls: one for both would have to wait until the contribution has gone through memory.
            if let Some(known) = self.table.get(at, key) {
                total.add(&known, self.index, &mut self.scratch.pairs);
            } else {
                let new = self.new_contribution(token, key, at, sentence);
                total.add(&new, self.index, &mut self.scratch.pairs);
            }
        }
        if total.terms > 0 {
            let pairs = &mut self.scratch.pairs;
            self.index.pairs.ask(total.previous, self.index.end, pairs);
        }
        (total.sums, total.terms)
    }

    /// Finds out what a token contributes, and keeps it.
    #[inline(never)]
    fn new_contribution(&mut self, token: Token, key: Key, at: Place, sentence: &str) -> Contribution {
        let Classifier { parts, analyzer, .. } = self.classifier;
        let raw = token.span.of(sentence);
        let found = self
            .index
            .contribution(parts, analyzer, token.kind, raw, &mut self.scratch.token);
        if key != Key::NONE {
            self.scratch.new += usize::from(self.table.put(at, key, found));
        }
        found
    }
}

/// What the tokens so far contribute.
#[derive(Debug, Default)]
struct Total {
    sums: Sums,
    terms: u32,
    /// The stem of the last term.
    previous: u32,
}

impl Total {
    #[inline(always)]
    fn add(&mut self, token: &Contribution, index: &FastIndex, pairs: &mut LookUps) {
        if token.terms > 0 {
            self.sums
                .iter_mut()
                .zip(token.sums)
                .for_each(|(sum, part)| *sum += part);
            index.pairs.ask(self.previous, token.stem, pairs);
            self.previous = token.stem;
            self.terms += 1;
        }
    }
}
