//! Compressed sparse rows.

use crate::features::SparseVector;

/// A sparse matrix by rows. Each row's columns ascend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsrMatrix {
    offsets: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
    columns: usize,
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
}
