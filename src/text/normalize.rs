//! Normal forms of words: the same word in another spelling becomes the same string.
//!
//! Enters: a token. Leaves: its normal form. Must not know: sentences, labels.
//!
//! Always: NFKC (presentation forms, ligatures, full-width letters), lower case, no Arabic diacritics, tatweel,
//! zero-width or bidirectional controls, every digit as `0`. By setting (all on by default): the variants of
//! alef, hamza seats, ya and ta marbuta, and the Persian and Urdu look-alike letters. After the orthographic
//! normalisation of L. Larkey, L. Ballesteros and M. Connell, "Light stemming for Arabic information retrieval" (2007).

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::chars::{CharClass, class, is_invisible};

/// Which spelling variants are folded together. Part of the model, so that labelling folds as training did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// أ إ آ ٱ become ا. Default: true.
    pub fold_alef: bool,
    /// ؤ becomes و, ئ becomes ي, and a lone ء is dropped. Default: true.
    pub fold_hamza: bool,
    /// ى becomes ي. Default: true.
    pub fold_alef_maqsura: bool,
    /// ة becomes ه. Default: true.
    pub fold_ta_marbuta: bool,
    /// Persian and Urdu ی ے ک ہ ھ ە become ي ي ك ه ه ه. Default: true.
    pub fold_look_alikes: bool,
}

impl Default for Normalization {
    fn default() -> Self {
        Self {
            fold_alef: true,
            fold_hamza: true,
            fold_alef_maqsura: true,
            fold_ta_marbuta: true,
            fold_look_alikes: true,
        }
    }
}

const TABLE_END: usize = 0x700;
/// Table entry: this character is dropped.
const DROP: char = '\0';
/// Table entry: this character needs the whole of Unicode's rules.
const SLOW: char = char::MAX;

/// Brings tokens into normal form; made from a [`Normalization`].
#[derive(Debug, Clone)]
pub struct Normalizer {
    settings: Normalization,
    /// Normal form of each character below U+0700, or [`DROP`], or [`SLOW`].
    table: Box<[char; TABLE_END]>,
}

impl Normalizer {
    /// A normaliser with the given settings.
    pub fn new(settings: Normalization) -> Self {
        let mut table = Box::new([SLOW; TABLE_END]);
        for (code, entry) in table.iter_mut().enumerate() {
            let Some(c) = char::from_u32(code as u32) else { continue };
            *entry = match class(c) {
                CharClass::Other if c == '\0' => SLOW,
                CharClass::Other if c.is_whitespace() => DROP,
                // Marks that compose with a letter (madda, hamza) are Unicode's business.
                CharClass::Extend if matches!(c, '\u{653}'..='\u{655}') => SLOW,
                CharClass::Extend if is_dropped(c) => DROP,
                CharClass::Digit if c.is_ascii() || code >= 0x600 => '0',
                _ if c.is_ascii() => c.to_ascii_lowercase(),
                CharClass::Letter if (0x620..0x675).contains(&code) => fold(c, settings).unwrap_or(DROP),
                _ => SLOW,
            };
        }
        Self { settings, table }
    }

    /// The settings it was made with.
    pub fn settings(&self) -> Normalization {
        self.settings
    }

    /// Appends the normal form of `token` to `out`. The form can be empty (a token of marks alone).
    ///
    /// ```
    /// use bayan::text::{Normalization, Normalizer};
    /// let normalizer = Normalizer::new(Normalization::default());
    /// let mut out = String::new();
    /// normalizer.normalize_into("أَكَّـــدَت", &mut out);
    /// assert_eq!(out, "اكدت");
    /// ```
    pub fn normalize_into(&self, token: &str, out: &mut String) {
        let before = out.len();
        for c in token.chars() {
            match self.table.get(c as usize) {
                Some(&DROP) => {}
                Some(&SLOW) | None => {
                    out.truncate(before);
                    return self.normalize_slowly(token, out);
                }
                Some(&normal) => out.push(normal),
            }
        }
    }

    /// The whole of Unicode's rules, for characters that the table does not decide.
    fn normalize_slowly(&self, token: &str, out: &mut String) {
        // Lower case can undo NFKC (U+0130), and NFKC can yield capitals (U+2122), so both run around each other.
        let lower: String = token.nfkc().flat_map(char::to_lowercase).collect();
        let kept = lower.nfkc().filter(|&c| !is_dropped(c) && !c.is_whitespace());
        let folded = kept.filter_map(|c| match class(c) {
            CharClass::Digit if !c.is_alphabetic() => Some('0'),
            _ => fold(c, self.settings),
        });
        // What was dropped may have stood between a letter and its mark (U+00B4 holds a space).
        out.extend(folded.nfc());
    }
}

/// Arabic marks, tatweel and invisible characters.
fn is_dropped(c: char) -> bool {
    is_invisible(c)
        || c == '\u{640}'
        || matches!(c, '\u{600}'..='\u{6FF}' | '\u{8C8}'..='\u{8FF}' | '\u{FE20}'..='\u{FE2F}')
            && (canonical_combining_class(c) != 0 || class(c) == CharClass::Extend)
}

/// The letter that stands for `c`, or nothing where it is dropped.
fn fold(c: char, settings: Normalization) -> Option<char> {
    Some(match c {
        'أ' | 'إ' | 'آ' | 'ٱ' if settings.fold_alef => 'ا',
        'ؤ' if settings.fold_hamza => 'و',
        'ئ' if settings.fold_hamza => 'ي',
        'ء' if settings.fold_hamza => return None,
        'ى' if settings.fold_alef_maqsura => 'ي',
        'ة' if settings.fold_ta_marbuta => 'ه',
        'ۃ' if settings.fold_ta_marbuta && settings.fold_look_alikes => 'ه',
        'ی' | 'ې' | 'ے' if settings.fold_look_alikes => 'ي',
        'ک' | 'ڪ' if settings.fold_look_alikes => 'ك',
        'ہ' | 'ھ' | 'ە' | 'ۀ' | 'ۂ' if settings.fold_look_alikes => 'ه',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(token: &str) -> String {
        let mut out = String::new();
        Normalizer::new(Normalization::default()).normalize_into(token, &mut out);
        out
    }

    #[test]
    fn spellings_of_a_word_meet() {
        for (variants, expected) in [
            (
                &["أكّد", "اكد", "أكـــد", "\u{202B}أكد\u{202C}", "ا\u{654}كد", "ﺃﻛﺪ"][..],
                "اكد",
            ),
            (&["مسؤولة", "مسوولة", "مسؤوله"], "مسووله"),
            (&["على", "علي", "علی", "عل\u{200C}ى"], "علي"),
            (&["کابل", "كابل", "ڪابل"], "كابل"),
            (&["لا", "ﻻ"], "لا"),
            (&["١٢٣", "123", "۱۲۳", "１２３"], "000"),
            (&["القرآن", "القران", "القرا\u{653}ن"], "القران"),
            (&["BBC", "ｂｂｃ", "bbc"], "bbc"),
            (&["ﷲ"], "الله"),
        ] {
            for variant in variants {
                assert_eq!(normal(variant), expected, "{variant}");
            }
        }
    }

    #[test]
    fn each_setting_can_be_turned_off() {
        let off = Normalization {
            fold_alef: false,
            fold_hamza: false,
            fold_alef_maqsura: false,
            fold_ta_marbuta: false,
            fold_look_alikes: false,
        };
        let mut out = String::new();
        Normalizer::new(off).normalize_into("أُسْرَةٌ مؤمن ا\u{654}لى کی", &mut out);
        assert_eq!(out, "أسرةمؤمنألىکی");
    }

    #[test]
    fn the_table_agrees_with_the_rules() {
        let normalizer = Normalizer::new(Normalization::default());
        for c in (0..TABLE_END as u32).filter_map(char::from_u32) {
            let (mut fast, mut slow) = (String::new(), String::new());
            normalizer.normalize_into(&c.to_string(), &mut fast);
            normalizer.normalize_slowly(&c.to_string(), &mut slow);
            assert_eq!(fast, slow, "U+{:04X}", c as u32);
        }
    }
}
