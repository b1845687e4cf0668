//! Logits by the straightforward way: count every feature of the sentence, look each up, add. Features are looked up in an index
//! of the vocabulary, or all at once by a pass over it.
//!
//! The fast path of [`super::Labeller`] gives the same numbers, bit for bit, and is tested against this one.

use std::collections::BTreeMap;

use super::{Classifier, ClassifierParts};
use crate::features::Norm;

/// How often each column occurs in a sentence.
type ColumnCounts = BTreeMap<u32, u32>;

/// The logits of a sentence.
pub(super) fn plain_logits(classifier: &Classifier, sentence: &str) -> Vec<f64> {
    let parts = &classifier.parts;
    let mut counts = ColumnCounts::new();
    let terms = classifier.analyzer.features(sentence, |key, _| {
        if let Some(column) = parts.vocabulary.column(key) {
            *counts.entry(column).or_default() += 1;
        }
    });
    logits(parts, &counts, terms)
}

/// The same without any index of the vocabulary: by one pass over it.
pub(super) fn logits_without_index(classifier: &Classifier, sentence: &str) -> Vec<f64> {
    let parts = &classifier.parts;
    // All keys one behind the other, and where each ends.
    let (mut text, mut ends) = (String::new(), vec![0]);
    let terms = classifier.analyzer.features(sentence, |key, _| {
        text.push_str(key);
        ends.push(text.len());
    });
    let mut keys: Vec<&str> = ends.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect();
    keys.sort_unstable();
    let same = keys.chunk_by(|a, b| a == b);
    let (distinct, occurrences): (Vec<&str>, Vec<u32>) = same.map(|same| (same[0], same.len() as u32)).unzip();
    let mut counts = ColumnCounts::new();
    parts.vocabulary.join(&distinct, |position, column| {
        counts.insert(column, occurrences[position]);
    });
    logits(parts, &counts, terms)
}

fn logits(parts: &ClassifierParts, counts: &ColumnCounts, terms: u32) -> Vec<f64> {
    if parts.features.is_additive() {
        let mut sums = vec![0i64; parts.schema.len()];
        for (&column, &count) in counts {
            for (sum, code) in sums.iter_mut().zip(parts.weights.column(column)) {
                *sum += i64::from(code) * i64::from(count);
            }
        }
        return additive_logits(parts, &sums, terms).collect();
    }
    weighted_logits(parts, counts, terms)
}

/// The logits of an additive model from the sums of its fixed-point weights.
#[inline]
pub(super) fn additive_logits<'a>(
    parts: &'a ClassifierParts,
    sums: &'a [i64],
    terms: u32,
) -> impl Iterator<Item = f64> + 'a {
    let divisor = divisor(parts.features.norm, terms, 0.0);
    let scaled = sums
        .iter()
        .zip(parts.weights.scales())
        .map(move |(&sum, &scale)| sum as f64 * scale / divisor);
    scaled
        .zip(&parts.intercepts)
        .map(|(logit, &intercept)| logit + intercept)
}

/// The logits of any other model.
fn weighted_logits(parts: &ClassifierParts, counts: &ColumnCounts, terms: u32) -> Vec<f64> {
    let mut logits = vec![0f64; parts.schema.len()];
    let mut squares = 0f64;
    for (&column, &count) in counts {
        let value = f64::from(parts.features.term_frequency.weight(count));
        if let Some(idf) = &parts.idf {
            let weighted = value * f64::from(idf[column as usize]);
            squares += weighted * weighted;
        }
        for (label, logit) in logits.iter_mut().enumerate() {
            *logit += value * parts.weights.weight(column, label);
        }
    }
    let divisor = divisor(parts.features.norm, terms, squares);
    for (logit, intercept) in logits.iter_mut().zip(&parts.intercepts) {
        *logit = *logit / divisor + intercept;
    }
    logits
}

/// By what a sentence's vector is divided; 1 for a sentence without terms.
#[inline]
fn divisor(norm: Norm, terms: u32, squares: f64) -> f64 {
    let divisor = match norm {
        Norm::None => 1.0,
        Norm::L2 => squares.sqrt(),
        Norm::SqrtLength => f64::from(terms).sqrt(),
    };
    if divisor > 0.0 { divisor } else { 1.0 }
}

impl ClassifierParts {
    /// The divisor of a sentence with so many occurrences of each column and so many terms: what a feature contributes to a
    /// logit is weight times value over this. Positive.
    pub fn divisor(&self, counts: &BTreeMap<u32, u32>, terms: u32) -> f64 {
        let squares = self.idf.as_ref().map_or(0.0, |idf| {
            let values = counts.iter().map(|(&column, &count)| {
                f64::from(self.features.term_frequency.weight(count)) * f64::from(idf[column as usize])
            });
            values.map(|v| v * v).sum()
        });
        divisor(self.features.norm, terms, squares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static SHIPPED: LazyLock<Classifier> = LazyLock::new(Classifier::shipped);

    proptest! {
        #[test]
        fn the_same_logits_without_an_index(
            text in prop_oneof![any::<String>(), "([ونفىقالهددأعلنت]{1,7}[ ،.«»\"!؟0-9\u{64B}\u{640}]{0,2}){0,60}"],
        ) {
            prop_assert_eq!(logits_without_index(&SHIPPED, &text), plain_logits(&SHIPPED, &text));
        }
    }
}
