//! The fast path: one look-up a token.
//!
//! For an additive model (see [`crate::features::FeatureParams::is_additive`]) the weights of a token's own
//! features are summed once and kept by the token's bytes; a sentence then costs one look-up for each token and
//! one for each pair of neighbours. Fixed-point sums make the result equal to the straightforward one, bit for bit.

use super::cache::{Found, TokenCache};
use super::pairs::NO_STEM;
use super::{Classifier, score};
use crate::features::Term;
use crate::label::LabelSet;
use crate::text::{Token, tokenize};

/// Labels sentences one after another, reusing its scratch. One for each thread; made by [`Classifier::labeller`].
#[derive(Debug)]
pub struct Labeller<'c> {
    classifier: &'c Classifier,
    /// `None` where the model is not additive.
    cache: Option<TokenCache>,
    term: Term,
    token_sums: Vec<i32>,
    sums: Vec<i64>,
    probabilities: Vec<f64>,
    start: u32,
    end: u32,
}

impl<'c> Labeller<'c> {
    pub(super) fn new(classifier: &'c Classifier) -> Self {
        let labels = classifier.schema().len();
        let additive = classifier.parts.features.is_additive();
        Self {
            classifier,
            cache: additive.then(|| TokenCache::new(labels)),
            term: Term::default(),
            token_sums: vec![0; labels],
            sums: vec![0; labels],
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
        self.logits_into_probabilities(sentence);
        for (p, platt) in self.probabilities.iter_mut().zip(&self.classifier.parts.calibration) {
            *p = platt.probability(*p);
        }
        (self.classifier.decide(&self.probabilities), &self.probabilities)
    }

    /// The logits of a sentence, before calibration.
    pub fn decision_function(&mut self, sentence: &str) -> &[f64] {
        self.logits_into_probabilities(sentence);
        &self.probabilities
    }

    fn logits_into_probabilities(&mut self, sentence: &str) {
        let classifier = self.classifier;
        let Some(mut cache) = self.cache.take() else {
            let logits = score::plain_logits(classifier, sentence);
            self.probabilities.copy_from_slice(&logits);
            return;
        };
        let terms = self.add_up(sentence, &mut cache);
        self.cache = Some(cache);
        for (out, logit) in
            self.probabilities
                .iter_mut()
                .zip(score::additive_logits(&classifier.parts, &self.sums, terms))
        {
            *out = logit;
        }
    }

    /// Sums the weights of all features of a sentence; returns its number of terms.
    fn add_up(&mut self, sentence: &str, cache: &mut TokenCache) -> u32 {
        self.sums.fill(0);
        let mut terms = 0;
        let mut previous = self.start;
        for Token { kind, span } in tokenize(sentence) {
            let raw = span.of(sentence);
            let (is_term, stem) = match cache.find(raw.as_bytes()) {
                Found::Hit(at) => {
                    let (is_term, stem, sums) = cache.get(at);
                    add(&mut self.sums, sums);
                    (is_term, stem)
                }
                found => {
                    let (is_term, stem) = self.compute(kind, raw);
                    if let Found::Miss(at) = found {
                        cache.put(at, raw.as_bytes(), is_term, stem, &self.token_sums);
                    }
                    add(&mut self.sums, &self.token_sums);
                    (is_term, stem)
                }
            };
            if is_term {
                terms += 1;
                self.add_pair(previous, stem);
                previous = stem;
            }
        }
        if terms > 0 {
            self.add_pair(previous, self.end);
        }
        terms
    }

    #[inline]
    fn add_pair(&mut self, left: u32, right: u32) {
        if let Some(column) = self.classifier.pairs.column(left, right) {
            for (sum, &code) in self.sums.iter_mut().zip(self.classifier.parts.weights.column(column)) {
                *sum += i64::from(code);
            }
        }
    }

    /// Sums the weights of a token's own features into `token_sums`; whether it is a term, and its stem's number.
    fn compute(&mut self, kind: crate::text::TokenKind, raw: &str) -> (bool, u32) {
        self.token_sums.fill(0);
        let classifier = self.classifier;
        if !classifier.analyzer.analyze(kind, raw, &mut self.term) {
            return (false, NO_STEM);
        }
        let (parts, sums) = (&classifier.parts, &mut self.token_sums);
        classifier.analyzer.term_features(&mut self.term, |key| {
            if let Some(column) = parts.vocabulary.column(key) {
                for (sum, &code) in sums.iter_mut().zip(parts.weights.column(column)) {
                    *sum += i32::from(code);
                }
            }
        });
        (true, classifier.pairs.stem(&self.term.stem))
    }
}

#[inline]
fn add(sums: &mut [i64], token: &[i32]) {
    for (sum, &part) in sums.iter_mut().zip(token) {
        *sum += i64::from(part);
    }
}
