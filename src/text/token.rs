//! Tokens: words, numbers and telling punctuation, each with its place in the original text.
//!
//! Enters: any Unicode string. Leaves: [`Token`]s in order. Must not know: normal forms, labels.

use super::chars::{CharClass, class, class_at};
use super::window::Window;
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
    Tokens {
        text,
        position: 0,
        window: Window::new(text.as_bytes(), 0),
    }
}

/// Iterator over the tokens of a text; made by [`tokenize`].
#[derive(Debug, Clone)]
pub struct Tokens<'t> {
    text: &'t str,
    position: usize,
    window: Window,
}

/// The longest run of letters, in bytes, that a window is sure to show whole.
const LONGEST_RUN: usize = 30;

impl Tokens<'_> {
    /// The next token, and whether it is a word of at most 15 characters, all of U+0620 to U+065F.
    // Returned through memory, a token would be waited for longer than it takes to find it.
    #[inline(always)]
    pub(crate) fn next_with_run(&mut self) -> Option<(Token, bool)> {
        let mut start = self.position;
        loop {
            self.window.reach(self.text.as_bytes(), start);
            start += usize::from(self.window.is_space(start));
            let (class, after) = class_at(self.text, start)?;
            let mut is_run = false;
            let (kind, end) = match class {
                CharClass::Letter => {
                    let end;
                    (end, is_run) = self.word_end(start, after);
                    (TokenKind::Word, end)
                }
                CharClass::Digit => (TokenKind::Number, number_end(self.text, after)),
                CharClass::Punctuation => (TokenKind::Punctuation, punctuation_end(self.text, start, after)),
                CharClass::Other | CharClass::Extend => {
                    start = after;
                    continue;
                }
            };
            self.position = end;
            let span = Span::new(start, end);
            return Some((Token { kind, span }, is_run));
        }
    }

    /// Where the word ends whose first letter is at `start..after`, and whether it is one run of letters.
    #[inline]
    fn word_end(&self, start: usize, after: usize) -> (usize, bool) {
        let run = self.window.letters(start);
        if !(2..=LONGEST_RUN).contains(&run) {
            return (word_end(self.text, after), false);
        }
        // Behind a space no word goes on.
        let run_end = start + run;
        if self.window.is_space(run_end) {
            return (run_end, true);
        }
        let end = word_end(self.text, run_end);
        (end, end == run_end)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        self.next_with_run().map(|(token, _)| token)
    }
}

fn word_end(text: &str, from: usize) -> usize {
    let mut end = from;
    while let Some((CharClass::Letter | CharClass::Extend, after)) = class_at(text, end) {
        end = after;
    }
    end
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
