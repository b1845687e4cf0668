//! Marks that stand between sentences and belong to none: `&&`, bullets, rules.

use super::chars::{self, CharClass, class};
use super::segment::next_char;

/// Characters that are separators wherever they stand.
fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '•' | '●'
            | '○'
            | '▪'
            | '▫'
            | '■'
            | '□'
            | '◆'
            | '◇'
            | '►'
            | '▶'
            | '◄'
            | '◀'
            | '‣'
            | '⁃'
            | '∎'
            | '¶'
            | '✦'
            | '★'
            | '☆'
    )
}

/// Characters of which three or more in a row draw a rule.
fn is_rule(c: char) -> bool {
    matches!(c, '-' | '_' | '=' | '*' | '~' | '#' | '–' | '—' | '─' | '━' | 'ـ' | '+')
}

/// The first position at or after `at` where a sentence can begin.
pub(super) fn skip_separators(text: &str, mut at: usize) -> usize {
    while at < text.len() {
        let c = next_char(text, at);
        let after = at + c.len_utf8();
        if is_rule_at(&text[after..], c) {
            at = text.len() - text[after..].trim_start_matches(c).len();
        } else if begins_sentence(c, &text[after..]) {
            return at;
        } else {
            at = after;
        }
    }
    at
}

/// Whether a sentence can begin with `c` when `rest` follows it.
fn begins_sentence(c: char, rest: &str) -> bool {
    match class(c) {
        CharClass::Letter | CharClass::Digit => true,
        CharClass::Extend => false,
        _ if chars::is_ambiguous_quote(c) => rest
            .chars()
            .find(|&next| class(next) != CharClass::Extend)
            .is_some_and(|next| next.is_alphanumeric() || chars::is_opener(next) || chars::is_quote(next)),
        _ if chars::is_opener(c) => true,
        _ => {
            !(c.is_whitespace()
                || chars::is_line_break(c)
                || c.is_control()
                || chars::is_closer(c)
                || chars::is_terminator(c)
                || chars::is_clause_mark(c)
                || is_bullet(c)
                || is_rule(c) && c != '#'
                || matches!(c, '&' | '|' | '/' | '\\' | '<' | '>' | '·' | '٭'))
        }
    }
}

/// Whether a separator stands at `at` (where `c` begins) within the sentence that starts at `start`.
pub(super) fn is_separator_at(text: &str, start: usize, at: usize, c: char) -> bool {
    if is_bullet(c) {
        return true;
    }
    let rest = &text[at + c.len_utf8()..];
    match c {
        '&' => rest.starts_with('&') || ends_line(rest),
        '|' | '*' => {
            is_rule_at(rest, c)
                || text[start..at].ends_with(char::is_whitespace) && rest.starts_with(char::is_whitespace)
        }
        _ => is_rule(c) && is_rule_at(rest, c),
    }
}

fn is_rule_at(rest: &str, c: char) -> bool {
    let mut following = rest.chars();
    is_rule(c) && following.next() == Some(c) && following.next() == Some(c)
}

/// Whether nothing but white space and `&` stands before the end of the line.
fn ends_line(rest: &str) -> bool {
    // A bounded look ahead keeps a long run of spaces from costing quadratic time.
    for c in rest.chars().take(64) {
        if chars::is_line_break(c) {
            return true;
        }
        if !c.is_whitespace() && c != '&' && !chars::is_invisible(c) {
            return false;
        }
    }
    rest.chars().nth(64).is_none()
}
