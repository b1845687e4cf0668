//! Counts of all features of a training set, before any is chosen or weighted.
//!
//! Enters: texts. Leaves: a [`CountMatrix`]. Counting once and choosing columns for each fold of a
//! cross-validation (see [`super::FeatureSpace`]) keeps held-out sentences out of the vocabulary and idf.

use hashbrown::HashMap;

use super::analyzer::{Analyzer, Part};

/// Counts by number: of columns, or of terms.
pub type Counts = Box<[(u32, u32)]>;

/// Counts of features by sentence. Columns ascend by key, whatever the order of the texts.
#[derive(Debug, Clone)]
pub struct CountMatrix {
    /// Feature keys, ascending.
    pub keys: Vec<String>,
    /// For each text its `(column, count)`s by ascending column.
    pub rows: Vec<Counts>,
    /// For each text its number of terms.
    pub lengths: Vec<u32>,
    /// For each distinct term the `(column, count)`s of the features that it has by itself. A text has few terms but
    /// many features, and most terms come again: what is additive over terms need be computed only once for each.
    pub terms: Vec<Counts>,
    /// The rows again, by terms.
    pub rows_by_term: Vec<RowByTerm>,
}

/// A row as a sum over its terms.
#[derive(Debug, Clone)]
pub struct RowByTerm {
    /// `(term, count)` by ascending term.
    pub terms: Counts,
    /// `(column, count)` by ascending column of what belongs to no single term: bigrams.
    pub others: Counts,
}

/// Counts the features of `texts`.
pub fn count_features<'t>(analyzer: &Analyzer, texts: impl IntoIterator<Item = &'t str>) -> CountMatrix {
    let mut keys = Numbers::default();
    let mut term_numbers = Numbers::default();
    let (mut terms, mut rows_by_term, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for text in texts {
        let (mut row_terms, mut others) = (Vec::new(), Vec::new());
        let length = analyzer.parts(text, |part, _| match part {
            Part::Term(term) => {
                let number = term_numbers.of(&term.normal);
                if number as usize == terms.len() {
                    let mut features = Vec::new();
                    analyzer.term_features(term, |key| features.push((keys.of(key), 1)));
                    terms.push(summed(features));
                }
                row_terms.push((number, 1));
            }
            Part::Bigram(key) => others.push((keys.of(key), 1)),
        });
        rows_by_term.push(RowByTerm {
            terms: summed(row_terms),
            others: summed(others),
        });
        lengths.push(length);
    }
    sorted_by_key(keys, terms, rows_by_term, lengths)
}

/// Numbers strings in the order of their first occurrence.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn of(&mut self, key: &str) -> u32 {
        let next = self.0.len() as u32;
        match self.0.get(key) {
            Some(&number) => number,
            None => *self.0.entry_ref(key).or_insert(next),
        }
    }
}

/// Counts in ascending order, those of the same number added up.
fn summed(mut counts: Vec<(u32, u32)>) -> Counts {
    counts.sort_unstable();
    counts.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    counts.into()
}

/// Renames columns from the order of first occurrence to the order of keys, and adds up the rows.
fn sorted_by_key(
    keys: Numbers,
    mut terms: Vec<Counts>,
    mut rows_by_term: Vec<RowByTerm>,
    lengths: Vec<u32>,
) -> CountMatrix {
    let mut named: Vec<(String, u32)> = keys.0.into_iter().collect();
    named.sort_unstable();
    let mut rank = vec![0u32; named.len()];
    for (column, &(_, id)) in named.iter().enumerate() {
        rank[id as usize] = column as u32;
    }
    for counts in terms
        .iter_mut()
        .chain(rows_by_term.iter_mut().map(|row| &mut row.others))
    {
        counts.iter_mut().for_each(|entry| entry.0 = rank[entry.0 as usize]);
        counts.sort_unstable();
    }
    CountMatrix {
        keys: named.into_iter().map(|(key, _)| key).collect(),
        rows: rows_by_term.iter().map(|row| row.added_up(&terms)).collect(),
        lengths,
        terms,
        rows_by_term,
    }
}

impl RowByTerm {
    fn added_up(&self, terms: &[Counts]) -> Counts {
        let of_terms = self.terms.iter().flat_map(|&(term, times)| {
            let features = terms[term as usize].iter();
            features.map(move |&(column, count)| (column, times * count))
        });
        summed(of_terms.chain(self.others.iter().copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{FeatureParams, Term};
    use crate::text::tokenize;

    /// Terms are numbered by their normal forms alone, but only words have character n-grams.
    #[test]
    fn no_word_has_the_normal_form_of_a_number_or_a_mark() {
        let params = FeatureParams {
            punctuation: true,
            ..FeatureParams::default()
        };
        let analyzer = Analyzer::new(params);
        let (mut words, mut others) = (HashMap::new(), HashMap::new());
        let mut term = Term::default();
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let text = c.to_string();
            for token in tokenize(&text) {
                if analyzer.analyze(token.kind, &text, &mut term) {
                    let forms = if term.is_word { &mut words } else { &mut others };
                    forms.insert(term.normal.clone(), c);
                }
            }
        }
        assert!(words.len() > 1000 && others.len() > 3);
        for (form, c) in &others {
            assert_eq!(words.get(form), None, "{form:?} of {c:?}");
        }
    }
}
