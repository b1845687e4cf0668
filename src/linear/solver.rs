//! Fits one binary logistic regression.
//!
//! [`SolverKind::Lbfgs`] minimises the loss on sparse rows by L-BFGS (see [`super::lbfgs`]). [`SolverKind::Linfa`] hands
//! small dense problems to `linfa-logistic`, which is also the reference that tests hold the first one to.

use serde::{Deserialize, Serialize};

use super::csr::CsrMatrix;
use super::dense;
use super::lbfgs;
use super::log_count_ratio::column_scales;
use super::loss::LogisticLoss;
use super::params::{ClassWeight, SolverKind, ValidLogisticParams};
use super::vector::norm;
use crate::error::Error;

/// How a fit ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// Whether the gradient fell below the tolerance.
    pub converged: bool,
    /// Iterations that were done.
    pub iterations: u64,
    /// Norm of the gradient at the end.
    pub gradient_norm: f64,
    /// Norm of the gradient that the tolerance asked for.
    pub gradient_goal: f64,
    /// Loss at the end.
    pub loss: f64,
    /// Why the solver stopped, in its own words.
    pub reason: String,
}

/// A fitted binary logistic regression.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLogistic {
    /// One weight for each column, then the intercept.
    pub parameters: Vec<f64>,
    /// How the fit ended.
    pub convergence: Convergence,
}

impl FittedLogistic {
    /// The weights, one for each column.
    pub fn weights(&self) -> &[f64] {
        &self.parameters[..self.parameters.len() - 1]
    }

    /// The intercept.
    pub fn intercept(&self) -> f64 {
        self.parameters[self.parameters.len() - 1]
    }

    /// The logit of a row.
    pub fn decision(&self, matrix: &CsrMatrix, row: usize) -> f64 {
        matrix.dot(row, self.weights()) + self.intercept()
    }
}

impl ValidLogisticParams {
    /// Fits `rows` of `matrix` to `targets` (one truth for each row of the whole matrix), from `start`
    /// (weights and intercept) or from zero.
    ///
    /// # Errors
    /// If the rows hold only one class, `start` is of another size, or the solver fails. A fit that stops before it
    /// has converged is no error: see [`Convergence`].
    pub fn fit(
        &self,
        matrix: &CsrMatrix,
        rows: &[usize],
        targets: &[bool],
        start: Option<&[f64]>,
    ) -> Result<FittedLogistic, Error> {
        let positives = rows.iter().filter(|&&row| targets[row]).count();
        if positives == 0 || positives == rows.len() {
            return Err(Error::InvalidTrainingSet(format!(
                "{positives} of {} examples are positive; expected some of both classes",
                rows.len()
            )));
        }
        let size = matrix.columns() + 1;
        if let Some(start) = start.filter(|start| start.len() != size) {
            return Err(Error::Solver(format!(
                "got {} starting parameters, expected {size}",
                start.len()
            )));
        }
        let positive_weight = self.positive_weight(positives, rows.len());
        let scales = self.scales(matrix, rows, targets);
        let scales = scales.as_deref();
        let loss = LogisticLoss::new(matrix, rows, targets, positive_weight, self.0.c).with_scales(scales);
        let goal = self.0.tolerance * norm(&loss.gradient_at(&vec![0.0; size]));
        let fitted = match self.0.solver {
            SolverKind::Lbfgs => {
                let start = start.map_or_else(|| vec![0.0; size], |start| unscaled(start, scales));
                lbfgs::minimise(&loss, start, goal, self.0.max_iterations)
            }
            SolverKind::Linfa => dense::fit(&self.0, &loss, matrix, rows, targets, scales, goal)?,
        };
        Ok(of_columns(fitted, scales))
    }

    /// Fits the change of a model that gives row i of `matrix` the margin `margins[i]`: minimises the loss of margins plus
    /// change, plus |change|² / (2C), intercept included, columns being scaled as in [`ValidLogisticParams::fit`]. Returns the
    /// change of the columns' weights and of the intercept, for the given `rows`. Rows of a single class are no error, since the
    /// regularisation keeps the change finite. Always by L-BFGS.
    ///
    /// # Errors
    /// If the sizes do not fit, or the solver fails; a fit that stops before it has converged is no error.
    pub fn fit_change(
        &self,
        matrix: &CsrMatrix,
        rows: &[usize],
        targets: &[bool],
        margins: &[f64],
    ) -> Result<FittedLogistic, Error> {
        if (targets.len(), margins.len()) != (matrix.rows(), matrix.rows()) {
            return Err(Error::Solver("targets and margins do not fit the matrix".into()));
        }
        let positives = rows.iter().filter(|&&row| targets[row]).count();
        let weight = self.positive_weight(positives, rows.len());
        let scales = self.scales(matrix, rows, targets);
        let loss = LogisticLoss::new(matrix, rows, targets, weight, self.0.c)
            .with_scales(scales.as_deref())
            .of_change(margins);
        let start = vec![0.0; matrix.columns() + 1];
        let goal = self.0.tolerance * norm(&loss.gradient_at(&start));
        let fitted = lbfgs::minimise(&loss, start, goal, self.0.max_iterations);
        Ok(of_columns(fitted, scales.as_deref()))
    }

    /// By what the columns are multiplied, if by anything.
    fn scales(&self, matrix: &CsrMatrix, rows: &[usize], targets: &[bool]) -> Option<Vec<f64>> {
        let smoothing = self.0.log_count_ratio?;
        Some(column_scales(matrix, rows, targets, smoothing))
    }

    /// How much a positive example counts. Of a single class none can be balanced against the other.
    fn positive_weight(&self, positives: usize, rows: usize) -> f64 {
        match self.0.class_weight {
            ClassWeight::Balanced if positives > 0 && positives < rows => (rows - positives) as f64 / positives as f64,
            ClassWeight::None | ClassWeight::Balanced => 1.0,
            ClassWeight::Positive(weight) => weight,
        }
    }
}

/// What was fitted to scaled columns, as weights of the columns themselves.
fn of_columns(mut fitted: FittedLogistic, scales: Option<&[f64]>) -> FittedLogistic {
    for (w, s) in fitted.parameters.iter_mut().zip(scales.unwrap_or_default()) {
        *w *= s;
    }
    fitted
}

/// Weights of columns as weights of scaled columns.
fn unscaled(parameters: &[f64], scales: Option<&[f64]>) -> Vec<f64> {
    let mut parameters = parameters.to_vec();
    for (w, &s) in parameters.iter_mut().zip(scales.unwrap_or_default()) {
        *w = if s > 0.0 { *w / s } else { 0.0 };
    }
    parameters
}

pub(super) fn fitted(
    parameters: Vec<f64>,
    iterations: u64,
    gradient_norm: f64,
    gradient_goal: f64,
    loss: f64,
    reason: String,
) -> FittedLogistic {
    let converged = gradient_norm <= gradient_goal;
    FittedLogistic {
        parameters,
        convergence: Convergence {
            converged,
            iterations,
            gradient_norm,
            gradient_goal,
            loss,
            reason,
        },
    }
}
