//! Why a sentence got its labels: the contribution of each feature to each logit.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Classifier, Prediction};
use crate::document::Span;
use crate::features::FeatureKind;

/// A feature that occurs in the sentence, and what it adds to a logit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// The feature's content: a stem, two stems, or an n-gram with `<` and `>` for the word's borders.
    pub feature: String,
    /// `word`, `bigram` or `char n-gram`.
    pub kind: &'static str,
    /// What it adds to the logit, all its occurrences together.
    pub contribution: f64,
    /// The words it comes from, in the original text.
    pub spans: Vec<Span>,
}

/// The reasons for one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelExplanation {
    /// Name of the label.
    pub label: String,
    /// Calibrated probability.
    pub probability: f64,
    /// The probability from which on the label is given.
    pub threshold: f64,
    /// Logit before calibration: intercept plus all contributions.
    pub logit: f64,
    /// What a sentence without any known feature would get.
    pub intercept: f64,
    /// Features by descending size of their contribution.
    pub evidence: Vec<Evidence>,
    /// What each word adds by all features that it takes part in (a bigram counts half to each of its words), in
    /// the order of the text.
    pub words: Vec<(Span, f64)>,
}

/// Words that add at least this part of the strongest word's share stand out.
const SALIENT_SHARE: f64 = 0.25;

impl LabelExplanation {
    /// The words that speak most for the label (above 0) or against it (below 0), in the order of the text: those that
    /// add at least a quarter of what the strongest one adds.
    pub fn salient_words(&self) -> impl Iterator<Item = (Span, f64)> {
        let strongest = self.words.iter().fold(0.0f64, |m, (_, share)| m.max(share.abs()));
        self.words
            .iter()
            .copied()
            .filter(move |(_, share)| *share != 0.0 && share.abs() >= SALIENT_SHARE * strongest)
    }
}

/// A prediction with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What [`Classifier::predict`] says.
    pub prediction: Prediction,
    /// One for each label, in the order of the schema.
    pub labels: Vec<LabelExplanation>,
}

impl Classifier {
    /// Explains the prediction for a sentence, for every label. The contributions and the intercept of a label
    /// add up to its logit.
    pub fn explain(&self, sentence: &str) -> Explanation {
        let mut places: BTreeMap<u32, Vec<Span>> = BTreeMap::new();
        let terms = self.analyzer.features(sentence, |key, span| {
            if let Some(column) = self.parts.vocabulary.column(key) {
                places.entry(column).or_default().push(span);
            }
        });
        let counts = places
            .iter()
            .map(|(&column, spans)| (column, spans.len() as u32))
            .collect();
        let divisor = self.parts.divisor(&counts, terms);
        let prediction = self.predict(sentence);
        let logits = self.decision_function(sentence);
        let labels = (0..self.schema().len())
            .map(|label| {
                let evidence = self.evidence(&places, divisor, label);
                LabelExplanation {
                    label: self.schema().names()[label].clone(),
                    probability: prediction.probabilities[label],
                    threshold: self.parts.thresholds[label],
                    logit: logits[label],
                    intercept: self.parts.intercepts[label],
                    words: by_word(sentence, &evidence),
                    evidence,
                }
            })
            .collect();
        Explanation { prediction, labels }
    }

    fn evidence(&self, places: &BTreeMap<u32, Vec<Span>>, divisor: f64, label: usize) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = places
            .iter()
            .filter_map(|(&column, spans)| {
                let value = f64::from(self.parts.features.term_frequency.weight(spans.len() as u32));
                let (kind, content) = FeatureKind::split(self.parts.vocabulary.key(column))?;
                Some(Evidence {
                    feature: content.to_owned(),
                    kind: kind.name(),
                    contribution: value * self.parts.weights.weight(column, label) / divisor,
                    spans: spans.clone(),
                })
            })
            .filter(|e| e.contribution != 0.0)
            .collect();
        evidence.sort_by(|a, b| {
            b.contribution
                .abs()
                .total_cmp(&a.contribution.abs())
                .then_with(|| a.feature.cmp(&b.feature))
        });
        evidence
    }
}

/// Spreads the contribution of each feature over the words it comes from.
fn by_word(sentence: &str, evidence: &[Evidence]) -> Vec<(Span, f64)> {
    let mut words: BTreeMap<Span, f64> = BTreeMap::new();
    for e in evidence {
        let share = e.contribution / e.spans.len() as f64;
        for &span in &e.spans {
            let inside: Vec<Span> = crate::text::tokenize(span.of(sentence))
                .map(|t| t.span.shifted(span.start))
                .collect();
            let (Some(&first), Some(&last)) = (inside.first(), inside.last()) else {
                continue;
            };
            if first == last {
                *words.entry(first).or_default() += share;
            } else {
                *words.entry(first).or_default() += share / 2.0;
                *words.entry(last).or_default() += share / 2.0;
            }
        }
    }
    words.into_iter().collect()
}
