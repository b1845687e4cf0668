//! The one definition of which features a text has; training, labelling and explaining all call it.
//!
//! Enters: text. Leaves: feature keys, each with the place it came from. A key is one letter for the kind
//! (`w` stem, `b` stem bigram, `c` character n-gram), then the content. Must not know: columns, weights.

use super::params::FeatureParams;
use crate::document::Span;
use crate::text::{Language, Normalizer, StemMemo, Stemmer, Token, TokenKind, tokenize};

/// The kinds of feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeatureKind {
    /// A stem.
    Word,
    /// Two neighbouring stems; `^` and `$` stand for the borders of the sentence.
    Bigram,
    /// A character n-gram of the normal form of a word; `<` and `>` stand for its borders.
    CharNgram,
}

impl FeatureKind {
    const ALL: [Self; 3] = [Self::Word, Self::Bigram, Self::CharNgram];

    /// The kind of a feature key, and its content.
    pub fn split(key: &str) -> Option<(Self, &str)> {
        let kind = Self::ALL.into_iter().find(|kind| key.starts_with(kind.prefix()))?;
        Some((kind, &key[1..]))
    }

    /// The letter that keys of this kind begin with.
    pub(crate) fn prefix(self) -> char {
        match self {
            Self::Word => 'w',
            Self::Bigram => 'b',
            Self::CharNgram => 'c',
        }
    }

    /// The kind with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What the kind is called in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Bigram => "bigram",
            Self::CharNgram => "char n-gram",
        }
    }
}

/// The stem that stands before the first token.
pub(crate) const SENTENCE_START: &str = "^";
/// The stem that stands after the last token.
pub(crate) const SENTENCE_END: &str = "$";

/// A token's normal form and stem, with room that is reused from token to token.
#[derive(Debug, Default, Clone)]
pub struct Term {
    /// Normal form; never empty after a successful [`Analyzer::analyze`].
    pub normal: String,
    /// Stem; never empty after a successful [`Analyzer::analyze`].
    pub stem: String,
    /// Whether it has character n-grams (words do; numbers and punctuation do not).
    pub is_word: bool,
    bounded: String,
    key: String,
}

/// Finds the features of texts.
#[derive(Debug)]
pub struct Analyzer {
    params: FeatureParams,
    normalizer: Normalizer,
    stemmer: Stemmer,
}

impl Analyzer {
    /// An analyzer with the given settings.
    pub fn new(params: FeatureParams) -> Self {
        Self {
            normalizer: Normalizer::new(params.normalization),
            stemmer: Stemmer::new(params.language),
            params,
        }
    }

    /// The settings it was made with.
    pub fn params(&self) -> &FeatureParams {
        &self.params
    }

    /// Normalises and stems a token (`raw` is its text). `false` if it yields no term: punctuation where that is
    /// off, or a word of nothing but marks.
    pub fn analyze(&self, kind: TokenKind, raw: &str, term: &mut Term) -> bool {
        let is_term = self.normalize(kind, raw, term);
        if is_term {
            self.stem(term);
        }
        is_term
    }

    /// The first half of [`Analyzer::analyze`]: the normal form.
    pub(crate) fn normalize(&self, kind: TokenKind, raw: &str, term: &mut Term) -> bool {
        term.normal.clear();
        term.is_word = kind == TokenKind::Word;
        match kind {
            TokenKind::Word => self.normalizer.normalize_into(raw, &mut term.normal),
            TokenKind::Number => term.normal.push('0'),
            TokenKind::Punctuation if self.params.punctuation => term.normal.push_str(punctuation_class(raw)),
            TokenKind::Punctuation => {}
        }
        !term.normal.is_empty()
    }

    /// The second half of [`Analyzer::analyze`]: the stem of what has a normal form.
    fn stem(&self, term: &mut Term) {
        term.stem.clear();
        if term.is_word {
            term.stem.push_str(&self.stemmer.stem(&term.normal));
        } else {
            term.stem.push_str(&term.normal);
        }
    }

    /// The same by a memo, which holds what this analyzer's stemmer did to other words.
    pub(crate) fn stem_with(&self, memo: &StemMemo, term: &mut Term) {
        if term.is_word && self.stemmer.language() == Language::Arabic {
            term.stem.clear();
            memo.stem_into(&self.stemmer, &term.normal, &mut term.stem);
        } else {
            self.stem(term);
        }
    }

    /// Calls `sink` with the key of each feature that the term has by itself, once for each occurrence.
    pub fn term_features(&self, term: &mut Term, mut sink: impl FnMut(&str)) {
        if self.params.words {
            term.key.clear();
            term.key.push('w');
            term.key.push_str(&term.stem);
            sink(&term.key);
        }
        let Some(range) = self.params.char_ngrams else { return };
        if !term.is_word {
            return;
        }
        // Each n-gram is written into `bounded` behind its kind, so that it need not be copied to become a key.
        term.bounded.clear();
        term.bounded.push('<');
        term.bounded.push_str(&term.normal);
        term.bounded.push('>');
        let mut starts = [0usize; WINDOW];
        let mut window = NgramWindow {
            starts: &mut starts,
            seen: 0,
        };
        for (end, c) in term.bounded.char_indices().map(|(i, c)| (i + c.len_utf8(), c)) {
            window.push(end - c.len_utf8());
            for n in range.min..=range.max.min(window.seen) {
                term.key.clear();
                term.key.push('c');
                term.key.push_str(&term.bounded[window.start_of(n)..end]);
                sink(&term.key);
            }
        }
    }

    /// Writes the key of the bigram of two stems.
    pub fn bigram_key(left: &str, right: &str, key: &mut String) {
        key.clear();
        key.push('b');
        key.push_str(left);
        key.push(' ');
        key.push_str(right);
    }

    /// Calls `sink` with the key and the place of each feature of `text`, once for each occurrence.
    /// Returns the number of terms, by whose square root [`super::Norm::SqrtLength`] divides.
    pub fn features(&self, text: &str, mut sink: impl FnMut(&str, Span)) -> u32 {
        self.parts(text, |part, span| match part {
            Part::Term(term) => self.term_features(term, |key| sink(key, span)),
            Part::Bigram(key) => sink(key, span),
        })
    }

    /// Calls `sink` with each term and each bigram of `text`, and its place. Returns the number of terms.
    pub(super) fn parts(&self, text: &str, mut sink: impl FnMut(Part<'_>, Span)) -> u32 {
        let mut term = Term::default();
        let mut previous = (String::from(SENTENCE_START), Span::new(0, 0));
        let mut key = String::new();
        let mut terms = 0;
        for Token { kind, span } in tokenize(text) {
            if !self.analyze(kind, span.of(text), &mut term) {
                continue;
            }
            terms += 1;
            sink(Part::Term(&mut term), span);
            if self.params.bigrams {
                let from = if terms == 1 { span.start } else { previous.1.start };
                Self::bigram_key(&previous.0, &term.stem, &mut key);
                sink(Part::Bigram(&key), Span::new(from, span.end));
                previous.0.clone_from(&term.stem);
                previous.1 = span;
            }
        }
        if self.params.bigrams && terms > 0 {
            Self::bigram_key(&previous.0, SENTENCE_END, &mut key);
            sink(Part::Bigram(&key), previous.1);
        }
        terms
    }
}

/// What a text's features come from.
pub(super) enum Part<'t> {
    /// A term, with the features that it has by itself ([`Analyzer::term_features`]).
    Term(&'t mut Term),
    /// The key of a bigram.
    Bigram(&'t str),
}

/// One sign for all marks of a class.
fn punctuation_class(raw: &str) -> &'static str {
    match raw.chars().next().unwrap_or(' ') {
        ':' => ":",
        '!' | '！' => "!",
        '?' | '؟' | '？' => "?",
        '.' | '…' => "...",
        _ => "\"",
    }
}

const WINDOW: usize = super::params::NgramRange::LONGEST;

/// Byte positions of the last few characters, to look back from the end of an n-gram to its start.
struct NgramWindow<'a> {
    starts: &'a mut [usize; WINDOW],
    seen: usize,
}

impl NgramWindow<'_> {
    fn push(&mut self, start: usize) {
        self.starts[self.seen % WINDOW] = start;
        self.seen += 1;
    }

    /// Start of the n-gram of length `n` that ends with the character pushed last.
    fn start_of(&self, n: usize) -> usize {
        self.starts[(self.seen - n) % WINDOW]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(params: FeatureParams, text: &str) -> Vec<String> {
        let mut keys = Vec::new();
        Analyzer::new(params).features(text, |key, _| keys.push(key.to_owned()));
        keys.sort();
        keys
    }

    #[test]
    fn features_of_a_small_sentence() {
        let params = FeatureParams {
            language: crate::text::Language::None,
            char_ngrams: Some(super::super::NgramRange { min: 2, max: 3 }),
            ..FeatureParams::default()
        };
        assert_eq!(
            keys(params, "نفى 12."),
            [
                "b0 $",
                "b^ نفي",
                "bنفي 0",
                "c<ن",
                "c<نف",
                "cفي",
                "cفي>",
                "cنف",
                "cنفي",
                "cي>",
                "w0",
                "wنفي"
            ]
        );
    }

    #[test]
    fn punctuation_is_a_token_only_where_asked() {
        let with = FeatureParams {
            punctuation: true,
            char_ngrams: None,
            ..FeatureParams::default()
        };
        assert!(keys(with.clone(), "ماذا؟").contains(&"w?".to_owned()));
        assert!(
            !keys(
                FeatureParams {
                    punctuation: false,
                    ..with
                },
                "ماذا؟"
            )
            .contains(&"w?".to_owned())
        );
    }

    #[test]
    fn one_character_word_has_its_ngrams() {
        let params = FeatureParams {
            words: false,
            bigrams: false,
            ..FeatureParams::default()
        };
        assert_eq!(keys(params, "و"), ["c<و", "c<و>", "cو>"]);
    }
}
