//! Compressed sparse rows.

use crate::features::SparseVector;

/// A sparse matrix by rows. Each row's columns ascend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsrMatrix {
    offsets: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
    columns: usize,
    factors: Option<Box<Factors>>,
}

/// The same matrix as a product of two: `rows * [identity; parts]`.
#[derive(Debug, Clone, PartialEq)]
struct Factors {
    /// Rows that many rows of the matrix are made of.
    parts: CsrMatrix,
    /// For each row of the matrix its own columns, then, behind them, its parts.
    rows: CsrMatrix,
}

impl CsrMatrix {
    /// A matrix of the given rows with `columns` columns.
    ///
    /// # Panics
    /// If a row has a column beyond `columns`, or columns and values of unequal number.
    pub fn from_rows(rows: impl IntoIterator<Item = SparseVector>, columns: usize) -> Self {
        let mut matrix = Self {
            offsets: vec![0],
            columns,
            ..Self::default()
        };
        for row in rows {
            assert_eq!(row.indices.len(), row.values.len(), "as many values as columns");
            assert!(
                row.indices.last().is_none_or(|&c| (c as usize) < columns),
                "column out of range"
            );
            matrix.indices.extend_from_slice(&row.indices);
            matrix.values.extend_from_slice(&row.values);
            matrix.offsets.push(matrix.indices.len());
        }
        matrix
    }

    /// Tells that row i of the matrix is, up to rounding, the sum of what `rows` has in row i: columns of the matrix, and, behind
    /// them, so many times each row of `parts`. Products with many rows are then computed by way of the parts, each once.
    ///
    /// # Panics
    /// If the sizes do not fit.
    #[must_use]
    pub fn with_parts(mut self, parts: Self, rows: Self) -> Self {
        assert_eq!(parts.columns, self.columns, "parts have the columns of the matrix");
        assert_eq!(rows.rows(), self.rows(), "as many rows by parts as rows");
        assert_eq!(rows.columns, self.columns + parts.rows(), "columns, then parts");
        self.factors = Some(Box::new(Factors { parts, rows }));
        self
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The columns and values of a row.
    ///
    /// # Panics
    /// If `row` is not below [`CsrMatrix::rows`].
    #[inline]
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// The inner product of a row with `weights` (one for each column).
    #[inline]
    pub fn dot(&self, row: usize, weights: &[f64]) -> f64 {
        let (indices, values) = self.row(row);
        indices
            .iter()
            .zip(values)
            .map(|(&j, &v)| weights[j as usize] * f64::from(v))
            .sum()
    }

    /// The inner products of some rows with `weights` (one for each column).
    pub fn products(&self, rows: &[usize], weights: &[f64]) -> Vec<f64> {
        let Some(Factors { parts, rows: by_part }) = self.factors.as_deref() else {
            return rows.iter().map(|&row| self.dot(row, weights)).collect();
        };
        let mut extended = Vec::with_capacity(by_part.columns);
        extended.extend_from_slice(weights);
        extended.extend((0..parts.rows()).map(|part| parts.dot(part, weights)));
        rows.iter().map(|&row| by_part.dot(row, &extended)).collect()
    }

    /// The sum of some rows, each times its factor: one value for each column.
    pub fn weighted_sum(&self, rows: &[usize], factors: &[f64]) -> Vec<f64> {
        let Some(Factors { parts, rows: by_part }) = self.factors.as_deref() else {
            let mut sums = vec![0.0; self.columns];
            rows.iter()
                .zip(factors)
                .for_each(|(&row, &factor)| self.add_row(row, factor, &mut sums));
            return sums;
        };
        let mut sums = by_part.weighted_sum(rows, factors);
        let of_parts = sums.split_off(self.columns);
        for (part, factor) in of_parts.into_iter().enumerate() {
            parts.add_row(part, factor, &mut sums);
        }
        sums
    }

    #[inline]
    fn add_row(&self, row: usize, factor: f64, sums: &mut [f64]) {
        let (indices, values) = self.row(row);
        for (&j, &v) in indices.iter().zip(values) {
            sums[j as usize] += factor * f64::from(v);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sparse(cells: &[f32]) -> SparseVector {
        let stored = || (0u32..).zip(cells).filter(|(_, v)| **v != 0.0);
        SparseVector {
            indices: stored().map(|s| s.0).collect(),
            values: stored().map(|s| *s.1).collect(),
        }
    }

    fn cells(rows: usize, columns: usize) -> impl Strategy<Value = Vec<Vec<f32>>> {
        let cell = prop_oneof![Just(0.0f32), -3.0f32..3.0];
        prop::collection::vec(prop::collection::vec(cell, columns), rows)
    }

    proptest! {
        #[test]
        fn products_by_parts_are_those_of_the_rows(
            parts in cells(4, 5),
            by_part in cells(6, 9),
            weights in prop::collection::vec(-2.0f64..2.0, 5),
            factors in prop::collection::vec(-2.0f64..2.0, 3),
        ) {
            let of_parts = |row: &[f32], j: usize| (0..4).map(|p| row[5 + p] * parts[p][j]).sum::<f32>();
            let added_up = by_part.iter().map(|row| (0..5).map(|j| row[j] + of_parts(row, j)).collect::<Vec<f32>>());
            let plain = CsrMatrix::from_rows(added_up.map(|row| sparse(&row)), 5);
            let matrix = |rows: &[Vec<f32>], columns| CsrMatrix::from_rows(rows.iter().map(|row| sparse(row)), columns);
            let factored = plain.clone().with_parts(matrix(&parts, 5), matrix(&by_part, 9));
            let some = [4, 0, 5];
            for (a, b) in plain.products(&some, &weights).iter().zip(factored.products(&some, &weights)) {
                prop_assert!((a - b).abs() < 1e-4, "{a} {b}");
            }
            let (a, b) = (plain.weighted_sum(&some, &factors), factored.weighted_sum(&some, &factors));
            prop_assert_eq!(a.len(), b.len());
            for (a, b) in a.iter().zip(&b) {
                prop_assert!((a - b).abs() < 1e-4, "{a} {b}");
            }
        }
    }
}
