//! Paired bootstrap: how sure a difference between two models on the same sentences is.
//!
//! Enters: for each label the truths, and both models' decisions and scores. Leaves: for each metric the difference and
//! its percentile interval. Must not know: models, texts.
//!
//! B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13; paired on the same test set as in T.
//! Berg-Kirkpatrick, D. Burkett and D. Klein, "An empirical investigation of statistical significance in NLP" (2012).
//! Sentences of a topic are alike, so whole topics are drawn where there are enough of them.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::metrics::{f1, ratio};
use crate::error::Error;

/// With fewer groups than this, sentences are drawn one by one: too few groups give intervals that are too narrow.
pub const FEWEST_GROUPS: usize = 10;

/// Settings of the bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BootstrapParams {
    /// Number of resamples, at least 1. Default: 1000.
    pub samples: usize,
    /// Seed of the draws. Default: 1.
    pub seed: u64,
    /// Share of the resamples that the interval holds, in (0, 1). Default: 0.95.
    pub confidence: f64,
}

impl Default for BootstrapParams {
    fn default() -> Self {
        Self {
            samples: 1000,
            seed: 1,
            confidence: 0.95,
        }
    }
}

impl BootstrapParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] that names the setting and its value.
    pub fn check(self) -> Result<Self, Error> {
        if self.samples == 0 {
            return Err(Error::InvalidSetting("0 resamples; expected at least 1".into()));
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::InvalidSetting(format!(
                "confidence is {}; expected between 0 and 1",
                self.confidence
            )));
        }
        Ok(self)
    }
}

/// A metric of two models on the same sentences.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Of the old model.
    pub old: f64,
    /// Of the new model.
    pub new: f64,
    /// New minus old.
    pub difference: f64,
    /// Lower end of the interval of the difference.
    pub low: f64,
    /// Upper end of the interval of the difference.
    pub high: f64,
}

/// The metrics that are compared, in this order.
pub(super) const METRICS: usize = 4;
/// Precision, recall, F1, average precision.
pub(super) type Metrics = [f64; METRICS];

/// One label of one model.
pub(super) struct Scored {
    pub truths: Vec<bool>,
    pub predicted: Vec<bool>,
    pub scores: Vec<f64>,
}

/// A label of a model whose sentences are ranked once for all resamples.
struct Ranked<'s> {
    scored: &'s Scored,
    /// Sentences from the highest score down.
    order: Vec<usize>,
    /// For each place of the order whether a lower score follows.
    ends: Vec<bool>,
}

impl<'s> Ranked<'s> {
    fn new(scored: &'s Scored) -> Self {
        let scores = &scored.scores;
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let follows = |place: usize| {
            order
                .get(place + 1)
                .is_none_or(|&next| scores[next] != scores[order[place]])
        };
        let ends = (0..order.len()).map(follows).collect();
        Self { scored, order, ends }
    }

    /// The metrics where sentence i counts `times[i]` times.
    fn metrics(&self, times: &[usize]) -> Metrics {
        let (mut hits, mut predicted, mut positives) = (0, 0, 0);
        for (i, &times) in times.iter().enumerate() {
            let (truth, given) = (self.scored.truths[i], self.scored.predicted[i]);
            hits += times * usize::from(truth && given);
            predicted += times * usize::from(given);
            positives += times * usize::from(truth);
        }
        let precision = self.average_precision(times, positives);
        [
            ratio(hits, predicted),
            ratio(hits, positives),
            f1(hits, predicted, positives),
            precision,
        ]
    }

    /// As [`super::average_precision`], where each sentence occurs once.
    fn average_precision(&self, times: &[usize], positives: usize) -> f64 {
        let (mut sum, mut seen, mut hits, mut taken) = (0.0, 0, 0, 0);
        for (&i, &end) in self.order.iter().zip(&self.ends) {
            taken += times[i];
            hits += times[i] * usize::from(self.scored.truths[i]);
            if end && hits > seen {
                sum += (hits - seen) as f64 * hits as f64 / taken as f64;
                seen = hits;
            }
        }
        if positives == 0 { 0.0 } else { sum / positives as f64 }
    }
}

/// For each label, then for their mean, the differences of the metrics. `groups` holds for each sentence what is drawn
/// together; see [`drawn_units`].
pub(super) fn differences(
    old: &[Scored],
    new: &[Scored],
    groups: &[usize],
    params: BootstrapParams,
) -> Vec<[Difference; METRICS]> {
    let models = [old, new].map(|labels| labels.iter().map(Ranked::new).collect::<Vec<_>>());
    let measure = |times: &[usize]| models.each_ref().map(|labels| with_mean(labels, times));
    let observed = measure(&vec![1; groups.len()]);
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(params.seed);
    let rows = observed[0].len();
    let mut drawn = vec![Vec::with_capacity(params.samples); rows * METRICS];
    for _ in 0..params.samples {
        let mut of_group = vec![0usize; count];
        (0..count).for_each(|_| of_group[random.random_range(0..count)] += 1);
        let times: Vec<usize> = groups.iter().map(|&group| of_group[group]).collect();
        let [old, new] = measure(&times);
        let pairs = old.iter().flatten().zip(new.iter().flatten());
        drawn
            .iter_mut()
            .zip(pairs)
            .for_each(|(drawn, (old, new))| drawn.push(new - old));
    }
    drawn.iter_mut().for_each(|drawn| drawn.sort_by(f64::total_cmp));
    let tail = (1.0 - params.confidence) / 2.0;
    let difference = |row: usize, metric: usize| {
        let (old, new) = (observed[0][row][metric], observed[1][row][metric]);
        let drawn = &drawn[row * METRICS + metric];
        Difference {
            old,
            new,
            difference: new - old,
            low: quantile(drawn, tail),
            high: quantile(drawn, 1.0 - tail),
        }
    };
    (0..rows)
        .map(|row| std::array::from_fn(|metric| difference(row, metric)))
        .collect()
}

/// The metrics of each label, then their unweighted mean.
fn with_mean(labels: &[Ranked<'_>], times: &[usize]) -> Vec<Metrics> {
    let mut all: Vec<Metrics> = labels.iter().map(|label| label.metrics(times)).collect();
    let mean = |metric: usize| all.iter().map(|metrics| metrics[metric]).sum::<f64>() / labels.len() as f64;
    all.push(std::array::from_fn(mean));
    all
}

/// The quantile of ascending values, interpolated (numpy: `linear`).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The number of each sentence's group, counted from 0, and how many groups there are; sentences by themselves and `None`
/// where there are fewer than [`FEWEST_GROUPS`].
pub(super) fn drawn_units(groups: &[&str]) -> (Vec<usize>, Option<usize>) {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups {
        let next = numbers.len();
        numbers.entry(group).or_insert(next);
    }
    if numbers.len() < FEWEST_GROUPS || numbers.len() == groups.len() {
        return ((0..groups.len()).collect(), None);
    }
    (groups.iter().map(|group| numbers[group]).collect(), Some(numbers.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::average_precision;
    use proptest::prelude::*;

    #[test]
    fn a_case_done_by_hand() {
        // Sentence A has the label, B has not. The old model gives it to both, the new one to A only. Drawn two at a time:
        // AA in a quarter of the draws (both models F1 1), BB in a quarter (both 0), AB or BA in half (2/3 against 1).
        let scored = |predicted: [bool; 2], scores: [f64; 2]| {
            vec![Scored {
                truths: vec![true, false],
                predicted: predicted.to_vec(),
                scores: scores.to_vec(),
            }]
        };
        let (old, new) = (scored([true, true], [0.6, 0.9]), scored([true, false], [0.8, 0.1]));
        let params = |confidence| BootstrapParams {
            samples: 4000,
            seed: 3,
            confidence,
        };
        let wide = differences(&old, &new, &[0, 1], params(0.95));
        let [precision, recall, f1, average] = wide[0];
        assert!((f1.old - 2.0 / 3.0).abs() < 1e-12 && (f1.new - 1.0).abs() < 1e-12);
        assert!(f1.low.abs() < 1e-12 && (f1.high - 1.0 / 3.0).abs() < 1e-12, "{f1:?}");
        assert_eq!((recall.difference, recall.low, recall.high), (0.0, 0.0, 0.0));
        assert_eq!((precision.difference, precision.low, precision.high), (0.5, 0.0, 0.5));
        // A is ranked second by the old model: average precision 1/2 against 1.
        assert_eq!((average.old, average.new, average.high), (0.5, 1.0, 0.5));
        // Half of the draws differ: the middle of the distribution holds both values, its third quarter only 1/3.
        let narrow = differences(&old, &new, &[0, 1], params(0.1));
        assert!(narrow[0][2].low >= 0.0 && narrow[0][2].high <= 1.0 / 3.0 + 1e-12);
        let seventy = quantile(&[0.0, 0.0, 1.0, 1.0], 0.7);
        assert!((seventy - 1.0).abs() < 1e-12 && (quantile(&[0.0, 1.0], 0.25) - 0.25).abs() < 1e-12);
        // The mean over one label is that label.
        assert_eq!(wide[0], wide[1]);
        assert_eq!(wide, differences(&old, &new, &[0, 1], params(0.95)), "seeded");
        // Both sentences in one group: every draw is the sample itself.
        let grouped = differences(&old, &new, &[0, 0], params(0.95));
        assert!((grouped[0][2].low - 1.0 / 3.0).abs() < 1e-12 && (grouped[0][2].high - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_drawn_together() {
        let names: Vec<String> = (0..40).map(|i| format!("t{}", i % 12)).collect();
        let groups: Vec<&str> = names.iter().map(String::as_str).collect();
        let (numbers, count) = drawn_units(&groups);
        assert_eq!((count, numbers[0], numbers[12], numbers[13]), (Some(12), 0, 0, 1));
        assert_eq!(drawn_units(&groups[..9]).1, None, "too few groups");
        assert_eq!(drawn_units(&["a"; 30]), ((0..30).collect(), None));
    }

    proptest! {
        #[test]
        fn counting_a_sentence_twice_is_having_it_twice(
            rows in prop::collection::vec((0u8..6, any::<bool>(), any::<bool>(), 0usize..3), 1..30)
        ) {
            let scored = |repeat: bool| {
                let rows = rows.iter().flat_map(|row| std::iter::repeat_n(row, if repeat { row.3 } else { 1 }));
                let rows: Vec<_> = rows.collect();
                Scored {
                    scores: rows.iter().map(|row| f64::from(row.0)).collect(),
                    truths: rows.iter().map(|row| row.1).collect(),
                    predicted: rows.iter().map(|row| row.2).collect(),
                }
            };
            let (once, repeated) = (scored(false), scored(true));
            let times: Vec<usize> = rows.iter().map(|row| row.3).collect();
            let counted = Ranked::new(&once).metrics(&times);
            let copied = Ranked::new(&repeated).metrics(&vec![1; repeated.truths.len()]);
            for (a, b) in counted.iter().zip(&copied) {
                prop_assert!((a - b).abs() < 1e-12);
            }
            prop_assert!((copied[3] - average_precision(&repeated.scores, &repeated.truths)).abs() < 1e-12);
        }
    }
}
