//! Features as people read them.

use super::analyzer::{FeatureKind, SENTENCE_END, SENTENCE_START};

/// Where a feature stands in a word or a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Anywhere.
    Anywhere,
    /// A bigram with the start of the sentence: the first stem.
    SentenceStart,
    /// A bigram with the end of the sentence: the last stem.
    SentenceEnd,
    /// An n-gram that begins a word.
    WordStart,
    /// An n-gram that ends a word.
    WordEnd,
    /// An n-gram that is a whole word.
    WholeWord,
}

impl Position {
    /// What the position is called in output; empty for [`Position::Anywhere`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Anywhere => "",
            Self::SentenceStart => "start of sentence",
            Self::SentenceEnd => "end of sentence",
            Self::WordStart => "start of word",
            Self::WordEnd => "end of word",
            Self::WholeWord => "whole word",
        }
    }
}

/// A feature without the signs that its key uses for borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadableFeature<'k> {
    /// Its kind.
    pub kind: FeatureKind,
    /// The stem, the stems, or the characters. `0` stands for any number.
    pub text: &'k str,
    /// Where it stands.
    pub position: Position,
}

impl<'k> ReadableFeature<'k> {
    /// Reads a feature key (see [`super::Analyzer`]); `None` if it is none.
    ///
    /// ```
    /// use bayan::features::{Position, ReadableFeature};
    /// let feature = ReadableFeature::from_key("c<نف").unwrap();
    /// assert_eq!((feature.text, feature.position), ("نف", Position::WordStart));
    /// ```
    pub fn from_key(key: &'k str) -> Option<Self> {
        FeatureKind::split(key).map(|(kind, content)| Self::new(kind, content))
    }

    /// Reads the content of a feature.
    pub fn new(kind: FeatureKind, content: &'k str) -> Self {
        let (text, position) = match kind {
            FeatureKind::Word => (content, Position::Anywhere),
            FeatureKind::Bigram => bigram(content),
            FeatureKind::CharNgram => ngram(content),
        };
        Self { kind, text, position }
    }
}

fn bigram(content: &str) -> (&str, Position) {
    match content.split_once(' ') {
        Some((SENTENCE_START, stem)) => (stem, Position::SentenceStart),
        Some((stem, SENTENCE_END)) => (stem, Position::SentenceEnd),
        _ => (content, Position::Anywhere),
    }
}

fn ngram(content: &str) -> (&str, Position) {
    match (content.strip_prefix('<'), content.strip_suffix('>')) {
        (Some(inner), Some(_)) => (inner.strip_suffix('>').unwrap_or(inner), Position::WholeWord),
        (Some(inner), None) => (inner, Position::WordStart),
        (None, Some(inner)) => (inner, Position::WordEnd),
        (None, None) => (content, Position::Anywhere),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_become_positions() {
        for (key, kind, text, position) in [
            ("wنفي", FeatureKind::Word, "نفي", Position::Anywhere),
            ("bنفي صح", FeatureKind::Bigram, "نفي صح", Position::Anywhere),
            ("b^ نفي", FeatureKind::Bigram, "نفي", Position::SentenceStart),
            ("b0 $", FeatureKind::Bigram, "0", Position::SentenceEnd),
            ("cنف", FeatureKind::CharNgram, "نف", Position::Anywhere),
            ("c<نف", FeatureKind::CharNgram, "نف", Position::WordStart),
            ("cفي>", FeatureKind::CharNgram, "في", Position::WordEnd),
            ("c<في>", FeatureKind::CharNgram, "في", Position::WholeWord),
        ] {
            assert_eq!(
                ReadableFeature::from_key(key),
                Some(ReadableFeature { kind, text, position }),
                "{key}"
            );
        }
        assert_eq!(ReadableFeature::from_key("xyz"), None);
    }
}
