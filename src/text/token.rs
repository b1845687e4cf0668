//! Tokens: words, numbers and telling punctuation, each with its place in the original text.
//!
//! Enters: any Unicode string. Leaves: [`Token`]s in order. Must not know: normal forms, labels.

use super::chars::{CharClass, arabic_word_end, class, class_at};
use crate::document::Span;

/// What kind of token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Letters with their marks, tatweel and joiners.
    Word,
    /// Digits of any script, with decimal points and thousands separators inside.
    Number,
    /// A quotation mark, `:`, `؟`, `!` or a run of full stops.
    Punctuation,
}

/// A token and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Byte range in the text given to [`tokenize`].
    pub span: Span,
}

/// The tokens of `text`. Punctuation never sticks to a word.
///
/// ```
/// use bayan::text::tokenize;
/// let text = "قُتل 3.5 آلاف (تقريبا)";
/// let tokens: Vec<_> = tokenize(text).map(|t| t.span.of(text)).collect();
/// assert_eq!(tokens, ["قُتل", "3.5", "آلاف", "تقريبا"]);
/// ```
pub fn tokenize(text: &str) -> Tokens<'_> {
    Tokens { text, position: 0 }
}

/// Iterator over the tokens of a text; made by [`tokenize`].
#[derive(Debug, Clone)]
pub struct Tokens<'t> {
    text: &'t str,
    position: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        let mut start = self.position;
        loop {
            let (class, after) = class_at(self.text, start)?;
            let (kind, end) = match class {
                CharClass::Letter => (TokenKind::Word, word_end(self.text, after)),
                CharClass::Digit => (TokenKind::Number, number_end(self.text, after)),
                CharClass::Punctuation => (TokenKind::Punctuation, punctuation_end(self.text, start, after)),
                CharClass::Other | CharClass::Extend => {
                    start = after;
                    continue;
                }
            };
            self.position = end;
            return Some(Token {
                kind,
                span: Span::new(start, end),
            });
        }
    }
}

#[inline]
fn word_end(text: &str, from: usize) -> usize {
    let mut end = from;
    loop {
        end = arabic_word_end(text, end);
        match class_at(text, end) {
            Some((CharClass::Letter | CharClass::Extend, after)) => end = after,
            _ => return end,
        }
    }
}

fn number_end(text: &str, from: usize) -> usize {
    let mut end = from;
    let mut chars = text[from..].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let inner = matches!(c, '.' | ',' | '٫' | '٬' | '،')
            && chars.peek().is_some_and(|&(_, next)| class(next) == CharClass::Digit);
        if class(c) == CharClass::Digit {
            end = from + i + c.len_utf8();
        } else if !inner {
            break;
        }
    }
    end
}

/// A run of the same mark, the first one at `start..from`, is one token: `...`, `!!`.
fn punctuation_end(text: &str, start: usize, from: usize) -> usize {
    let mark = &text[start..from];
    let rest = &text[from..];
    from + rest.len() - rest.trim_start_matches(mark).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_places() {
        let text = "«نفى\u{200C}ها» 1,200.75 ريال!! 12ألف AT&T ١٢٫٥٪ ـ";
        let tokens: Vec<_> = tokenize(text).map(|t| (t.kind, t.span.of(text))).collect();
        use TokenKind::{Number, Punctuation, Word};
        assert_eq!(
            tokens,
            [
                (Punctuation, "«"),
                (Word, "نفى\u{200C}ها"),
                (Punctuation, "»"),
                (Number, "1,200.75"),
                (Word, "ريال"),
                (Punctuation, "!!"),
                (Number, "12"),
                (Word, "ألف"),
                (Word, "AT"),
                (Word, "T"),
                (Number, "١٢٫٥"),
            ]
        );
    }
}
