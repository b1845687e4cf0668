//! Judges whether a run of `.` `!` `?` `؟` `…` ends its sentence.

use super::abbreviation::{is_abbreviation, is_dotted_initial};
use super::chars::{self, CharClass, class};

/// What a run of terminators turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The sentence ends at this byte (exclusive), closing marks included.
    End(usize),
    /// The sentence goes on; scanning continues at this byte.
    GoOn(usize),
}

/// What is known about open quotations within one sentence.
#[derive(Debug)]
pub(super) struct Quotes<'t> {
    window: &'t str,
    start: usize,
    /// `«` not yet closed.
    depth: u32,
    /// Whether an odd number of ambiguous quotation marks was seen.
    odd: bool,
    /// Position of the last closing quotation mark of the window, found when first asked for.
    last_close: Option<Option<usize>>,
}

impl<'t> Quotes<'t> {
    pub(super) fn new(text: &'t str, start: usize, limit: usize) -> Self {
        let window = &text[start..limit];
        Self {
            window,
            start,
            depth: 0,
            odd: false,
            last_close: None,
        }
    }

    /// Takes note of a character of the sentence.
    #[inline]
    pub(super) fn see(&mut self, c: char, at: usize) {
        match c {
            '«' | '‹' | '„' => self.depth += 1,
            '»' | '›' => self.depth = self.depth.saturating_sub(1),
            '"' | '“' | '”' | '＂' => self.odd = !self.odd,
            '‘' | '’' if !self.is_apostrophe(at, c) => self.odd = !self.odd,
            _ => {}
        }
    }

    fn is_apostrophe(&self, at: usize, c: char) -> bool {
        let local = at - self.start;
        let is_letter = |c: char| class(c) == CharClass::Letter;
        // Closing marks may stand beyond the window.
        self.window
            .get(..local)
            .is_some_and(|before| before.ends_with(is_letter))
            && self
                .window
                .get(local + c.len_utf8()..)
                .is_some_and(|after| after.starts_with(is_letter))
    }

    fn is_open(&self) -> bool {
        self.depth > 0 || self.odd
    }

    /// Whether a quotation is open at `at` and is closed later on the same line.
    fn closes_after(&mut self, at: usize) -> bool {
        if !self.is_open() {
            return false;
        }
        let window = self.window;
        let last = *self.last_close.get_or_insert_with(|| {
            let line = window.find(chars::is_line_break).unwrap_or(window.len());
            window[..line].rfind(['»', '›', '"', '“', '”', '’', '＂'])
        });
        last.is_some_and(|close| self.start + close >= at)
    }
}

/// A maximal run of terminators.
struct Run {
    end: usize,
    dots: usize,
    asks: bool,
}

fn run_at(text: &str, at: usize) -> Run {
    let mut run = Run {
        end: at,
        dots: 0,
        asks: false,
    };
    for c in text[at..].chars().take_while(|&c| chars::is_terminator(c)) {
        match c {
            '.' | '。' | '۔' => run.dots += 1,
            '…' => run.dots += 3,
            _ => run.asks = true,
        }
        run.end += c.len_utf8();
    }
    run
}

/// Judges the run of terminators at `at` in the sentence that starts at `start`.
pub(super) fn judge(text: &str, start: usize, at: usize, quotes: &mut Quotes<'_>) -> Verdict {
    let run = run_at(text, at);
    let before = &text[start..at];
    let goes_on = if run.asks {
        before.trim_end().ends_with(['(', '[']) && text[run.end..].starts_with([')', ']'])
    } else if run.dots > 1 {
        before.trim_end().ends_with(['(', '[']) || quotes.closes_after(run.end)
    } else {
        dot_goes_on(before, &text[run.end..])
    };
    if goes_on {
        return Verdict::GoOn(run.end);
    }
    let end = absorb_closers(text, run.end, quotes);
    if clause_follows(&text[end..]) || title_follows(text, run.end, end, &run) {
        for (i, c) in text[run.end..end].char_indices() {
            quotes.see(c, run.end + i);
        }
        return Verdict::GoOn(end);
    }
    Verdict::End(end)
}

/// Whether a single full stop between `before` and `after` is part of a number, an abbreviation or a name.
fn dot_goes_on(before: &str, after: &str) -> bool {
    let previous = before.chars().next_back().unwrap_or(' ');
    let next = after.chars().next().unwrap_or(' ');
    if next.is_alphanumeric() && previous.is_alphanumeric() {
        return !is_glued_end(before, after);
    }
    // "1. The first item": a number that begins a list item. At most four digits, not a year within a text.
    if before.len() <= 8 && before.chars().all(|c| class(c) == CharClass::Digit) {
        return true;
    }
    if is_abbreviation(before) {
        return true;
    }
    let following = after.trim_start_matches([' ', '\u{a0}', '\t']);
    following.starts_with(|c: char| c.is_lowercase())
}

/// Whether a full stop without a space after it still ends a sentence: «الحشد الكبير.وقال».
fn is_glued_end(before: &str, after: &str) -> bool {
    let letters_before = before
        .chars()
        .rev()
        .take_while(|&c| class(c) == CharClass::Extend || chars::is_arabic_letter(c))
        .filter(|&c| class(c) != CharClass::Extend)
        .take(3)
        .count();
    let letters_after = after
        .chars()
        .take_while(|&c| class(c) == CharClass::Extend || chars::is_arabic_letter(c))
        .filter(|&c| class(c) != CharClass::Extend)
        .take(2)
        .count();
    let digit_before = before.ends_with(|c| class(c) == CharClass::Digit);
    letters_after == 2 && (letters_before == 3 || digit_before) && !is_dotted_initial(before)
}

/// The end of the closing quotation marks and brackets (and further terminators) that follow `at`.
fn absorb_closers(text: &str, mut at: usize, quotes: &Quotes<'_>) -> usize {
    let mut open = quotes.is_open();
    loop {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else { return at };
        let after = &rest[c.len_utf8()..];
        let closes = if chars::is_ambiguous_quote(c) {
            open || !after.starts_with(|c: char| c.is_alphanumeric())
        } else {
            chars::is_closer(c) || chars::is_terminator(c)
        };
        if closes {
            open = open && !chars::is_quote(c);
            at += c.len_utf8();
        } else if open && c == ' ' && after.starts_with(['»', '›']) {
            at += 1;
        } else {
            return at;
        }
    }
}

/// Whether a comma, semicolon or colon follows: the sentence goes on around its quotation.
fn clause_follows(rest: &str) -> bool {
    rest.trim_start_matches([' ', '\u{a0}', '\t'])
        .starts_with(chars::is_clause_mark)
}

/// Whether the run closed a quoted title within a sentence: «من يحكم؟» followed by a plain word.
/// A following «و…» or «ف…» begins a new clause of the narrator, so the sentence ends there.
fn title_follows(text: &str, run_end: usize, end: usize, run: &Run) -> bool {
    if !(run.asks || run.dots > 1) || !text[run_end..end].contains(chars::is_quote) {
        return false;
    }
    let rest = text[end..].trim_start_matches([' ', '\u{a0}', '\t']);
    rest.len() < text[end..].len()
        && rest.starts_with(|c: char| {
            class(c) == CharClass::Letter && !c.is_uppercase() && !matches!(c, 'و' | 'ف') || c == '('
        })
}
