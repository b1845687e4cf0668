//! Text that shows what is in it.

/// `text` with characters that hide or reorder other text made visible by their code point: control characters, and the
/// bidirectional embeddings, overrides and isolates (UAX 9), by which a text can show something else than what it
/// says. Line breaks and tabs become spaces. Direction marks (LRM, RLM, ALM) stay; they reorder no letters.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fdd0}'..='\u{fdef}' => push_code(c, &mut out),
            c if c.is_control() || u32::from(c) & 0xfffe == 0xfffe => push_code(c, &mut out),
            c => out.push(c),
        }
    }
    out
}

fn push_code(c: char, out: &mut String) {
    use std::fmt::Write;
    write!(out, "⟦U+{:04X}⟧", u32::from(c)).expect("writing to a string");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(visible("a\u{202e}b\u{2069}\0c\nd"), "a⟦U+202E⟧b⟦U+2069⟧⟦U+0000⟧c d");
        let harmless = "قال\u{200f} «نعم» \u{200c}<b>";
        assert_eq!(visible(harmless), harmless);
    }
}
