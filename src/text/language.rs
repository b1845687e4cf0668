//! Stemmers by language.
//!
//! Enters: a normalised word. Leaves: its stem, never empty. Must not know: where the word stood.

use std::borrow::Cow;
use std::str::FromStr;

use rust_stemmers::Algorithm;
use serde::{Deserialize, Serialize};

use crate::error::Error;

macro_rules! languages {
    ($($variant:ident = $name:literal $tag:literal),* $(,)?) => {
        /// The language of the Snowball stemmer, or none. Carried in the model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Language {
            /// Words are not stemmed.
            None,
            $(#[doc = concat!("The Snowball stemmer for ", stringify!($variant), ".")]
              $variant,)*
        }

        impl Language {
            /// Every language, as it is named in settings and on the command line.
            pub const NAMES: &[&str] = &["none", $($name),*];

            /// The language tag of BCP 47, as in HTML's `lang`; `und` (undetermined) where words are not stemmed.
            pub fn tag(self) -> &'static str {
                match self {
                    Self::None => "und",
                    $(Self::$variant => $tag,)*
                }
            }

            fn algorithm(self) -> Option<Algorithm> {
                match self {
                    Self::None => None,
                    $(Self::$variant => Some(Algorithm::$variant),)*
                }
            }
        }

        impl FromStr for Language {
            type Err = Error;

            fn from_str(name: &str) -> Result<Self, Error> {
                match name {
                    "none" => Ok(Self::None),
                    $($name => Ok(Self::$variant),)*
                    _ => Err(Error::InvalidSetting(format!(
                        "unknown stemmer language {name:?}; known are {}",
                        Self::NAMES.join(", ")
                    ))),
                }
            }
        }
    };
}

languages! {
    Arabic = "arabic" "ar",
    Danish = "danish" "da",
    Dutch = "dutch" "nl",
    English = "english" "en",
    Finnish = "finnish" "fi",
    French = "french" "fr",
    German = "german" "de",
    Greek = "greek" "el",
    Hungarian = "hungarian" "hu",
    Italian = "italian" "it",
    Norwegian = "norwegian" "no",
    Portuguese = "portuguese" "pt",
    Romanian = "romanian" "ro",
    Russian = "russian" "ru",
    Spanish = "spanish" "es",
    Swedish = "swedish" "sv",
    Tamil = "tamil" "ta",
    Turkish = "turkish" "tr",
}

/// Reduces normalised words to stems.
pub struct Stemmer {
    language: Language,
    inner: Option<rust_stemmers::Stemmer>,
}

impl std::fmt::Debug for Stemmer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stemmer").field("language", &self.language).finish()
    }
}

impl Stemmer {
    /// The stemmer of a language.
    pub fn new(language: Language) -> Self {
        let inner = language.algorithm().map(rust_stemmers::Stemmer::create);
        Self { language, inner }
    }

    /// The language it was made for.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The stem of a normalised word without punctuation. Where the algorithm leaves nothing, the word itself.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        match self.inner.as_ref().map(|stemmer| stemmer.stem(word)) {
            Some(stem) if !stem.is_empty() => stem,
            _ => Cow::Borrowed(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_and_their_fallback() {
        let arabic = Stemmer::new(Language::Arabic);
        assert_eq!(arabic.stem("المسلحين"), arabic.stem("مسلحون"));
        assert_eq!(Stemmer::new(Language::English).stem("denied"), "deni");
        assert_eq!(Stemmer::new(Language::None).stem("denied"), "denied");
        for word in ["ا", "و", "ال", "ه", "ين"] {
            assert!(!arabic.stem(word).is_empty(), "{word}");
        }
    }

    #[test]
    fn names_round_trip() {
        for name in Language::NAMES {
            let language: Language = name.parse().unwrap();
            assert_eq!(serde_json::to_string(&language).unwrap(), format!("\"{name}\""));
        }
        assert!("klingon".parse::<Language>().is_err());
    }
}
