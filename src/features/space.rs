//! The chosen columns and their weights: document-frequency cut-off and idf.
//!
//! Enters: a [`CountMatrix`] and the rows to learn from. Leaves: weighted vectors of any row, and the
//! [`Vocabulary`] of the chosen columns. Must not know: labels.

use super::{CountMatrix, FeatureParams, Norm, SparseVector, TermFrequency, Vocabulary};

const UNCHOSEN: u32 = u32::MAX;

/// Columns that occur often enough in the training rows, with their inverse document frequency.
#[derive(Debug, Clone)]
pub struct FeatureSpace {
    params: FeatureParams,
    /// For each column of the count matrix its column here, or [`UNCHOSEN`].
    chosen: Vec<u32>,
    idf: Vec<f32>,
}

impl FeatureSpace {
    /// Learns cut-off and idf from `rows` of `counts`.
    pub fn fit(params: &FeatureParams, counts: &CountMatrix, rows: &[usize]) -> Self {
        Self::fit_keeping(params, counts, rows, |_| false)
    }

    /// The same, but features that `kept` names stay however rarely they occur.
    pub fn fit_keeping(
        params: &FeatureParams,
        counts: &CountMatrix,
        rows: &[usize],
        kept: impl Fn(&str) -> bool,
    ) -> Self {
        let mut frequency = vec![0u32; counts.keys.len()];
        for &row in rows {
            for &(column, _) in &counts.rows[row] {
                frequency[column as usize] += 1;
            }
        }
        let mut chosen = vec![UNCHOSEN; frequency.len()];
        let mut idf = Vec::new();
        for (column, &df) in frequency.iter().enumerate() {
            if df >= params.min_df || kept(&counts.keys[column]) {
                chosen[column] = idf.len() as u32;
                idf.push(inverse_document_frequency(params, df, rows.len()));
            }
        }
        Self {
            params: params.clone(),
            chosen,
            idf,
        }
    }

    /// How many columns were chosen.
    pub fn columns(&self) -> usize {
        self.idf.len()
    }

    /// The inverse document frequency of each chosen column (1 where idf is off).
    pub fn idf(&self) -> &[f32] {
        &self.idf
    }

    /// The weighted vector of one row of `counts`.
    pub fn vector(&self, counts: &CountMatrix, row: usize) -> SparseVector {
        let mut vector = self.undivided(&counts.rows[row]);
        let divisor = self.divisor(counts, row);
        vector.values.iter_mut().for_each(|v| *v /= divisor);
        vector
    }

    /// By what the vector of a row is divided.
    fn divisor(&self, counts: &CountMatrix, row: usize) -> f32 {
        let divisor = match self.params.norm {
            Norm::None => 1.0,
            Norm::L2 => {
                let values = self.undivided(&counts.rows[row]).values;
                values.iter().map(|v| v * v).sum::<f32>().sqrt()
            }
            Norm::SqrtLength => (counts.lengths[row] as f32).sqrt(),
        };
        if divisor > 0.0 { divisor } else { 1.0 }
    }

    /// Whether the vector of a row is the sum of what its terms give: where term frequencies are plain counts.
    pub fn is_additive(&self) -> bool {
        self.params.term_frequency == TermFrequency::Count
    }

    /// The weighted vector of the features that a term of `counts` has by itself, not divided by anything.
    pub fn term_vector(&self, counts: &CountMatrix, term: usize) -> SparseVector {
        self.undivided(&counts.terms[term])
    }

    /// The weighted vector of one row of `counts` by terms: the columns that belong to no single term, then, as column
    /// [`FeatureSpace::columns`] + t, how often term t counts.
    pub fn vector_by_term(&self, counts: &CountMatrix, row: usize) -> SparseVector {
        let by_term = &counts.rows_by_term[row];
        let mut vector = self.undivided(&by_term.others);
        for &(term, count) in &by_term.terms {
            vector.indices.push(self.columns() as u32 + term);
            vector.values.push(count as f32);
        }
        let divisor = self.divisor(counts, row);
        vector.values.iter_mut().for_each(|v| *v /= divisor);
        vector
    }

    /// The vector of one row of `counts`, divided by `divisor` instead of what the settings say; positive.
    pub fn vector_divided_by(&self, counts: &CountMatrix, row: usize, divisor: f64) -> SparseVector {
        let mut vector = self.undivided(&counts.rows[row]);
        vector.values.iter_mut().for_each(|v| *v /= divisor as f32);
        vector
    }

    fn undivided(&self, counts: &[(u32, u32)]) -> SparseVector {
        let mut vector = SparseVector::default();
        for &(column, count) in counts {
            let column = self.chosen[column as usize];
            if column != UNCHOSEN {
                vector.indices.push(column);
                vector
                    .values
                    .push(self.params.term_frequency.weight(count) * self.idf[column as usize]);
            }
        }
        vector
    }

    /// The names of all chosen columns, ascending.
    pub fn keys<'c>(&self, counts: &'c CountMatrix) -> impl Iterator<Item = &'c str> {
        let columns = counts.keys.iter().zip(&self.chosen);
        columns.filter_map(|(key, &column)| (column != UNCHOSEN).then_some(key.as_str()))
    }

    /// The names of some of the chosen columns, given ascending.
    pub fn vocabulary(&self, counts: &CountMatrix, columns: &[usize]) -> Vocabulary {
        let keys: Vec<&str> = self.keys(counts).collect();
        Vocabulary::from_sorted(columns.iter().map(|&column| keys[column])).expect("the keys of a count matrix ascend")
    }
}

/// scikit-learn's smoothed idf.
fn inverse_document_frequency(params: &FeatureParams, df: u32, n: usize) -> f32 {
    if params.idf {
        (libm::log((1.0 + n as f64) / (1.0 + f64::from(df))) + 1.0) as f32
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Analyzer, count_features};

    #[test]
    fn held_out_rows_do_not_shape_the_space() {
        let params = FeatureParams {
            char_ngrams: None,
            bigrams: false,
            ..FeatureParams::default()
        };
        let analyzer = Analyzer::new(params.clone());
        let counts = count_features(&analyzer, ["قال قال خبر", "قال خبر", "سر سر", "سر"]);
        let space = FeatureSpace::fit(&params, &counts, &[0, 1]);
        assert_eq!(
            space.vocabulary(&counts, &[0, 1]).keys().collect::<Vec<_>>(),
            ["wخبر", "wقال"]
        );
        assert!(space.vector(&counts, 2).indices.is_empty());
        // tf 2, idf ln(3/3)+1 = 1, three terms.
        let vector = space.vector(&counts, 0);
        assert!((vector.values[1] - 2.0 / 3f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn a_vector_is_the_sum_of_what_its_terms_give() {
        let texts = [
            "قالت الوزارة إن الوزارة نفت 12 خبرا",
            "نفت الوزارة الخبر، نفت",
            "",
            "قال 7 و 12",
        ];
        for norm in [Norm::None, Norm::L2, Norm::SqrtLength] {
            let params = FeatureParams {
                norm,
                min_df: 1,
                punctuation: true,
                ..FeatureParams::default()
            };
            let counts = count_features(&Analyzer::new(params.clone()), texts);
            let space = FeatureSpace::fit(&params, &counts, &[0, 1, 3]);
            assert!(space.is_additive());
            for row in 0..texts.len() {
                let mut sums = vec![0f32; space.columns() + counts.terms.len()];
                let mut add = |vector: &SparseVector, times: f32| {
                    let cells = vector.indices.iter().zip(&vector.values);
                    cells.for_each(|(&j, v)| sums[j as usize] += times * v);
                };
                let by_term = space.vector_by_term(&counts, row);
                for (&j, &v) in by_term.indices.iter().zip(&by_term.values) {
                    match (j as usize).checked_sub(space.columns()) {
                        Some(term) => add(&space.term_vector(&counts, term), v),
                        None => add(
                            &SparseVector {
                                indices: vec![j],
                                values: vec![v],
                            },
                            1.0,
                        ),
                    }
                }
                add(&space.vector(&counts, row), -1.0);
                assert!(sums.iter().all(|s| s.abs() < 1e-5), "{norm:?} {row}");
            }
        }
    }
}
