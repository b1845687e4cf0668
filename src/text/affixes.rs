//! Which letters at the borders of a word the Arabic stemmer can take for affixes.
//!
//! Enters: letters, from a border inwards. Leaves: those of them that can decide on what is cut off. Must not know: what is cut
//! off in the end.
//!
//! All lists of affixes are compared at the same time, letter after letter, each letter of a list being one bit
//! (R. Baeza-Yates and G. Gonnet, "A new approach to text searching", 1992). The lists are those of `arabic.sbl` of the
//! Snowball project; lengths are not looked at here.

/// What kind of letter it is: one that affixes consist of, or any other.
pub(super) type Class = u8;
pub(super) const ALEF: Class = 1;
pub(super) const BA: Class = 2;
pub(super) const TA: Class = 3;
pub(super) const SIN: Class = 4;
pub(super) const FA: Class = 5;
pub(super) const KAF: Class = 6;
pub(super) const LAM: Class = 7;
pub(super) const MIM: Class = 8;
pub(super) const NUN: Class = 9;
pub(super) const HA: Class = 10;
pub(super) const WAW: Class = 11;
pub(super) const YA: Class = 12;
pub(super) const OTHER: Class = 13;

/// What may come next on the way inwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing.
    End,
    /// The end of a word without an article.
    Suffixes,
    /// The end of a word with one, which is a noun.
    NounSuffixes,
    /// More pronouns, or the ending of a verb.
    BeforePronoun,
    /// The ending of a noun before its nun.
    BeforeNun,
    /// The ya of an adjective.
    Adjective,
    /// The beginning of a word.
    Prefixes,
    /// The same after a conjunction.
    AfterConjunction,
    /// The beginning of a verb after its mark of the future.
    AfterFuture,
}

const STAGES: usize = Stage::AfterFuture as usize + 1;

/// Affixes, the outermost letter first, and what may come behind them; before them the stages in which they may come.
type List = (&'static [Stage], &'static [(&'static [Class], Stage)]);

use Stage::{
    Adjective, AfterConjunction, AfterFuture, BeforeNun, BeforePronoun, End, NounSuffixes, Prefixes, Suffixes,
};

pub(super) static SUFFIXES: Affixes = Affixes::new(&[
    // Suffix_Verb_Step1, which is repeated; Suffix_Noun_Step1a has no others but ya.
    (
        &[Suffixes, BeforePronoun],
        &[
            (&[HA], BeforePronoun),
            (&[KAF], BeforePronoun),
            (&[YA, NUN], BeforePronoun),
            (&[ALEF, NUN], BeforePronoun),
            (&[ALEF, HA], BeforePronoun),
            (&[MIM, HA], BeforePronoun),
            (&[NUN, HA], BeforePronoun),
            (&[MIM, KAF], BeforePronoun),
            (&[NUN, KAF], BeforePronoun),
            (&[ALEF, MIM, HA], BeforePronoun),
            (&[ALEF, MIM, KAF], BeforePronoun),
            (&[WAW, MIM, KAF], BeforePronoun),
        ],
    ),
    // Suffix_Verb_Step2a.
    (
        &[Suffixes, BeforePronoun],
        &[
            (&[TA], End),
            (&[NUN], End),
            (&[ALEF], End),
            (&[YA], End),
            (&[ALEF, NUN], End),
            (&[ALEF, TA], End),
            (&[NUN, TA], End),
            (&[NUN, WAW], End),
            (&[NUN, YA], End),
            (&[NUN, ALEF], End),
            (&[ALEF, MIM, TA], End),
        ],
    ),
    // Suffix_Verb_Step2b and c.
    (&[Suffixes], &[(&[MIM, TA], End), (&[ALEF, WAW], End)]),
    (&[BeforePronoun], &[(&[WAW], End), (&[WAW, MIM, TA], End)]),
    // Suffix_Noun_Step1b, 2a, 2b, 2c1 and 3.
    (&[Suffixes, NounSuffixes], &[(&[NUN], BeforeNun)]),
    (
        &[Suffixes, BeforeNun],
        &[(&[WAW], Adjective), (&[YA], Adjective), (&[ALEF], Adjective)],
    ),
    (&[Suffixes, NounSuffixes, BeforeNun], &[(&[TA, ALEF], Adjective)]),
    (&[BeforeNun], &[(&[TA], Adjective)]),
    (&[Suffixes, NounSuffixes, BeforeNun, Adjective], &[(&[YA], End)]),
]);

pub(super) static PREFIXES: Affixes = Affixes::new(&[
    // Prefix_Step2: a conjunction, unless an alef follows.
    (
        &[Prefixes],
        &[
            (&[FA], AfterConjunction),
            (&[WAW], AfterConjunction),
            (&[FA, ALEF], End),
            (&[WAW, ALEF], End),
        ],
    ),
    // Checks1 and Prefix_Step3a_Noun; Prefix_Step3b_Noun, unless an alef follows a ba; Prefix_Step3_Verb.
    (
        &[Prefixes, AfterConjunction],
        &[
            (&[ALEF, LAM], End),
            (&[BA, ALEF, LAM], End),
            (&[KAF, ALEF, LAM], End),
            (&[LAM, LAM], End),
            (&[BA, ALEF], End),
            (&[BA], End),
            (&[BA, BA], End),
            (&[KAF, KAF], End),
            (&[SIN, YA], AfterFuture),
            (&[SIN, TA], AfterFuture),
            (&[SIN, NUN], AfterFuture),
        ],
    ),
    // Prefix_Step4_Verb.
    (
        &[Prefixes, AfterConjunction, AfterFuture],
        &[(&[TA, SIN, TA], End), (&[NUN, SIN, TA], End), (&[YA, SIN, TA], End)],
    ),
]);

/// The letters of lists of affixes as bits, each followed by the next letter of the same affix.
pub(super) struct Affixes {
    /// For each class where it is the letter.
    letters: [u64; OTHER as usize + 1],
    /// Where another letter of the same affix follows.
    inner: u64,
    /// The last letters of what a stage comes behind.
    last: [u64; STAGES],
    /// The first letters of what may come in a stage.
    first: [u64; STAGES],
}

impl Affixes {
    const fn new(lists: &[List]) -> Self {
        let mut bits = Self {
            letters: [0; _],
            inner: 0,
            last: [0; _],
            first: [0; _],
        };
        let mut bit = 1u64;
        let (mut list, mut affix, mut at) = (0, 0, 0);
        while list < lists.len() {
            let (stages, affixes) = lists[list];
            while affix < affixes.len() {
                let (letters, behind) = affixes[affix];
                let mut stage = 0;
                while stage < stages.len() {
                    bits.first[stages[stage] as usize] |= bit;
                    stage += 1;
                }
                while at < letters.len() {
                    assert!(bit != 0, "more letters than bits");
                    bits.letters[letters[at] as usize] |= bit;
                    let is_inner = at + 1 < letters.len();
                    let place = if is_inner {
                        &mut bits.inner
                    } else {
                        &mut bits.last[behind as usize]
                    };
                    *place |= bit;
                    bit <<= 1;
                    at += 1;
                }
                (affix, at) = (affix + 1, 0);
            }
            (list, affix) = (list + 1, 0);
        }
        bits
    }

    /// The border of a word, whose letters come from there inwards; `None` if it is too long.
    #[inline(always)]
    pub(super) fn border<'l>(&self, stage: Stage, letters: impl Iterator<Item = &'l Class>) -> Option<Border> {
        let mut border = Border::default();
        let mut expected = self.first[stage as usize];
        for &class in letters {
            if expected == 0 {
                break;
            }
            if border.count == Border::LONGEST {
                return None;
            }
            let found = expected & self.letters[usize::from(class)];
            border.letters = border.letters << 4 | u64::from(if found == 0 { OTHER } else { class });
            border.count += 1;
            expected = (found & self.inner) << 1;
            for (last, first) in self.last.iter().zip(&self.first).skip(1) {
                if found & last != 0 {
                    expected |= first;
                }
            }
        }
        Some(border)
    }
}

/// Letters that may belong to affixes, four bits each, the outermost one highest, and how many they are. Whatever cannot
/// belong to an affix is one and the same letter, and the last that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Border {
    pub letters: u64,
    pub count: usize,
}

impl Border {
    /// The most letters that a border holds.
    const LONGEST: usize = 8;
}
