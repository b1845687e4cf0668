//! The fast path: one look-up a token.
//!
//! For an additive model (see [`crate::features::FeatureParams::is_additive`]) the weights of a token's own
//! features are summed once and kept by the token's bytes; a sentence then costs one look-up for each token and
//! one for each pair of neighbours. Fixed-point sums make the result equal to the straightforward one, bit for bit.

use super::cache::{INLINE_LABELS, Key, Place, TokenCache, TokenEntry};
use super::number_table::Query;
use super::pairs::NO_STEM;
use super::{Classifier, score};
use crate::features::Term;
use crate::label::LabelSet;
use crate::text::{Token, TokenKind, tokenize};

/// How many tokens a labeller remembers unless told otherwise: 64 bytes each, 8 MiB.
pub const DEFAULT_CACHE_TOKENS: usize = 1 << 17;

/// For sentences of how many tokens room is kept from one to the next.
const KEPT_TOKENS: usize = 1 << 12;

/// Labels sentences one after another, reusing its scratch. One for each thread; made by [`Classifier::labeller`].
#[derive(Debug)]
pub struct Labeller<'c> {
    classifier: &'c Classifier,
    /// `None` where the model is not additive, or has more labels than an entry holds.
    cache: Option<TokenCache>,
    term: Term,
    scratch: Scratch,
    ngrams: Vec<Query>,
    columns: Vec<u32>,
    probabilities: Vec<f64>,
    start: u32,
    end: u32,
}

/// What a token adds to a sentence.
struct Contribution {
    sums: [i64; INLINE_LABELS],
    stem: u32,
    terms: u32,
}

/// What is found in one sentence.
#[derive(Debug, Default)]
struct Scratch {
    found: Vec<(Token, Option<(Place, Key)>)>,
    pairs: Vec<Query>,
}

impl<'c> Labeller<'c> {
    pub(super) fn new(classifier: &'c Classifier, cache_tokens: usize) -> Self {
        let labels = classifier.schema().len();
        let fast = classifier.parts.features.is_additive() && labels <= INLINE_LABELS;
        Self {
            classifier,
            cache: fast.then(|| TokenCache::new(cache_tokens)),
            term: Term::default(),
            scratch: Scratch::default(),
            ngrams: Vec::new(),
            columns: Vec::new(),
            probabilities: vec![0.0; labels],
            start: classifier.pairs.stem(crate::features::SENTENCE_START),
            end: classifier.pairs.stem(crate::features::SENTENCE_END),
        }
    }

    /// The classifier it labels with.
    pub fn classifier(&self) -> &'c Classifier {
        self.classifier
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
        let classifier = self.classifier;
        let Some(mut cache) = self.cache.take() else {
            let logits = score::plain_logits(classifier, sentence);
            self.probabilities.copy_from_slice(&logits);
            return;
        };
        let (sums, terms) = self.add_up(sentence, &mut cache);
        self.cache = Some(cache);
        let logits = score::additive_logits(&classifier.parts, &sums, terms);
        for (out, logit) in self.probabilities.iter_mut().zip(logits) {
            *out = logit;
        }
    }

    /// The summed weights of all features of a sentence, and its number of terms.
    ///
    /// Token after token, each look-up would wait for memory. So all tokens are found first, then all their places
    /// are fetched, then used; and the same for pairs.
    fn add_up(&mut self, sentence: &str, cache: &mut TokenCache) -> ([i64; INLINE_LABELS], u32) {
        let mut sums = [0i64; INLINE_LABELS];
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.found.clear();
        scratch.pairs.clear();
        let keyed = tokenize(sentence).map(|token| {
            let key = TokenCache::key(sentence.as_bytes(), token.span.start, token.span.end);
            (token, key.map(|key| (cache.place(&key), key)))
        });
        scratch.found.extend(keyed);
        cache.touch(scratch.found.iter().filter_map(|(_, key)| key.map(|(at, _)| at)));
        let mut terms = 0;
        let mut previous = self.start;
        for (token, key) in &scratch.found {
            let entry = self.contribution(token, key.as_ref(), sentence, cache);
            if entry.terms > 0 {
                sums.iter_mut().zip(entry.sums).for_each(|(sum, part)| *sum += part);
                scratch.pairs.extend(self.classifier.pairs.query(previous, entry.stem));
                previous = entry.stem;
                terms += 1;
            }
        }
        if terms > 0 {
            scratch.pairs.extend(self.classifier.pairs.query(previous, self.end));
        }
        self.add_pairs(&mut sums, &scratch.pairs);
        scratch.found.shrink_to(KEPT_TOKENS);
        scratch.pairs.shrink_to(KEPT_TOKENS);
        self.scratch = scratch;
        (sums, terms)
    }

    /// What a token contributes: known, or found out now.
    #[inline]
    fn contribution(
        &mut self,
        token: &Token,
        key: Option<&(Place, Key)>,
        sentence: &str,
        cache: &mut TokenCache,
    ) -> Contribution {
        if let Some((at, key)) = key
            && let Some(entry) = cache.get(*at, key)
        {
            return Contribution {
                sums: entry.sums.map(i64::from),
                stem: entry.stem,
                terms: entry.terms,
            };
        }
        let found = self.compute(token.kind, token.span.of(sentence));
        if let Some((at, key)) = key {
            // A token that is short enough to be kept has too few n-grams for 32 bits to overflow.
            let sums = found.sums.map(|sum| sum as i32);
            cache.put(
                *at,
                key,
                TokenEntry {
                    sums,
                    stem: found.stem,
                    terms: found.terms,
                },
            );
        }
        found
    }

    fn add_pairs(&self, sums: &mut [i64; INLINE_LABELS], pairs: &[Query]) {
        let table = self.classifier.pairs.table();
        table.touch(pairs);
        for column in pairs.iter().filter_map(|&pair| table.column(pair)) {
            for (sum, &code) in sums.iter_mut().zip(self.classifier.parts.weights.column(column)) {
                *sum += i64::from(code);
            }
        }
    }

    /// What a token contributes by itself.
    fn compute(&mut self, kind: TokenKind, raw: &str) -> Contribution {
        let classifier = self.classifier;
        let mut entry = Contribution {
            sums: [0; INLINE_LABELS],
            stem: NO_STEM,
            terms: 0,
        };
        if !classifier.analyzer.analyze(kind, raw, &mut self.term) {
            return entry;
        }
        let parts = &classifier.parts;
        let stem = classifier.pairs.stem(&self.term.stem);
        self.columns.clear();
        let (word, columns) = (&self.term, &mut self.columns);
        let by_number = word.is_word
            && classifier
                .ngrams
                .as_ref()
                .is_some_and(|ngrams| ngrams.columns(&word.normal, &mut self.ngrams, columns));
        if by_number {
            columns.extend(classifier.pairs.stem_column(stem));
        } else {
            classifier
                .analyzer
                .term_features(&mut self.term, |key| columns.extend(parts.vocabulary.column(key)));
        }
        for &column in columns.iter() {
            for (sum, &code) in entry.sums.iter_mut().zip(parts.weights.column(column)) {
                *sum += i64::from(code);
            }
        }
        entry.stem = stem;
        entry.terms = 1;
        entry
    }
}
