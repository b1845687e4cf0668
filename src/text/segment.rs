//! Sentence segmentation for Arabic news.
//!
//! Enters: any Unicode string. Leaves: [`Sentence`]s whose spans ascend, do not overlap and hold every letter
//! and digit of the input. Must not know: how words are normalised, labels.
//!
//! A sentence ends at a line break (headlines, captions and list items have no full stop), at a stray
//! separator (`&&`, a bullet, a rule), and at a run of `.` `!` `?` `؟` `…` unless that run belongs to a number,
//! an abbreviation, initials, an elision or a quotation that goes on. Closing quotes and brackets stay with the
//! sentence that they close. A run without any end is cut at [`MAX_SENTENCE_BYTES`]. Every decision looks only
//! at the text from the start of its sentence on, so segmentation may begin anew at the start of any sentence.

use super::boundary::{self, Verdict};
use super::chars::{self, CharClass, class};
use super::separator::{is_separator_at, skip_separators};
use super::window::letters_and_spaces;
use crate::document::{Sentence, Span};

/// The longest sentence, in bytes (about 370 Arabic words). A longer run is cut after its last comma,
/// semicolon or colon in the second half, else at its last white space, else before a whole character.
pub const MAX_SENTENCE_BYTES: usize = 4096;

/// The sentences of `text`, in order.
///
/// ```
/// let text = "قال د. سالم إن النسبة بلغت 3.5 في المئة.&&ونفى الناطق «أي صلة».";
/// let sentences: Vec<_> = bayan::text::segment(text).map(|s| s.text).collect();
/// assert_eq!(sentences, ["قال د. سالم إن النسبة بلغت 3.5 في المئة.", "ونفى الناطق «أي صلة»."]);
/// ```
pub fn segment(text: &str) -> Sentences<'_> {
    Sentences { text, position: 0 }
}

/// Iterator over the sentences of a text; made by [`segment`].
#[derive(Debug, Clone)]
pub struct Sentences<'t> {
    text: &'t str,
    position: usize,
}

impl<'t> Iterator for Sentences<'t> {
    type Item = Sentence<'t>;

    fn next(&mut self) -> Option<Sentence<'t>> {
        loop {
            let start = skip_separators(self.text, self.position);
            if start == self.text.len() {
                self.position = start;
                return None;
            }
            let end = sentence_end(self.text, start);
            // Whatever the marks, each turn moves on.
            self.position = end.max(start + next_char(self.text, start).len_utf8());
            let trimmed = start + trim_end(&self.text[start..end]).len();
            let text = &self.text[start..trimmed];
            if text.chars().any(is_content) {
                return Some(Sentence {
                    span: Span::new(start, trimmed),
                    text,
                });
            }
        }
    }
}

fn is_content(c: char) -> bool {
    matches!(class(c), CharClass::Letter | CharClass::Digit)
}

/// Drops white space, invisible characters and stray separators from the end.
fn trim_end(text: &str) -> &str {
    text.trim_end_matches(|c: char| {
        c.is_whitespace()
            || chars::is_invisible(c)
            || matches!(c, '&' | '*' | '|' | '_' | '=' | '~' | 'ـ' | '<' | '>' | '-' | '–' | '—')
    })
}

/// The end (exclusive) of the sentence that starts at `start`.
fn sentence_end(text: &str, start: usize) -> usize {
    let limit = floor_char_boundary(text, start.saturating_add(MAX_SENTENCE_BYTES));
    let mut quotes = boundary::Quotes::new(text, start, limit);
    let mut at = start;
    while at < limit {
        at = skip_words(text, at).min(limit);
        if at == limit {
            break;
        }
        let c = next_char(text, at);
        if chars::is_line_break(c) || is_separator_at(text, start, at, c) {
            return at;
        }
        if chars::is_terminator(c) {
            match boundary::judge(text, start, at, &mut quotes) {
                Verdict::End(end) => return end.min(limit),
                Verdict::GoOn(next) => at = next.min(limit),
            }
        } else {
            quotes.see(c, at);
            at += c.len_utf8();
        }
    }
    if limit == text.len() || ends_here(text, limit) {
        limit
    } else {
        start + safe_cut(&text[start..limit])
    }
}

/// The first position from `at` on where something other than letters and spaces stands, or a position before it.
#[inline]
fn skip_words(text: &str, mut at: usize) -> usize {
    while let Some(b' ' | 0xD8 | 0xD9) = text.as_bytes().get(at) {
        let dull = letters_and_spaces(text, at);
        if dull == 0 {
            break;
        }
        at += dull;
    }
    at
}

/// Whether a sentence that fills the maximum happens to end exactly there.
fn ends_here(text: &str, at: usize) -> bool {
    next_char(text, at).is_whitespace()
}

/// Where to cut a run that is too long: a length in bytes, at least one character.
fn safe_cut(run: &str) -> usize {
    let half = run.len() / 2;
    let clause = run
        .char_indices()
        .rev()
        .take_while(|&(i, _)| i >= half)
        .find(|&(i, c)| chars::is_clause_mark(c) && run[i + c.len_utf8()..].starts_with(char::is_whitespace));
    if let Some((i, c)) = clause {
        return i + c.len_utf8();
    }
    if let Some((i, _)) = run.char_indices().rev().find(|&(i, c)| i > 0 && c.is_whitespace()) {
        return i;
    }
    // No white space at all: cut before the last character that begins something visible.
    run.char_indices()
        .rev()
        .find(|&(i, c)| i > 0 && class(c) != CharClass::Extend)
        .map_or(run.len(), |(i, _)| i)
}

/// The character that begins at byte `at`.
pub(super) fn next_char(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or('\0')
}

/// The largest character boundary of `text` that is not beyond `at`.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        segment(text).map(|s| s.text).collect()
    }

    #[test]
    fn ends_of_sentences() {
        assert_eq!(
            cut("وصل الوفد. هل يوقع؟ نعم! انتهى"),
            ["وصل الوفد.", "هل يوقع؟", "نعم!", "انتهى"]
        );
        assert_eq!(
            cut("عنوان أول\nعنوان ثان\r\n\r\nثالث"),
            ["عنوان أول", "عنوان ثان", "ثالث"]
        );
        assert_eq!(cut("مفاجأة.. عودة النجم"), ["مفاجأة..", "عودة النجم"]);
        assert_eq!(cut("تفجر الخلاف...ما السبب؟"), ["تفجر الخلاف...", "ما السبب؟"]);
        assert_eq!(cut("ماذا؟! لا أدري…"), ["ماذا؟!", "لا أدري…"]);
    }

    #[test]
    fn numbers_abbreviations_and_initials_do_not_end_a_sentence() {
        for whole in [
            "ارتفع 3.5 في المئة الى 1,200.75 نقطة و٣.٥ مليون.",
            "قال د. سامي وأ.د. ليلى لوكالة أ.ف.ب في ص. 12 منه.",
            "The U.S. Army said Mr. Smith left at 5 p.m. and returned.",
            "1. البند الأول",
            "نشر على bbc.com أمس.",
            "كلام (...) محذوف من النص.",
        ] {
            assert_eq!(cut(whole), [whole]);
        }
        assert_eq!(
            cut("كان ذلك عام 2003. وعاد بعدها."),
            ["كان ذلك عام 2003.", "وعاد بعدها."]
        );
        assert_eq!(cut("توفي سنة 610م. وكان كبيرا."), ["توفي سنة 610م.", "وكان كبيرا."]);
        assert_eq!(
            cut("اجتمع الحشد الكبير.وقال المسؤول كلمته."),
            ["اجتمع الحشد الكبير.", "وقال المسؤول كلمته."]
        );
    }

    #[test]
    fn quotations() {
        assert_eq!(cut("قال «كفى.» ثم مضى. وعاد."), ["قال «كفى.»", "ثم مضى.", "وعاد."]);
        assert_eq!(
            cut("قال \"لن نعود.\" وأضاف \"أبدا.\""),
            ["قال \"لن نعود.\"", "وأضاف \"أبدا.\""]
        );
        assert_eq!(cut("قال: «سننتظر… ثم نرد»، مضيفا."), ["قال: «سننتظر… ثم نرد»، مضيفا."]);
        assert_eq!(cut("قال: “سننتظر ... ثم نرد” أمس."), ["قال: “سننتظر ... ثم نرد” أمس."]);
        assert_eq!(
            cut("كتاب «من يحكم العالم؟» صدر أمس."),
            ["كتاب «من يحكم العالم؟» صدر أمس."]
        );
        assert_eq!(cut("سأل: «من هناك؟» وانصرف."), ["سأل: «من هناك؟»", "وانصرف."]);
        assert_eq!(cut("«قلنا لا.»، بحسب قوله."), ["«قلنا لا.»، بحسب قوله."]);
        assert_eq!(
            cut("انتهى الأمر. \"لن نعود\" قالوا."),
            ["انتهى الأمر.", "\"لن نعود\" قالوا."]
        );
    }

    #[test]
    fn stray_separators_belong_to_no_sentence() {
        assert_eq!(
            cut("قندهار:&&قال المتحدث كلمة.&\n&\nوأضاف.&"),
            ["قندهار:", "قال المتحدث كلمة.", "وأضاف."]
        );
        assert_eq!(
            cut("- بند أول\n• بند ثان\n-----\n*** ثالث"),
            ["بند أول", "بند ثان", "ثالث"]
        );
        assert_eq!(
            cut("### عنوان ### آخر\n# وسم\n+++\n#وسم"),
            ["عنوان", "آخر", "# وسم", "#وسم"]
        );
        assert_eq!(cut("الرئيسية | أخبار"), ["الرئيسية", "أخبار"]);
        assert_eq!(cut("شركة AT&T تعلن نتائجها"), ["شركة AT&T تعلن نتائجها"]);
        assert_eq!(cut("سؤال : * كم شهرا؟ ـ اتفقا"), ["سؤال :", "كم شهرا؟", "اتفقا"]);
        assert!(cut("&&& --- ... \n 😀 !!! « »").is_empty());
    }

    #[test]
    fn long_runs_are_cut_at_a_safe_boundary() {
        let words = "كلمة ".repeat(3000);
        let pieces = cut(&words);
        assert!(
            pieces
                .iter()
                .all(|p| p.len() <= MAX_SENTENCE_BYTES && !p.ends_with("كل"))
        );
        assert_eq!(pieces.iter().flat_map(|p| p.split(' ')).count(), 3000);
        let solid = "ب".repeat(10_000);
        assert_eq!(cut(&solid).concat(), solid);
        let clauses = "قال إن الأمر كذا، ".repeat(400);
        assert!(cut(&clauses)[0].ends_with('،'));
    }
}
