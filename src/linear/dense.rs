//! Small dense problems by `linfa-logistic`, which is also the reference that tests hold our solver to.

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::csr::CsrMatrix;
use super::loss::LogisticLoss;
use super::params::LogisticParams;
use super::solver::{FittedLogistic, fitted};
use super::vector::norm;
use crate::error::Error;

/// The most cells that are made dense.
const DENSE_CELLS: usize = 1 << 26;

/// Fits `rows` of `matrix`; `loss` is the loss of the same problem, `goal` the gradient norm to reach.
pub(super) fn fit(
    params: &LogisticParams,
    loss: &LogisticLoss<'_>,
    matrix: &CsrMatrix,
    rows: &[usize],
    targets: &[bool],
    scales: Option<&[f64]>,
    goal: f64,
) -> Result<FittedLogistic, Error> {
    let truths: Array1<bool> = rows.iter().map(|&row| targets[row]).collect();
    let fit = LogisticRegression::default()
        .alpha(1.0 / params.c)
        .max_iterations(params.max_iterations)
        .gradient_tolerance(goal)
        .fit(&DatasetBase::new(dense_rows(matrix, rows, scales)?, truths))
        .map_err(|e| Error::Solver(e.to_string()))?;
    // linfa-logistic chooses by itself which class is the positive one.
    let sign = if fit.labels().pos.class { 1.0 } else { -1.0 };
    let signed = fit.params().iter().copied().chain([fit.intercept()]).map(|w| sign * w);
    let parameters: Vec<f64> = signed.collect();
    let (gradient_norm, value) = (norm(&loss.gradient_at(&parameters)), loss.value(&parameters));
    // It does not tell its iterations.
    Ok(fitted(
        parameters,
        0,
        gradient_norm,
        goal,
        value,
        "linfa-logistic".into(),
    ))
}

fn dense_rows(matrix: &CsrMatrix, rows: &[usize], scales: Option<&[f64]>) -> Result<Array2<f64>, Error> {
    if rows.len().saturating_mul(matrix.columns()) > DENSE_CELLS {
        return Err(Error::InvalidSetting(format!(
            "the linfa solver takes dense rows, and {} x {} cells are more than {DENSE_CELLS}; use lbfgs",
            rows.len(),
            matrix.columns()
        )));
    }
    let mut records = Array2::zeros((rows.len(), matrix.columns()));
    for (i, &row) in rows.iter().enumerate() {
        let (indices, values) = matrix.row(row);
        for (&j, &v) in indices.iter().zip(values) {
            records[[i, j as usize]] = f64::from(v) * scales.map_or(1.0, |s| s[j as usize]);
        }
    }
    Ok(records)
}
