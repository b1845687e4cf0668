//! Properties of segmentation and tokenization that hold for any text.

use bayan::text::{MAX_SENTENCE_BYTES, TokenKind, segment, tokenize};
use proptest::prelude::*;
use unicode_normalization::char::is_combining_mark;

/// Text made of what decides about cuts, in every mixture, and of any Unicode character.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ابتدنفيق]{1,6}",
        4 => prop::sample::select(vec![
            " ", " ", " ", "\n", "\r\n", ".", "..", "...", "…", "!", "؟", "?", "،", ":", "«", "»", "\"", "“", "”", "‘", "’",
            "(", ")", "[", "]", "&", "&&", "- ", "• ", "ـ", "|", "*", "----", "###", "#", "+++", "~~~", "***", "3.5", "1,200", "٣٫٥", "د.", "أ.ف.ب", "U.S.",
            "\u{200F}", "\u{feff}", "\u{64B}", "\u{0}", "😀", "AT&T", "bbc.com", "Mr. ", "\u{2028}",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,4}",
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_alphanumeric() && !is_combining_mark(c) && c != '\u{640}'
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let mut covered = 0;
    let mut at = 0;
    for sentence in segment(text) {
        let span = sentence.span;
        prop_assert!(span.start >= at && span.start < span.end && span.end <= text.len());
        prop_assert_eq!(span.of(text), sentence.text);
        prop_assert!(span.len() <= MAX_SENTENCE_BYTES);
        prop_assert!(
            !text[at..span.start].contains(is_letter_or_digit),
            "left out of {:?}",
            &text[at..span.start]
        );
        prop_assert!(sentence.text.contains(is_letter_or_digit));
        prop_assert!(!sentence.text.contains(['\n', '\r', '\u{2028}']), "line break");
        prop_assert_eq!(sentence.text.trim(), sentence.text);
        covered += 1;
        at = span.end;
    }
    prop_assert!(
        !text[at..].contains(is_letter_or_digit),
        "left out at the end: {:?}",
        &text[at..]
    );
    prop_assert!(covered <= text.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_letter_lies_in_exactly_one_sentence(text in text()) {
        check(&text)?;
    }

    #[test]
    fn any_unicode_string_is_cut(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn segmentation_may_begin_anew_at_any_sentence(text in text()) {
        let all: Vec<_> = segment(&text).collect();
        for (i, sentence) in all.iter().enumerate() {
            let start = sentence.span.start;
            let again: Vec<_> = segment(&text[start..]).map(|s| s.span.shifted(start)).collect();
            let expected: Vec<_> = all[i..].iter().map(|s| s.span).collect();
            prop_assert_eq!(again, expected);
        }
    }

    #[test]
    fn tokens_ascend_and_hold_every_letter(text in text()) {
        let mut at = 0;
        for token in tokenize(&text) {
            prop_assert!(token.span.start >= at && !token.span.is_empty());
            prop_assert!(!text[at..token.span.start].contains(is_letter_or_digit));
            let raw = token.span.of(&text);
            match token.kind {
                TokenKind::Word => prop_assert!(raw.contains(is_letter_or_digit)),
                TokenKind::Number => prop_assert!(raw.chars().all(|c| c.is_numeric() || ".,٫٬،".contains(c)), "{raw:?}"),
                TokenKind::Punctuation => prop_assert!(!raw.contains(is_letter_or_digit)),
            }
            at = token.span.end;
        }
        prop_assert!(!text[at..].contains(is_letter_or_digit));
    }
}

#[test]
fn marks_at_the_border_of_the_window() {
    for mark in ["’", "»", "\"", ")", ".", "…"] {
        for letters in 2030..2050 {
            let text = format!("{}.{}، بعد ذلك", "ا".repeat(letters), mark.repeat(20));
            check(&text).unwrap();
        }
    }
}

#[test]
fn long_text_takes_linear_time() {
    // Marks that make the segmenter look ahead or back, a hundred thousand times.
    for piece in [
        "«..", ". ", "\"…", "a.", "«a…", "( ", "& ", ".»", "1.", "ا ", "..\u{a0}", "’’", "|", "* ", "#", "###", "### ",
    ] {
        let text = piece.repeat(100_000);
        let started = std::time::Instant::now();
        let sentences = segment(&text).count();
        assert!(sentences <= text.len());
        assert!(started.elapsed().as_secs() < 30, "{piece:?}");
    }
}
