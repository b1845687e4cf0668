//! Settings of feature extraction. Part of the model.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::text::{Language, Normalization};

/// Inclusive range of n-gram lengths, in characters, word boundaries included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NgramRange {
    /// Shortest n-gram, at least 1.
    pub min: usize,
    /// Longest n-gram, at most [`NgramRange::LONGEST`].
    pub max: usize,
}

impl NgramRange {
    /// The largest length that can be asked for.
    pub const LONGEST: usize = 8;
}

/// How the count of a feature in a sentence enters its value (scikit-learn: `binary`, `sublinear_tf`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TermFrequency {
    /// The count itself.
    Count,
    /// 1 if the feature occurs at all.
    Binary,
    /// 1 + ln(count).
    Sublinear,
}

impl TermFrequency {
    /// The value of a count of at least 1.
    #[inline]
    pub fn weight(self, count: u32) -> f32 {
        match self {
            Self::Count => count as f32,
            Self::Binary => 1.0,
            Self::Sublinear => 1.0 + libm::logf(count as f32),
        }
    }
}

/// By what a sentence's vector is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Nothing.
    None,
    /// Its Euclidean length, as in scikit-learn's `TfidfTransformer`.
    L2,
    /// The square root of the number of tokens. Nearly as good a normaliser as [`Norm::L2`], and unlike it
    /// independent of which features a token shares with others: the logit stays a sum over tokens.
    SqrtLength,
}

/// Settings of feature extraction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureParams {
    /// Language of the stemmer. Default: Arabic.
    pub language: Language,
    /// Which spelling variants are folded. Default: all.
    pub normalization: Normalization,
    /// Whether stems are features. Default: true.
    pub words: bool,
    /// Whether pairs of neighbouring stems, and the first and last stem as such, are features. Default: true.
    pub bigrams: bool,
    /// Lengths of the character n-grams within words, or none. Default: 2 to 5.
    pub char_ngrams: Option<NgramRange>,
    /// Whether quotation marks, `:`, `؟`, `!` and ellipses are tokens too. Default: false.
    pub punctuation: bool,
    /// In how many training sentences a feature must occur at least. Default: 2.
    pub min_df: u32,
    /// Whether values are multiplied by the smoothed inverse document frequency ln((1+n)/(1+df))+1. Default: true.
    pub idf: bool,
    /// Weighting of counts. Default: [`TermFrequency::Count`].
    pub term_frequency: TermFrequency,
    /// Normalisation of a sentence's vector. Default: [`Norm::SqrtLength`].
    pub norm: Norm,
}

impl Default for FeatureParams {
    fn default() -> Self {
        Self {
            language: Language::Arabic,
            normalization: Normalization::default(),
            words: true,
            bigrams: true,
            char_ngrams: Some(NgramRange { min: 2, max: 5 }),
            punctuation: false,
            min_df: 2,
            idf: true,
            term_frequency: TermFrequency::Count,
            norm: Norm::SqrtLength,
        }
    }
}

impl FeatureParams {
    /// Whether the logit of a sentence is a sum over its tokens and token pairs, up to a factor by its length.
    /// Then what each distinct token contributes can be computed once and reused.
    pub fn is_additive(&self) -> bool {
        self.term_frequency == TermFrequency::Count && self.norm != Norm::L2
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] that names the setting and its value.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(NgramRange { min, max }) = self.char_ngrams
            && !(1 <= min && min <= max && max <= NgramRange::LONGEST)
        {
            return Err(Error::InvalidSetting(format!(
                "character n-grams of {min} to {max}; expected 1 <= min <= max <= {}",
                NgramRange::LONGEST
            )));
        }
        if !self.words && !self.bigrams && self.char_ngrams.is_none() {
            return Err(Error::InvalidSetting(
                "no features are left: words, bigrams and n-grams are all off".into(),
            ));
        }
        if self.min_df == 0 {
            return Err(Error::InvalidSetting("min_df is 0; expected at least 1".into()));
        }
        Ok(())
    }
}
