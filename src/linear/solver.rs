//! Fits one binary logistic regression.
//!
//! [`SolverKind::Lbfgs`] minimises the loss on sparse rows by `argmin`'s L-BFGS with the More-Thuente line search
//! (D. C. Liu and J. Nocedal, "On the limited memory BFGS method", 1989). [`SolverKind::Linfa`] hands small dense
//! problems to `linfa-logistic`, which is also the reference that tests hold the first one to.

use argmin::core::{Executor, OptimizationResult, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::csr::CsrMatrix;
use super::loss::LogisticLoss;
use crate::error::Error;

/// How often L-BFGS may look back.
const HISTORY: usize = 10;
/// The most cells that are made dense for `linfa-logistic`.
const DENSE_CELLS: usize = 1 << 26;

/// Which solver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SolverKind {
    /// L-BFGS on sparse rows.
    Lbfgs,
    /// `linfa-logistic` on dense rows; small problems only, no class weights.
    Linfa,
}

/// How much positive examples count, negative ones counting 1 (scikit-learn: `class_weight`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeight {
    /// As much as negative ones.
    None,
    /// Number of negative examples / number of positive ones.
    Balanced,
    /// This much; positive and finite.
    Positive(f64),
}

/// Parameters of a fit, to be checked by [`LogisticParams::check`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogisticParams {
    /// Inverse strength of the L2 regularisation; positive. Default: 1.
    pub c: f64,
    /// Weight of the positive class. Default: none.
    pub class_weight: ClassWeight,
    /// The fit has converged when the gradient's norm has fallen to this part of what it is at zero
    /// parameters; in (0, 1). Default: 1e-5.
    pub tolerance: f64,
    /// The most iterations; at least 1. Default: 2000.
    pub max_iterations: u64,
    /// Default: L-BFGS.
    pub solver: SolverKind,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self { c: 1.0, class_weight: ClassWeight::None, tolerance: 1e-5, max_iterations: 2000, solver: SolverKind::Lbfgs }
    }
}

/// Checked [`LogisticParams`].
#[derive(Debug, Clone, PartialEq)]
pub struct ValidLogisticParams(LogisticParams);

impl LogisticParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] that names the parameter and its value.
    pub fn check(self) -> Result<ValidLogisticParams, Error> {
        let positive = |name: &str, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(())
            } else {
                Err(Error::InvalidSetting(format!("{name} is {value}; expected a positive number")))
            }
        };
        positive("C", self.c)?;
        positive("tolerance", self.tolerance)?;
        if let ClassWeight::Positive(weight) = self.class_weight {
            positive("the class weight", weight)?;
        }
        if self.tolerance >= 1.0 {
            return Err(Error::InvalidSetting(format!("tolerance is {}; expected less than 1", self.tolerance)));
        }
        if self.max_iterations == 0 {
            return Err(Error::InvalidSetting("max_iterations is 0; expected at least 1".into()));
        }
        if self.solver == SolverKind::Linfa && self.class_weight != ClassWeight::None {
            return Err(Error::InvalidSetting("the linfa solver knows no class weights; use lbfgs".into()));
        }
        Ok(ValidLogisticParams(self))
    }
}

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
    pub fn fit(&self, matrix: &CsrMatrix, rows: &[usize], targets: &[bool], start: Option<&[f64]>) -> Result<FittedLogistic, Error> {
        let positives = rows.iter().filter(|&&row| targets[row]).count();
        if positives == 0 || positives == rows.len() {
            return Err(Error::InvalidTrainingSet(format!(
                "{positives} of {} examples are positive; expected some of both classes",
                rows.len()
            )));
        }
        let size = matrix.columns() + 1;
        if let Some(start) = start.filter(|start| start.len() != size) {
            return Err(Error::Solver(format!("got {} starting parameters, expected {size}", start.len())));
        }
        let positive_weight = match self.0.class_weight {
            ClassWeight::None => 1.0,
            ClassWeight::Balanced => (rows.len() - positives) as f64 / positives as f64,
            ClassWeight::Positive(weight) => weight,
        };
        let loss = LogisticLoss::new(matrix, rows, targets, positive_weight, self.0.c);
        let goal = self.0.tolerance * norm(&loss.gradient_at(&vec![0.0; size]));
        match self.0.solver {
            SolverKind::Lbfgs => self.fit_lbfgs(loss, start.map_or_else(|| vec![0.0; size], <[f64]>::to_vec), goal),
            SolverKind::Linfa => self.fit_linfa(&loss, matrix, rows, targets, goal),
        }
    }

    fn fit_lbfgs(&self, loss: LogisticLoss<'_>, start: Vec<f64>, goal: f64) -> Result<FittedLogistic, Error> {
        let failed = |e: argmin::core::Error| Error::Solver(e.to_string());
        let gradient = loss.gradient_at(&start);
        if norm(&gradient) <= goal {
            let value = loss.value(&start);
            return Ok(fitted(start, 0, norm(&gradient), goal, value, "started at the optimum".into()));
        }
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), HISTORY)
            .with_tolerance_grad(goal)
            .and_then(|solver| solver.with_tolerance_cost(0.0))
            .map_err(failed)?;
        let max_iterations = self.0.max_iterations;
        let OptimizationResult { problem, mut state, .. } = Executor::new(loss, solver)
            .configure(|state| state.param(start).max_iters(max_iterations))
            .ctrlc(false)
            .timer(false)
            .run()
            .map_err(failed)?;
        let reason = state.get_termination_reason().map_or("unknown", |reason| reason.text()).to_owned();
        let iterations = state.get_iter();
        let parameters = state
            .take_best_param()
            .filter(|parameters| parameters.iter().all(|w| w.is_finite()))
            .ok_or_else(|| Error::Solver(format!("no finite parameters after {iterations} iterations: {reason}")))?;
        let loss = problem.problem.ok_or_else(|| Error::Solver("the problem was lost".into()))?;
        let gradient_norm = norm(&loss.gradient_at(&parameters));
        let value = loss.value(&parameters);
        Ok(fitted(parameters, iterations, gradient_norm, goal, value, reason))
    }

    fn fit_linfa(&self, loss: &LogisticLoss<'_>, matrix: &CsrMatrix, rows: &[usize], targets: &[bool], goal: f64) -> Result<FittedLogistic, Error> {
        if rows.len().saturating_mul(matrix.columns()) > DENSE_CELLS {
            return Err(Error::InvalidSetting(format!(
                "the linfa solver takes dense rows, and {} x {} cells are more than {DENSE_CELLS}; use lbfgs",
                rows.len(),
                matrix.columns()
            )));
        }
        let mut records = Array2::<f64>::zeros((rows.len(), matrix.columns()));
        for (i, &row) in rows.iter().enumerate() {
            let (indices, values) = matrix.row(row);
            for (&j, &v) in indices.iter().zip(values) {
                records[[i, j as usize]] = f64::from(v);
            }
        }
        let truths: Array1<bool> = rows.iter().map(|&row| targets[row]).collect();
        let fit = LogisticRegression::default()
            .alpha(1.0 / self.0.c)
            .max_iterations(self.0.max_iterations)
            .gradient_tolerance(goal)
            .fit(&DatasetBase::new(records, truths))
            .map_err(|e| Error::Solver(e.to_string()))?;
        let sign = if fit.labels().pos.class { 1.0 } else { -1.0 };
        let parameters: Vec<f64> = fit.params().iter().copied().chain([fit.intercept()]).map(|w| sign * w).collect();
        let gradient_norm = norm(&loss.gradient_at(&parameters));
        let value = loss.value(&parameters);
        Ok(fitted(parameters, self.0.max_iterations, gradient_norm, goal, value, "linfa-logistic".into()))
    }
}

fn fitted(parameters: Vec<f64>, iterations: u64, gradient_norm: f64, gradient_goal: f64, loss: f64, reason: String) -> FittedLogistic {
    let converged = gradient_norm <= gradient_goal;
    FittedLogistic { parameters, convergence: Convergence { converged, iterations, gradient_norm, gradient_goal, loss, reason } }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}
