//! Abbreviations and initials whose full stop does not end a sentence.

use super::chars::{self, CharClass, class};

/// Abbreviations of more than one letter, in lower case, without their last full stop.
/// Single letters (د. أ. م. ص. U. J.) are initials and need no list.
const ABBREVIATIONS: &[&str] = &[
    "أد", "هـ", "تلف", "فاكس", "mr", "mrs", "ms", "dr", "prof", "st", "gen", "col", "lt", "sgt", "capt", "maj", "rev",
    "hon", "sen", "rep", "gov", "no", "nos", "vs", "vol", "pp", "fig", "inc", "ltd", "co", "corp", "jr", "sr", "jan",
    "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "etc", "al", "mme", "mlle", "bros",
    "dept", "approx",
];

/// Whether `before` (the sentence up to a full stop) ends in an abbreviation or an initial.
pub(super) fn is_abbreviation(before: &str) -> bool {
    let word = last_word(before);
    let letters = word.chars().filter(|&c| class(c) == CharClass::Letter);
    match letters.clone().count() {
        0 => false,
        1 => {
            // «610م.»: a unit after a number, not an initial.
            let ahead = before[..before.len() - word.len()].trim_end_matches(' ');
            !ahead.ends_with(|c| class(c) == CharClass::Digit)
        }
        _ => ABBREVIATIONS.iter().any(|known| word.eq_ignore_ascii_case(known)),
    }
}

/// Whether `before` ends in a letter that itself follows a full stop: the inside of «أ.ف.ب».
pub(super) fn is_dotted_initial(before: &str) -> bool {
    let word = last_word(before);
    word.chars().count() <= 2 && before[..before.len() - word.len()].ends_with('.')
}

/// The letters and marks at the end of `before`.
fn last_word(before: &str) -> &str {
    let start = before
        .char_indices()
        .rev()
        .take(16)
        .take_while(|&(_, c)| matches!(class(c), CharClass::Letter | CharClass::Extend) && !chars::is_invisible(c))
        .last()
        .map_or(before.len(), |(i, _)| i);
    &before[start..]
}
