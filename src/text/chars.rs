//! Character classes that segmentation and tokenization share.

use unicode_normalization::char::is_combining_mark;

/// What a character is to the tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CharClass {
    /// White space, symbols and punctuation without a class of their own.
    Other,
    /// A letter.
    Letter,
    /// A decimal digit of any script, or another numeric character.
    Digit,
    /// A mark, tatweel or invisible character: continues a word, never begins one.
    Extend,
    /// A quotation mark, `:`, `؟`, `!` or ellipsis dot.
    Punctuation,
}

const TABLE_END: u32 = 0x700;

/// Classes of U+0000 to U+06FF, where nearly all characters of Arabic news lie.
static TABLE: [CharClass; TABLE_END as usize] = {
    let mut table = [CharClass::Other; TABLE_END as usize];
    let mut c = 0;
    while c < TABLE_END {
        table[c as usize] = classify_low(c);
        c += 1;
    }
    table
};

/// `const` classification of Basic Latin and Arabic; the rest of the low range is decided at run time.
const fn classify_low(c: u32) -> CharClass {
    match c {
        0x30..=0x39 | 0x660..=0x669 | 0x6F0..=0x6F9 => CharClass::Digit,
        0x41..=0x5A | 0x61..=0x7A => CharClass::Letter,
        0x620..=0x63F | 0x641..=0x64A | 0x66E..=0x66F | 0x671..=0x6D3 | 0x6D5 => CharClass::Letter,
        0x6E5..=0x6E6 | 0x6EE..=0x6EF | 0x6FA..=0x6FC | 0x6FF => CharClass::Letter,
        0x610..=0x61A | 0x61C | 0x640 | 0x64B..=0x65F | 0x670 => CharClass::Extend,
        0x6D6..=0x6DC | 0x6DF..=0x6E4 | 0x6E7..=0x6E8 | 0x6EA..=0x6ED | 0xAD => CharClass::Extend,
        0x21 | 0x22 | 0x2E | 0x3A | 0x3F | 0xAB | 0xBB | 0x61F => CharClass::Punctuation,
        _ => CharClass::Other,
    }
}

/// The class of a character.
#[inline]
pub fn class(c: char) -> CharClass {
    let code = c as u32;
    if code < 0x80 || (0x600..TABLE_END).contains(&code) {
        TABLE[code as usize]
    } else {
        class_slow(c)
    }
}

/// The class of a character of two bytes, U+0600 to U+06FF, whose first byte is 0xD8 to 0xDB.
#[inline]
fn arabic_class(lead: u8, trail: u8) -> CharClass {
    TABLE[0x600 | usize::from(lead & 0x03) << 6 | usize::from(trail & 0x3F)]
}

/// The class of the character that begins at byte `at`, and where the next one begins; `None` at the end.
///
/// # Panics
/// If `at` is not the border of a character.
#[inline]
pub fn class_at(text: &str, at: usize) -> Option<(CharClass, usize)> {
    let bytes = text.as_bytes();
    match (*bytes.get(at)?, bytes.get(at + 1)) {
        (ascii @ ..0x80, _) => Some((TABLE[usize::from(ascii)], at + 1)),
        (lead @ 0xD8..=0xDB, Some(&trail)) => Some((arabic_class(lead, trail), at + 2)),
        _ => {
            let c = text[at..].chars().next()?;
            Some((class(c), at + c.len_utf8()))
        }
    }
}

fn class_slow(c: char) -> CharClass {
    if is_invisible(c) || is_combining_mark(c) {
        CharClass::Extend
    } else if c.is_alphabetic() {
        CharClass::Letter
    } else if c.is_numeric() {
        CharClass::Digit
    } else if is_quote(c) || matches!(c, '…' | '？' | '！') {
        CharClass::Punctuation
    } else {
        CharClass::Other
    }
}

/// Zero-width characters, bidirectional controls and the byte-order mark: seen by no reader.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// Any quotation mark.
pub fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '«' | '»' | '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '‹' | '›' | '＂'
    )
}

/// A quotation mark whose shape does not tell reliably whether it opens or closes.
pub fn is_ambiguous_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '‘' | '’' | '\'' | '＂')
}

/// A mark that can only open: `«`, a bracket.
pub fn is_opener(c: char) -> bool {
    matches!(c, '«' | '‹' | '„' | '‚' | '(' | '[' | '{' | '﴿' | '（')
}

/// A mark that can only close: `»`, a bracket.
pub fn is_closer(c: char) -> bool {
    matches!(c, '»' | '›' | ')' | ']' | '}' | '﴾' | '）')
}

/// A character that ends a line.
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A character that may end a sentence.
pub fn is_terminator(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '؟' | '…' | '۔' | '。' | '！' | '？')
}

/// A comma, semicolon or colon: what follows belongs to the same sentence.
pub fn is_clause_mark(c: char) -> bool {
    matches!(c, '،' | ',' | '؛' | ';' | ':' | '٫' | '٬')
}

/// A letter of the Arabic script.
pub fn is_arabic_letter(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
        && c.is_alphabetic()
        && c != '\u{640}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_by_bytes_is_the_class_of_the_character() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let text = format!("{c}x");
            assert_eq!(class_at(&text, 0), Some((class(c), c.len_utf8())), "{c:?}");
        }
        assert_eq!(class_at("x", 1), None);
    }

    #[test]
    fn runs_of_letters_hold_only_what_words_hold() {
        for c in '\u{620}'..='\u{65F}' {
            assert!(matches!(class(c), CharClass::Letter | CharClass::Extend), "{c:?}");
        }
    }

    #[test]
    fn the_table_agrees_with_unicode_on_what_is_a_letter_or_digit() {
        for c in (0..TABLE_END).filter_map(char::from_u32) {
            let table = class(c);
            if matches!(table, CharClass::Letter | CharClass::Digit) {
                assert!(c.is_alphanumeric(), "{c:?} {table:?}");
            } else if table != CharClass::Extend {
                assert!(!c.is_alphanumeric(), "{:X} {table:?}", c as u32);
            }
        }
    }
}
