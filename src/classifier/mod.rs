//! The fitted classifier: from a sentence to calibrated probabilities, labels and reasons.
//!
//! Enters: extractor settings, vocabulary, weights, calibration, thresholds ([`ClassifierParts`]). Leaves:
//! [`Prediction`]s and [`Explanation`]s. A [`Classifier`] is immutable and shared by threads; each thread labels
//! through a [`Labeller`] of its own. Must not know: how it was trained, the command line.

mod alphabet;
mod cache;
mod deferred;
mod explain;
mod fast;
mod heaviest;
mod info;
mod labeller;
mod measure;
mod ngrams;
mod number_table;
mod packer;
mod pairs;
mod pool;
mod prefetch;
mod score;
mod token_key;

use std::sync::Arc;

use crate::error::Error;
use crate::features::{Analyzer, FeatureParams, Norm, Vocabulary};
use crate::label::{LabelSchema, LabelSet};
use crate::linear::{Platt, QuantizedWeights};

use cache::TokenCache;
use deferred::Deferred;
pub use explain::{Evidence, Explanation, LabelExplanation};
use fast::FastIndex;
pub use heaviest::WeightedFeature;
pub use info::{LabelFit, ModelInfo, Update};
pub use labeller::{DEFAULT_CACHE_TOKENS, Labeller};
pub use pool::{LabellerPool, MAX_THREADS, Stop, thread_count};

/// No parameter of a trained model comes near this.
const LARGEST_NUMBER: f64 = 1e9;
/// The most labels that the fast path holds side by side.
const INLINE_LABELS: usize = 4;

/// The fixed-point weights of a column, padded with zeros.
type WeightRow = [i16; INLINE_LABELS];
/// Sums of such weights.
type Sums = [i64; INLINE_LABELS];

#[inline]
fn add_row(sums: &mut Sums, row: &WeightRow) {
    sums.iter_mut()
        .zip(row)
        .for_each(|(sum, &code)| *sum += i64::from(code));
}

/// Everything that a classifier consists of, as it is trained and stored.
#[derive(Debug, Clone)]
pub struct ClassifierParts {
    /// The labels.
    pub schema: LabelSchema,
    /// Settings of the features.
    pub features: FeatureParams,
    /// Names of the columns.
    pub vocabulary: Vocabulary,
    /// Weights of the columns, idf folded in, so that they apply to weighted counts.
    pub weights: QuantizedWeights,
    /// Inverse document frequency of the columns; only where the vectors are divided by their Euclidean length.
    pub idf: Option<Vec<f32>>,
    /// One for each label.
    pub intercepts: Vec<f64>,
    /// One for each label.
    pub calibration: Vec<Platt>,
    /// For each label the probability from which on it is given, in [0, 1].
    pub thresholds: Vec<f64>,
    /// What is known of its training.
    pub info: ModelInfo,
}

impl ClassifierParts {
    fn check(&self) -> Result<(), Error> {
        let wrong = |what: &str, got: usize, expected: usize| {
            Err(Error::InvalidSetting(format!("got {got} {what}, expected {expected}")))
        };
        self.features.check()?;
        let (labels, columns) = (self.schema.len(), self.vocabulary.len());
        for (what, got) in [
            ("labels of weights", self.weights.labels()),
            ("intercepts", self.intercepts.len()),
            ("calibrations", self.calibration.len()),
            ("thresholds", self.thresholds.len()),
        ] {
            if got != labels {
                return wrong(what, got, labels);
            }
        }
        if self.weights.columns() != columns {
            return wrong("columns of weights", self.weights.columns(), columns);
        }
        match &self.idf {
            Some(idf) if idf.len() != columns => return wrong("idf values", idf.len(), columns),
            None if self.features.norm == Norm::L2 => return wrong("idf values", 0, columns),
            _ => {}
        }
        let finite = |values: &[f64]| values.iter().all(|x| x.is_finite() && x.abs() < LARGEST_NUMBER);
        let slopes: Vec<f64> = self.calibration.iter().map(|p| p.slope).collect();
        let offsets: Vec<f64> = self.calibration.iter().map(|p| p.offset).collect();
        let sound = [&self.intercepts, &slopes, &offsets]
            .into_iter()
            .all(|values| finite(values))
            && finite(self.weights.scales())
            && slopes.iter().all(|&slope| slope > 0.0)
            && self.thresholds.iter().all(|t| (0.0..=1.0).contains(t))
            && self.idf.iter().flatten().all(|idf| idf.is_finite());
        if !sound {
            return Err(Error::InvalidSetting(
                "an intercept, scale, threshold, idf or calibration is out of range".into(),
            ));
        }
        Ok(())
    }
}

/// A fitted classifier.
///
/// ```
/// let classifier = bayan::Classifier::shipped();
/// let prediction = classifier.predict("ونفى المتحدث باسم الوزارة صحة هذه الأنباء.");
/// assert_eq!(classifier.schema().names_of(prediction.labels).collect::<Vec<_>>(), ["denial"]);
/// ```
#[derive(Debug)]
pub struct Classifier {
    parts: ClassifierParts,
    analyzer: Analyzer,
    /// `None` where the model is not additive, or has more labels than a row of the index holds.
    fast: Option<Deferred>,
    /// What the labellers have learned of words; it depends on the parts and on nothing else.
    cache: Arc<TokenCache>,
}

/// What a classifier says of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// For each label its calibrated probability, in [0, 1].
    pub probabilities: Vec<f64>,
    /// The labels whose probability reaches the threshold.
    pub labels: LabelSet,
}

impl Classifier {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] if they do not fit together.
    pub fn from_parts(parts: ClassifierParts) -> Result<Self, Error> {
        parts.check()?;
        let analyzer = Analyzer::new(parts.features.clone());
        let fast = FastIndex::suits(&parts).then(|| Deferred::new(parts.vocabulary.len()));
        let cache = Arc::new(TokenCache::new(DEFAULT_CACHE_TOKENS));
        Ok(Self {
            parts,
            analyzer,
            fast,
            cache,
        })
    }

    /// The parts, to be stored.
    pub fn parts(&self) -> &ClassifierParts {
        &self.parts
    }

    /// The labels.
    pub fn schema(&self) -> &LabelSchema {
        &self.parts.schema
    }

    /// For each label the probability from which on it is given.
    pub fn thresholds(&self) -> &[f64] {
        &self.parts.thresholds
    }

    /// What is known of its training.
    pub fn info(&self) -> &ModelInfo {
        &self.parts.info
    }

    /// Replaces the threshold of a label.
    ///
    /// # Errors
    /// If the label is unknown, or the threshold is not in [0, 1].
    pub fn set_threshold(&mut self, label: &str, threshold: f64) -> Result<(), Error> {
        if !(0.0..=1.0).contains(&threshold) {
            return Err(Error::InvalidSetting(format!(
                "threshold {threshold} of {label}; expected 0 to 1"
            )));
        }
        let known = self.parts.schema.names().join(", ");
        let Some(position) = self.parts.schema.position(label) else {
            return Err(Error::UnknownLabel {
                label: label.into(),
                known,
            });
        };
        self.parts.thresholds[position] = threshold;
        Ok(())
    }

    /// Makes the index that labelling many sentences uses, unless it is there already. Without this call, about the first 8 KiB
    /// or thirty sentences are labelled without, and then whoever labels waits some milliseconds for it. So a server calls
    /// this before the first request, and a program whose threads label calls it before it forks.
    ///
    /// Only additive models of at most four labels have that index (the default settings give such a model); others look
    /// features up in a hash table, which is made with the first sentence.
    pub fn prepare(&self) {
        if let Some(fast) = &self.fast {
            fast.make(&self.parts);
        }
    }

    /// A labeller with scratch of its own, to be kept and reused by one thread.
    pub fn labeller(&self) -> Labeller<'_> {
        Labeller::new(self)
    }

    /// A labeller that shares nothing and remembers about `tokens` tokens, 32 bytes each. The results are the same, the
    /// speed is not.
    pub fn labeller_with_cache(&self, tokens: usize) -> Labeller<'_> {
        Labeller::with_own_cache(self, tokens)
    }

    /// Labels one sentence by the straightforward way, which makes a hash table of all features at its first call. For many
    /// sentences, and where the first is to come soon, keep a [`Labeller`].
    pub fn predict(&self, sentence: &str) -> Prediction {
        let logits = score::plain_logits(self, sentence);
        let probabilities: Vec<f64> = logits
            .iter()
            .zip(&self.parts.calibration)
            .map(|(&l, p)| p.probability(l))
            .collect();
        let labels = self.decide(&probabilities);
        Prediction { probabilities, labels }
    }

    /// The logits of one sentence, before calibration (scikit-learn: `decision_function`).
    pub fn decision_function(&self, sentence: &str) -> Vec<f64> {
        score::plain_logits(self, sentence)
    }

    /// The same classifier with other thresholds for the labels named in `thresholds`.
    ///
    /// # Errors
    /// As [`Classifier::set_threshold`].
    pub fn with_thresholds<S: AsRef<str>>(
        &self,
        thresholds: impl IntoIterator<Item = (S, f64)>,
    ) -> Result<Self, Error> {
        let mut changed = Self::from_parts(self.parts.clone())?;
        for (label, threshold) in thresholds {
            changed.set_threshold(label.as_ref(), threshold)?;
        }
        Ok(changed)
    }

    /// The labels whose probability reaches its threshold.
    fn decide(&self, probabilities: &[f64]) -> LabelSet {
        let pairs = probabilities.iter().zip(&self.parts.thresholds).enumerate();
        pairs.fold(
            LabelSet::default(),
            |set, (i, (p, t))| if p >= t { set.with(i) } else { set },
        )
    }
}
