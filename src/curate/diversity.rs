//! A choice of rows that are worth much and unlike each other.
//!
//! Enters: a matrix and the worth of each row. Leaves: one row after another. Farthest-first traversal (O. Sener and
//! S. Savarese, "Active learning for convolutional neural networks: a core-set approach", 2018), weighted by worth.

use crate::linear::CsrMatrix;

/// Chooses rows one after another, each time the one with the greatest worth x (1 - the greatest cosine similarity to a row
/// that is covered). Rows have Euclidean length 1 (or are empty: similar to none), and no negative value.
pub(super) struct Greedy<'m> {
    matrix: &'m CsrMatrix,
    /// The rows of each column, with values.
    columns: Vec<Vec<(u32, f32)>>,
    worth: Vec<f64>,
    nearest: Vec<f64>,
    products: Vec<f64>,
    taken: Vec<bool>,
}

impl<'m> Greedy<'m> {
    pub(super) fn new(matrix: &'m CsrMatrix, worth: Vec<f64>) -> Self {
        let mut columns = vec![Vec::new(); matrix.columns()];
        for row in 0..matrix.rows() {
            let (indices, values) = matrix.row(row);
            for (&column, &value) in indices.iter().zip(values) {
                columns[column as usize].push((row as u32, value));
            }
        }
        Self {
            matrix,
            columns,
            nearest: vec![0.0; worth.len()],
            products: vec![0.0; worth.len()],
            taken: vec![false; worth.len()],
            worth,
        }
    }

    /// Makes rows that are like this one less desirable.
    pub(super) fn cover(&mut self, row: usize) {
        let (indices, values) = self.matrix.row(row);
        for (&column, &value) in indices.iter().zip(values) {
            for &(other, weight) in &self.columns[column as usize] {
                self.products[other as usize] += f64::from(value) * f64::from(weight);
            }
        }
        for (nearest, product) in self.nearest.iter_mut().zip(&mut self.products) {
            *nearest = nearest.max(*product);
            *product = 0.0;
        }
    }

    /// Takes out the most desirable row; the first of equals. `None` when all are taken.
    pub(super) fn take_best(&mut self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for row in (0..self.worth.len()).filter(|&row| !self.taken[row]) {
            let value = self.worth[row] * (1.0 - self.nearest[row]).max(0.0);
            if best.is_none_or(|(_, other)| value > other) {
                best = Some((row, value));
            }
        }
        let (row, _) = best?;
        self.taken[row] = true;
        Some(row)
    }

    /// Takes out a row.
    pub(super) fn take(&mut self, row: usize) {
        self.taken[row] = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::SparseVector;

    #[test]
    fn worth_first_then_what_is_unlike() {
        let unit = |column: u32| SparseVector {
            indices: vec![column],
            values: vec![1.0],
        };
        let between = SparseVector {
            indices: vec![0, 1],
            values: vec![0.6, 0.8],
        };
        let matrix = CsrMatrix::from_rows([unit(0), unit(0), between, unit(1), SparseVector::default()], 2);
        let mut greedy = Greedy::new(&matrix, vec![1.0, 0.9, 0.8, 0.5, 0.1]);
        let order: Vec<usize> = std::iter::from_fn(|| {
            let row = greedy.take_best()?;
            greedy.cover(row);
            Some(row)
        })
        .collect();
        // 3 is worth 0.5, 2 only 0.8 x (1 - 0.6); then 4 is worth 0.1, 2 0.8 x (1 - 0.8), 1 nothing.
        assert_eq!(order, [0, 3, 2, 4, 1]);
    }
}
