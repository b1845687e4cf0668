//! A choice of rows that are worth much and unlike each other.

use std::collections::HashSet;

use crate::linear::CsrMatrix;

/// Chooses rows one after another, each time the one with the greatest worth x (1 - the greatest cosine similarity to a row
/// chosen before). Rows must have Euclidean length 1 (or be empty: similar to none), and no negative value.
/// `refused(row, chosen)` tells of a row whether it must not come after the rows chosen so far.
pub(super) struct Greedy<'m> {
    matrix: &'m CsrMatrix,
    /// The rows of each column, with values.
    columns: Vec<Vec<(u32, f32)>>,
    worth: Vec<f64>,
    nearest: Vec<f64>,
    products: Vec<f64>,
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
            worth,
        }
    }

    /// Makes rows that are like this one less desirable.
    pub(super) fn cover(&mut self, row: usize) {
        let (indices, values) = self.matrix.row(row);
        let (indices, values): (Vec<u32>, Vec<f32>) = (indices.to_vec(), values.to_vec());
        for (column, value) in indices.into_iter().zip(values) {
            for &(other, weight) in &self.columns[column as usize] {
                self.products[other as usize] += f64::from(value) * f64::from(weight);
            }
        }
        for (nearest, product) in self.nearest.iter_mut().zip(&mut self.products) {
            *nearest = nearest.max(*product);
            *product = 0.0;
        }
    }

    /// The most desirable row that is not among `gone`; the first of equals.
    pub(super) fn best(&self, gone: &HashSet<usize>) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for row in (0..self.worth.len()).filter(|row| !gone.contains(row)) {
            let power: f64 = std::env::var("P").ok().and_then(|p| p.parse().ok()).unwrap_or(1.0);
            let value = self.worth[row] * (1.0 - self.nearest[row]).max(0.0).powf(power);
            if best.is_none_or(|(_, other)| value > other) {
                best = Some((row, value));
            }
        }
        best.map(|(row, _)| row)
    }
}
