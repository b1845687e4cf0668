//! Character n-grams by a trie: a token's n-grams are looked up without writing a string.
//!
//! Enters: the n-grams of a vocabulary in ascending order, then words. Leaves: the summed weights of a word's n-grams. Must
//! not know: stems, sentences.
//!
//! All n-grams that begin at one character are one way through the trie. Nodes lie level by level, the children of a node
//! side by side in the order of their characters, so that a bit set and a number say where each is (after M. Asai and
//! Y. Ohara, "Poptrie", 2015). The ways of a word do not depend on one another, so the processor goes them side by side.

use super::alphabet::{Alphabet, BITS, Code};
use super::packer::{LONGEST, Packer};
use super::prefetch::prefetch;
use super::{Sums, WeightRow, add_row};
use crate::features::{FeatureKind, NgramRange, Vocabulary};

const _: () = assert!(NgramRange::LONGEST <= LONGEST as usize, "each n-gram has a number");

/// For how many characters room is kept from one word to the next.
const KEPT: usize = 1 << 10;

/// The weights of the character n-grams of a vocabulary.
#[derive(Debug)]
pub(super) struct NgramTrie {
    /// All but the last level. A node of the first one lies at the number of its character; in the others place 0 stands for
    /// what the vocabulary does not have.
    inner: Vec<Vec<Node>>,
    /// The weights of the longest n-grams, likewise.
    leaves: Vec<WeightRow>,
}

/// An n-gram, or the beginning of one.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// The characters that it goes on with, one bit each.
    children: u64,
    /// Where in the next level the first of them lies.
    first: u32,
    weights: WeightRow,
}

impl Node {
    /// Where in the next level it goes on with a character; 0 if it does not.
    #[inline(always)]
    fn child(&self, code: u8) -> u32 {
        let code = code % 64;
        let before = (self.children & ((1 << code) - 1)).count_ones();
        // Without a branch, for nobody can foresee it.
        let is_there = (self.children >> code & 1) as u32;
        (self.first + before) & is_there.wrapping_neg()
    }
}

impl NgramTrie {
    /// The trie of a vocabulary, whose characters it numbers in their order. `row` gives the weights of a column.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        alphabet: &mut Alphabet,
        range: NgramRange,
        row: impl Fn(u32) -> WeightRow,
    ) -> Self {
        let mut packer = Packer::<false>::new(alphabet);
        let keys = vocabulary.with_prefix(FeatureKind::CharNgram.prefix());
        let mut builder = Builder::new(range.max, keys.len());
        for step in keys {
            // An n-gram that cannot be packed cannot occur in a word that can.
            let Some(ngram) = packer.number(&step) else { continue };
            let length = (u64::BITS - ngram.leading_zeros()).div_ceil(BITS);
            if (range.min..=range.max).contains(&(length as usize)) {
                builder.add(ngram, length, row(step.column));
            }
        }
        builder.finish(&alphabet.put_in_order())
    }

    /// Begins to look up the n-grams of a word: goes all steps but the last two, which may have to wait for memory. `false` if
    /// the word has a character without number; then there is nothing to finish.
    #[inline]
    pub(super) fn begin(&self, alphabet: &Alphabet, word: &str, ways: &mut Ways) -> bool {
        ways.clear();
        for c in std::iter::once('<').chain(word.chars()).chain(['>']) {
            match alphabet.code(c) {
                Code::Number(number) => ways.codes.push(number),
                // No n-gram of the vocabulary reaches across this character.
                Code::Absent => ways.codes.push(0),
                Code::Unnumbered => return false,
            }
        }
        ways.places.extend(ways.codes.iter().map(|&code| u32::from(code)));
        // The ways that begin near the end go on with characters that are none.
        ways.codes.extend_from_slice(&[0; LONGEST as usize][..self.inner.len()]);
        for (depth, pair) in self.inner.windows(2).enumerate() {
            ways.step(&pair[0], &pair[1], depth + 1);
        }
        true
    }

    /// Adds the weights of the n-grams of the word that was begun with and that the vocabulary knows, once for each occurrence.
    #[inline]
    pub(super) fn finish(&self, ways: &mut Ways, sums: &mut Sums) {
        if let Some(last) = self.inner.last() {
            ways.step(last, &self.leaves, self.inner.len());
        }
        let mut total = ways.sums;
        let leaves = ways.places.iter().map(|&at| &self.leaves[at as usize]);
        leaves.for_each(|weights| add_row(&mut total, weights));
        sums.iter_mut().zip(total).for_each(|(sum, part)| *sum += part);
    }
}

/// The ways of a word through the trie, one from each of its characters.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// The numbers of the characters, 0 for those that the vocabulary does not have.
    codes: Vec<u8>,
    /// Where on its level each way has come.
    places: Vec<u32>,
    sums: Sums,
}

impl Ways {
    fn clear(&mut self) {
        self.codes.clear();
        self.codes.shrink_to(KEPT);
        self.places.clear();
        self.places.shrink_to(KEPT);
        self.sums = Sums::default();
    }

    /// Goes a step on all ways, from one level to the next: by the character that lies so far from where each began.
    ///
    /// Step by step and not way by way, since the steps of different ways need not wait for one another.
    #[inline]
    fn step<T>(&mut self, level: &[Node], next: &[T], distance: usize) {
        let mut total = self.sums;
        for (place, &code) in self.places.iter_mut().zip(&self.codes[distance..]) {
            let node = &level[*place as usize];
            add_row(&mut total, &node.weights);
            *place = node.child(code);
            prefetch(&next[*place as usize]);
        }
        self.sums = total;
    }
}

/// A trie that grows by n-grams in the order of their characters, each given as a number.
struct Builder {
    /// What is known of the trie: all but the children.
    inner: Vec<Vec<Node>>,
    leaves: Vec<WeightRow>,
    /// For each node of each level the number of its last character.
    characters: Vec<Vec<u8>>,
    /// The last n-gram. Its nodes are the last of their levels.
    last: u64,
}

impl Builder {
    /// `count`: how many n-grams there are.
    fn new(levels: usize, count: usize) -> Self {
        let inner = (0..levels - 1).map(|depth| new_level(depth, count)).collect();
        Self {
            inner,
            leaves: new_level(levels - 1, count),
            characters: (0..levels).map(|depth| new_level(depth, count)).collect(),
            last: 0,
        }
    }

    /// Adds an n-gram of so many characters.
    #[inline]
    fn add(&mut self, ngram: u64, length: u32, weights: WeightRow) {
        // All begin at the same bit.
        let aligned = ngram << (BITS * (LONGEST - length));
        let shared = ((aligned ^ self.last).leading_zeros() - (u64::BITS - BITS * LONGEST)) / BITS;
        self.last = aligned;
        // Beginnings that are no n-grams themselves weigh nothing.
        for depth in shared..length - 1 {
            self.add_node(depth, WeightRow::default());
        }
        self.add_node(length - 1, weights);
    }

    /// Adds the node of the last n-gram on a level.
    #[inline(always)]
    fn add_node(&mut self, depth: u32, weights: WeightRow) {
        let number = self.last >> (BITS * (LONGEST - 1 - depth)) & ((1 << BITS) - 1);
        let depth = depth as usize;
        self.characters[depth].push(number as u8);
        // Behind what the next level holds by now.
        let first = self.inner.get(depth + 1).map_or(self.leaves.len(), Vec::len) as u32;
        match self.inner.get_mut(depth) {
            Some(level) => level.push(Node {
                children: 0,
                first,
                weights,
            }),
            None => self.leaves.push(weights),
        }
    }

    /// The trie; `order` gives for each number of a character the one in the order of characters.
    fn finish(self, order: &[u8; 1 << BITS]) -> NgramTrie {
        let Self {
            mut inner,
            mut leaves,
            characters,
            ..
        } = self;
        let order = |number: &u8| order[usize::from(*number)];
        for (parents, characters) in inner.iter_mut().zip(&characters[1..]) {
            let mut end = characters.len();
            for parent in parents.iter_mut().rev() {
                let first = parent.first as usize;
                let children = &characters[first..end];
                parent.children = children.iter().fold(0, |all, child| all | 1 << order(child));
                end = first;
            }
        }
        let places = || characters[0].iter().map(|number| usize::from(order(number)));
        match inner.first_mut() {
            Some(level) => *level = scattered(level, places()),
            None => leaves = scattered(&leaves, places()),
        }
        NgramTrie { inner, leaves }
    }
}

/// A level that need not be moved when it grows; what is not filled takes no memory. The first one has no place that stands
/// for nothing: its nodes get other places in the end.
fn new_level<T: Clone + Default>(depth: usize, count: usize) -> Vec<T> {
    let most = 1usize << (BITS as usize * (depth + 1)).min(32);
    let mut level = Vec::with_capacity(most.min(count) + 1);
    level.resize(usize::from(depth > 0), T::default());
    level
}

/// The nodes of the first level, each at its place.
fn scattered<T: Copy + Default>(nodes: &[T], places: impl Iterator<Item = usize>) -> Vec<T> {
    let mut level = vec![T::default(); 1 << BITS];
    places.zip(nodes).for_each(|(place, &node)| level[place] = node);
    level
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Analyzer, FeatureParams, Term};
    use crate::text::{Language, TokenKind};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_sums_as_by_strings(
            keys in prop::collection::btree_set("c[<اب]{0,1}[ابa\u{1F00}]{1,7}[>]{0,1}", 1..60),
            word in "[ابتaé\u{1F00}]{1,9}",
            min in 1usize..4,
            more in 0usize..6,
        ) {
            let vocabulary = Vocabulary::from_sorted(&keys).unwrap();
            let mut alphabet = Alphabet::default();
            let range = NgramRange { min, max: min + more };
            let params = FeatureParams { char_ngrams: Some(range), words: false, language: Language::None, ..FeatureParams::default() };
            let analyzer = Analyzer::new(params);
            let mut term = Term::default();
            prop_assume!(analyzer.analyze(TokenKind::Word, &word, &mut term));
            let row = |column: u32| [column as i16 + 1, 1, -(column as i16), 7];
            let mut expected = Sums::default();
            analyzer.term_features(&mut term, |key| {
                vocabulary.column(key).into_iter().for_each(|column| super::super::add_row(&mut expected, &row(column)));
            });
            let trie = NgramTrie::new(&vocabulary, &mut alphabet, range, row);
            let mut sums = Sums::default();
            let mut ways = Ways::default();
            let by_number = trie.begin(&alphabet, &term.normal, &mut ways);
            if by_number {
                trie.finish(&mut ways, &mut sums);
            }
            if by_number {
                prop_assert_eq!(sums, expected);
            } else {
                prop_assert_eq!(sums, Sums::default());
                prop_assert!(word.contains('\u{1F00}'), "only for characters without number");
            }
        }
    }
}
