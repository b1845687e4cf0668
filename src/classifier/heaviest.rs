//! What a classifier has learnt: the features with the largest weights.

use super::Classifier;

/// A feature key and its weight for a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedFeature<'c> {
    /// The key; [`ReadableFeature`](crate::features::ReadableFeature) reads it.
    pub key: &'c str,
    /// What one occurrence adds to the logit, before the division by the sentence's norm. Idf is in it.
    pub weight: f64,
}

impl Classifier {
    /// The `count` features that speak most for a label (`positive`) or against it, the heaviest first, equal ones by
    /// key. Features without weight are left out.
    ///
    /// # Panics
    /// If `label` is not below the number of labels.
    pub fn heaviest_features(&self, label: usize, positive: bool, count: usize) -> Vec<WeightedFeature<'_>> {
        let parts = &self.parts;
        let sign = if positive { 1.0 } else { -1.0 };
        let mut columns: Vec<(u32, f64)> = (0..parts.vocabulary.len() as u32)
            .map(|column| (column, parts.weights.weight(column, label)))
            .filter(|(_, weight)| sign * weight > 0.0)
            .collect();
        let heavier = |a: &(u32, f64), b: &(u32, f64)| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0));
        if columns.len() > count && count > 0 {
            columns.select_nth_unstable_by(count - 1, heavier);
        }
        columns.truncate(count);
        columns.sort_unstable_by(heavier);
        columns
            .into_iter()
            .map(|(column, weight)| WeightedFeature {
                key: parts.vocabulary.key(column),
                weight,
            })
            .collect()
    }
}
