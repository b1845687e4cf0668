//! Properties of normalisation.

use bayan::text::{Language, Normalization, Normalizer, Stemmer};
use proptest::prelude::*;

fn normal(text: &str) -> String {
    let mut out = String::new();
    Normalizer::new(Normalization::default()).normalize_into(text, &mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_normal_form_is_its_own_normal_form(text in any::<String>()) {
        let once = normal(&text);
        prop_assert_eq!(normal(&once), once);
    }

    #[test]
    fn the_normal_form_of_a_token_is_one_word(text in any::<String>()) {
        for token in bayan::text::tokenize(&text) {
            prop_assert!(!normal(token.span.of(&text)).contains(char::is_whitespace));
        }
        prop_assert_eq!(normal("ﷺ"), "صلياللهعليهوسلم");
    }

    #[test]
    fn arabic_spelling_does_not_matter(word in "[ابتثجحخدذرزسشصضطظعغفقكلمنهوي]{1,10}", noise in prop::collection::vec(0usize..8, 10)) {
        let marks = ["", "\u{64E}", "\u{651}\u{650}", "\u{640}\u{640}", "\u{200F}", "\u{200D}", "\u{64B}", ""];
        let varied: String = word
            .chars()
            .zip(noise.iter().cycle())
            .map(|(c, &n)| {
                let letter = match (c, n % 4) {
                    ('ا', 1) => 'أ', ('ا', 2) => 'إ', ('ا', 3) => 'ٱ',
                    ('ي', 1) => 'ى', ('ي', 2) => 'ی', ('ك', 1) => 'ک', ('ه', 1) => 'ة', ('و', 1) => 'ؤ',
                    (c, _) => c,
                };
                format!("{letter}{}", marks[n])
            })
            .collect();
        prop_assert_eq!(normal(&varied), normal(&word));
    }

    #[test]
    fn any_number_is_one_class(digits in "[0-9٠-٩۰-۹]{1,12}") {
        prop_assert!(normal(&digits).chars().all(|c| c == '0'));
    }

    #[test]
    fn stems_are_never_empty(word in "\\PC{1,12}") {
        for language in [Language::Arabic, Language::English, Language::French, Language::Tamil] {
            prop_assert!(!Stemmer::new(language).stem(&word).is_empty());
        }
    }
}
