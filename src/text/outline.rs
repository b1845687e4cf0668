//! Remembers what the Arabic stemmer cuts off, so that it need not be asked for every new word.
//!
//! Enters: a normalised word and its language's stemmer. Leaves: the stem that the stemmer gives. Must not know: how
//! often a word occurs, sentences.
//!
//! The Snowball stemmer for Arabic compares the beginning and the end of a word with short lists of affixes, and counts
//! letters. So of most words only an [`Outline`] matters: length, the letters at the beginning that may belong to a
//! prefix, the letters at the end that may belong to suffixes. Words of the same outline lose the same letters. The
//! 112,000 distinct normal forms of 16 MB of news have 21,000 outlines.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::Stemmer;

/// Slots of the memo: half a megabyte.
const SLOTS: usize = 1 << 16;
/// The longest word, in letters, that has an outline.
const LONGEST: usize = 15;
/// The most letters of suffixes that an outline holds.
const LONGEST_TAIL: usize = 8;

/// What kind of letter it is: one that affixes consist of, or any other.
type Class = u8;
const ALEF: Class = 1;
const BA: Class = 2;
const TA: Class = 3;
const SIN: Class = 4;
const FA: Class = 5;
const KAF: Class = 6;
const LAM: Class = 7;
const MIM: Class = 8;
const NUN: Class = 9;
const HA: Class = 10;
const WAW: Class = 11;
const YA: Class = 12;
const OTHER: Class = 13;

/// The class of a letter of normal form, which the stemmer never changes into another: U+0600 and `low`. `None` for
/// anything else, such as letters with hamza.
#[inline]
fn class(low: u8) -> Option<Class> {
    Some(match low {
        0x27 => ALEF,
        0x28 => BA,
        0x2A => TA,
        0x33 => SIN,
        0x41 => FA,
        0x43 => KAF,
        0x44 => LAM,
        0x45 => MIM,
        0x46 => NUN,
        0x47 => HA,
        0x48 => WAW,
        0x4A => YA,
        0x2B..=0x32 | 0x34..=0x3A | 0x42 => OTHER,
        _ => return None,
    })
}

/// What of a word decides on what is cut off: four bits for the length, for each letter of the beginning (at most 5)
/// and of the end (at most 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outline(u64);

impl Outline {
    /// The outline of a word; `None` if it is too long or has other letters than those of [`class`].
    #[inline]
    fn of(word: &str) -> Option<Self> {
        let (pairs, rest) = word.as_bytes().as_chunks::<2>();
        if pairs.len() > LONGEST || !rest.is_empty() {
            return None;
        }
        let mut classes = [0; LONGEST];
        for (to, &[lead, trail]) in classes.iter_mut().zip(pairs) {
            let low = match lead {
                0xD8 => trail & 0x3F,
                0xD9 => trail & 0x3F | 0x40,
                _ => return None,
            };
            *to = class(low)?;
        }
        let classes = &classes[..pairs.len()];
        let front = &classes[..front(classes)];
        let is_inner = |class: &Class| !matches!(*class, KAF | MIM | HA | NUN | YA | ALEF | WAW | TA);
        let tail = &classes[classes.iter().rposition(is_inner).map_or(0, |last| last + 1)..];
        if tail.len() > LONGEST_TAIL {
            return None;
        }
        let letters = |classes: &[Class]| classes.iter().fold(0, |all, &class| all << 4 | u64::from(class));
        Some(Self(letters(front) << 36 | letters(tail) << 4 | pairs.len() as u64))
    }

    #[inline]
    fn slot(self) -> usize {
        (self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SLOTS.trailing_zeros())) as usize
    }
}

/// How many letters at the beginning may belong to what the stemmer compares with: a conjunction, then an article, a
/// preposition, or the future and the tenth form of a verb.
#[inline]
fn front(word: &[Class]) -> usize {
    let conjunction = usize::from(matches!(word, [FA | WAW, ..]));
    let prefix = match &word[conjunction..] {
        [SIN, YA | TA | NUN, SIN, TA, ..] => 4,
        [SIN, YA | TA | NUN, SIN, ..] | [BA | KAF, ALEF, LAM, ..] | [YA | TA | NUN, SIN, TA, ..] => 3,
        [SIN | ALEF | BA | KAF | LAM | YA | TA | NUN] => 1,
        [SIN, YA | TA | NUN, ..] | [YA | TA | NUN, SIN, ..] => 2,
        [BA | KAF, ALEF, ..] | [ALEF | LAM, LAM, ..] | [BA, BA, ..] | [KAF, KAF, ..] => 2,
        [SIN | ALEF | BA | KAF | LAM | YA | TA | NUN, ..] => 1,
        _ => 0,
    };
    conjunction + prefix
}

/// What is cut off: numbers of letters, and whether the first one that is left becomes an alef (as in the tenth form).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    front: usize,
    back: usize,
    to_alef: bool,
}

impl Cut {
    /// The one cut that makes `stem` of `word`. `None` if there is none, or more than one.
    fn between(word: &str, stem: &str) -> Option<Self> {
        let cut = word.len().checked_sub(stem.len())? / 2;
        let all = (0..=cut).flat_map(|front| {
            let back = cut - front;
            [false, true].map(|to_alef| Self { front, back, to_alef })
        });
        // A first letter that is an alef already does not become one.
        let mut fitting = all.filter(|cut| {
            let [alef, rest] = cut.of(word);
            stem.strip_prefix(alef) == Some(rest) && !(cut.to_alef && word[2 * cut.front..].starts_with('ا'))
        });
        let found = fitting.next()?;
        (fitting.next().is_none() && found.front < 8 && found.back < 16).then_some(found)
    }

    /// What is left of a word: an alef or nothing, then a part of the word.
    #[inline]
    fn of(self, word: &str) -> [&str; 2] {
        let end = word.len() - 2 * self.back;
        if self.to_alef {
            ["ا", &word[(2 * self.front + 2).min(end)..end]]
        } else {
            ["", &word[2 * self.front..end]]
        }
    }

    #[inline]
    fn to_bits(self) -> u64 {
        (self.front << 5 | self.back << 1) as u64 | u64::from(self.to_alef)
    }

    #[inline]
    fn from_bits(bits: u64) -> Self {
        Self {
            front: (bits >> 5) as usize & 7,
            back: (bits >> 1) as usize & 15,
            to_alef: bits & 1 != 0,
        }
    }
}

/// Cuts by outline, for any number of threads. Of two outlines in one slot it remembers the last.
pub struct StemMemo {
    /// The outline, and in the lowest eight bits its cut; 0 where nothing is known.
    slots: Box<[AtomicU64]>,
}

impl std::fmt::Debug for StemMemo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StemMemo").finish_non_exhaustive()
    }
}

impl Default for StemMemo {
    fn default() -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { slots }
    }
}

impl StemMemo {
    /// Appends the stem of a normalised word by the Arabic `stemmer` to `stem`.
    #[inline]
    pub fn stem_into(&self, stemmer: &Stemmer, word: &str, stem: &mut String) {
        let Some(outline) = Outline::of(word) else {
            return stem.push_str(&stemmer.stem(word));
        };
        let slot = &self.slots[outline.slot()];
        let known = slot.load(Relaxed);
        if known >> 8 == outline.0 {
            for part in Cut::from_bits(known & 0xFF).of(word) {
                stem.push_str(part);
            }
            return;
        }
        let asked = stemmer.stem(word);
        if let Some(cut) = Cut::between(word, &asked) {
            slot.store(outline.0 << 8 | cut.to_bits(), Relaxed);
        }
        stem.push_str(&asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;
    use proptest::prelude::*;

    fn stemmer() -> Stemmer {
        Stemmer::new(Language::Arabic)
    }

    fn assert_same(memo: &StemMemo, stemmer: &Stemmer, word: &str) {
        let mut stem = String::new();
        memo.stem_into(stemmer, word, &mut stem);
        assert_eq!(stem, stemmer.stem(word), "{word}");
    }

    /// Every word of so many letters, all letters of affixes and two others: these occur in no list of the stemmer, so
    /// to it one is like the other. Words of one outline follow in different orders.
    #[test]
    fn every_short_word() {
        let letters: Vec<char> = "ابتسفكلمنهويجد".chars().collect();
        let (memo, stemmer) = (StemMemo::default(), stemmer());
        for length in 1..=5u32 {
            for number in 0..letters.len().pow(length) {
                let digit = |i: u32| letters[number / letters.len().pow(i) % letters.len()];
                let word: String = (0..length).map(digit).collect();
                assert_same(&memo, &stemmer, &word);
            }
        }
    }

    #[test]
    fn words_of_one_outline_lose_the_same() {
        let outline = |word| Outline::of(word).unwrap();
        assert_eq!(outline("والمجتمعات"), outline("والمحاضرات"));
        assert_ne!(outline("والمجتمعات"), outline("فالمجتمعات"));
        assert_ne!(outline("والمجتمعات"), outline("والمجتمعين"));
        for word in [
            "سؤال",
            "على",
            "مدرسة",
            "bbc",
            "كلمةx",
            "گوگل",
            "اااااااااااااااا",
            "ننننننننن",
        ] {
            assert_eq!(Outline::of(word), None, "{word}");
        }
        let cut = |word, stem| Cut::between(word, stem);
        let expected = Cut {
            front: 2,
            back: 0,
            to_alef: false,
        };
        assert_eq!(cut("فففج", "فج"), Some(expected));
        assert_eq!(cut("ففف", "فف"), None, "at the beginning or at the end");
        assert_eq!(cut("كتب", "كاتب"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn words_with_affixes(
            words in prop::collection::vec(
                "[وفأ]?(ال|بال|كال|لل|ب|بب|كك|با|س|ست|سن|سي|سأ|ي|ن|ت|تست|نست|يست|سيست|ا)?[ا-غف-يأ]{0,6}(كما|هما|كمو|نا|ها|ني|هم|كم|كن|هن|ه|ك|ي|ون|ين|ان|ات|ت|تم|وا|تما|تا|تمو|و|ن|ة|ى){0,4}",
                1..400,
            ),
        ) {
            let (memo, stemmer) = (StemMemo::default(), stemmer());
            for word in words.iter().filter(|word| !word.is_empty()) {
                assert_same(&memo, &stemmer, word);
            }
        }

        #[test]
        fn any_words(words in prop::collection::vec("[ا-ي]{1,16}|[ابتسفكلمنهويج]{5,10}|\\PC{1,8}", 1..400)) {
            let (memo, stemmer) = (StemMemo::default(), stemmer());
            words.iter().for_each(|word| assert_same(&memo, &stemmer, word));
        }
    }
}
