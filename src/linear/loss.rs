//! The L2-regularised logistic loss and its gradient.
//!
//! The objective is scikit-learn's, for targets y in {0, 1} and margins m = x·w + b:
//! `sum_i s_i * (softplus(m_i) - y_i * m_i) + |w|² / (2C)`, where s_i is the weight of the example's class.
//! The intercept b, the last parameter, is not regularised. Sums run in row order, so the value does not depend
//! on threads.
//!
//! With [`LogisticLoss::of_change`] the parameters are a change of a model whose margins are given: these are added to
//! every margin, and the intercept's change is regularised too.

use super::csr::CsrMatrix;

/// 1 / (1 + e^-x), without overflow. By `libm`, whose results are the same on every machine.
#[inline]
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// ln(1 + e^x), without overflow.
#[inline]
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// The loss of one binary problem on given rows of a matrix.
#[derive(Debug)]
pub struct LogisticLoss<'a> {
    matrix: &'a CsrMatrix,
    rows: &'a [usize],
    targets: &'a [bool],
    positive_weight: f64,
    inverse_c: f64,
    /// By what each column is multiplied, if by anything.
    scales: Option<&'a [f64]>,
    /// For each row of the matrix what its margin is at zero parameters; then the intercept is regularised too.
    offsets: Option<&'a [f64]>,
}

impl<'a> LogisticLoss<'a> {
    /// The loss over `rows` of `matrix`; `targets` holds one truth for each row of the whole matrix.
    /// Positive examples count `positive_weight` times; `c` is the inverse strength of regularisation.
    ///
    /// # Panics
    /// If there is not one target for each row of the matrix.
    pub fn new(matrix: &'a CsrMatrix, rows: &'a [usize], targets: &'a [bool], positive_weight: f64, c: f64) -> Self {
        assert_eq!(targets.len(), matrix.rows(), "one target for each row");
        Self {
            matrix,
            rows,
            targets,
            positive_weight,
            inverse_c: 1.0 / c,
            scales: None,
            offsets: None,
        }
    }

    /// The same loss with each column multiplied by its scale.
    ///
    /// # Panics
    /// If there is not one scale for each column.
    #[must_use]
    pub fn with_scales(mut self, scales: Option<&'a [f64]>) -> Self {
        assert!(
            scales.is_none_or(|s| s.len() == self.matrix.columns()),
            "one scale for each column"
        );
        self.scales = scales;
        self
    }

    /// The same loss for the change of a model that gives row i the margin `offsets[i]`.
    ///
    /// # Panics
    /// If there is not one offset for each row of the matrix.
    #[must_use]
    pub fn of_change(mut self, offsets: &'a [f64]) -> Self {
        assert_eq!(offsets.len(), self.matrix.rows(), "one offset for each row");
        self.offsets = Some(offsets);
        self
    }

    /// How many of the parameters are regularised: all weights, and the intercept of a change.
    pub(super) fn regularised(&self) -> usize {
        self.matrix.columns() + usize::from(self.offsets.is_some())
    }

    fn example_weight(&self, row: usize) -> f64 {
        if self.targets[row] { self.positive_weight } else { 1.0 }
    }

    /// What each row's margin is by `parameters` alone, without what is given.
    pub(super) fn linear(&self, parameters: &[f64]) -> Vec<f64> {
        let (intercept, weights) = parameters.split_last().expect("an intercept");
        let scaled: Option<Vec<f64>> = self
            .scales
            .map(|scales| weights.iter().zip(scales).map(|(w, s)| w * s).collect());
        let weights = scaled.as_deref().unwrap_or(weights);
        let mut margins = self.matrix.products(self.rows, weights);
        margins.iter_mut().for_each(|margin| *margin += intercept);
        margins
    }

    /// The margin of each row at `parameters`.
    pub(super) fn margins(&self, parameters: &[f64]) -> Vec<f64> {
        let mut margins = self.linear(parameters);
        if let Some(offsets) = self.offsets {
            let rows = margins.iter_mut().zip(self.rows);
            rows.for_each(|(margin, &row)| *margin += offsets[row]);
        }
        margins
    }

    /// The loss without its regularisation, at given margins.
    pub(super) fn data_loss(&self, margins: &[f64]) -> f64 {
        let terms = self.rows.iter().zip(margins).map(|(&row, &margin)| {
            let miss = softplus(margin) - if self.targets[row] { margin } else { 0.0 };
            self.example_weight(row) * miss
        });
        terms.sum()
    }

    /// The regularisation, given the sum of the squares of what is regularised.
    pub(super) fn penalty(&self, squares: f64) -> f64 {
        0.5 * self.inverse_c * squares
    }

    /// The loss at `parameters`, whose margins these are.
    pub(super) fn value_of(&self, parameters: &[f64], margins: &[f64]) -> f64 {
        let weights = &parameters[..self.regularised()];
        self.data_loss(margins) + self.penalty(weights.iter().map(|w| w * w).sum())
    }

    /// The derivative of each row's loss by its margin.
    pub(super) fn residuals<'m>(&'m self, margins: &'m [f64]) -> impl Iterator<Item = f64> + 'm {
        self.rows.iter().zip(margins).map(|(&row, &margin)| {
            let target = if self.targets[row] { 1.0 } else { 0.0 };
            self.example_weight(row) * (sigmoid(margin) - target)
        })
    }

    /// The loss at `parameters` (weights, then intercept).
    pub fn value(&self, parameters: &[f64]) -> f64 {
        self.value_of(parameters, &self.margins(parameters))
    }

    /// The gradient at `parameters`, of the same shape.
    pub fn gradient_at(&self, parameters: &[f64]) -> Vec<f64> {
        self.gradient_of(parameters, &self.margins(parameters))
    }

    /// The gradient at `parameters`, whose margins these are.
    pub(super) fn gradient_of(&self, parameters: &[f64], margins: &[f64]) -> Vec<f64> {
        let residuals: Vec<f64> = self.residuals(margins).collect();
        let mut gradient = self.matrix.weighted_sum(self.rows, &residuals);
        gradient.push(residuals.iter().sum());
        if let Some(scales) = self.scales {
            gradient.iter_mut().zip(scales).for_each(|(g, s)| *g *= s);
        }
        for (g, w) in gradient[..self.regularised()].iter_mut().zip(parameters) {
            *g += w * self.inverse_c;
        }
        gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::SparseVector;
    use proptest::prelude::*;

    #[test]
    fn sigmoid_and_softplus_hold_at_the_extremes() {
        assert_eq!((sigmoid(-1e4), sigmoid(1e4), sigmoid(0.0)), (0.0, 1.0, 0.5));
        assert_eq!((softplus(-1e4), softplus(1e4)), (0.0, 1e4));
        assert!((softplus(0.0) - std::f64::consts::LN_2).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn gradient_equals_finite_differences(
            cells in prop::collection::vec((0usize..6, 0u32..5, -2.0f32..2.0), 1..24),
            targets in prop::collection::vec(any::<bool>(), 6),
            parameters in prop::collection::vec(-1.5f64..1.5, 6),
            weight in 0.2f64..5.0,
            c in 0.05f64..20.0,
            scaled in any::<bool>(),
            change in any::<bool>(),
        ) {
            let mut dense = [[0f32; 5]; 6];
            for (row, column, value) in cells {
                dense[row][column as usize] = value;
            }
            let rows = dense.iter().map(|row| SparseVector { indices: (0..5).collect(), values: row.to_vec() });
            let matrix = CsrMatrix::from_rows(rows, 5);
            let all: Vec<usize> = (0..6).collect();
            let mut loss = LogisticLoss::new(&matrix, &all, &targets, weight, c).with_scales(scaled.then_some(&[0.5, 2.0, 0.0, 1.0, 3.0][..]));
            if change {
                loss = loss.of_change(&[0.5, -1.0, 2.0, 0.0, -3.0, 1.0]);
            }
            let gradient = loss.gradient_at(&parameters);
            prop_assert_eq!(&gradient, &loss.gradient_at(&parameters));
            for j in 0..6 {
                let step = 1e-5;
                let mut beside = parameters.clone();
                beside[j] += step;
                let above = loss.value(&beside);
                beside[j] -= 2.0 * step;
                let difference = (above - loss.value(&beside)) / (2.0 * step);
                prop_assert!((gradient[j] - difference).abs() < 1e-5 * (1.0 + difference.abs()), "{j}: {} {difference}", gradient[j]);
            }
        }
    }
}
