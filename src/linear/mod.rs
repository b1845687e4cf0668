//! The linear model: sparse matrix, logistic loss, solver, calibration and compact weights.
//!
//! Enters: sparse vectors and yes/no targets. Leaves: fitted weights with a report on their convergence, and
//! calibrated probabilities. Must not know: text, what a column or a label means, files.

mod calibration;
mod csr;
mod dense;
mod history;
mod lbfgs;
mod log_count_ratio;
mod loss;
mod params;
mod solver;
mod vector;
mod weights;

pub use calibration::Platt;
pub use csr::CsrMatrix;
pub use loss::{LogisticLoss, sigmoid, softplus};
pub use params::{ClassWeight, LogisticParams, SolverKind, ValidLogisticParams};
pub use solver::{Convergence, FittedLogistic};
pub use weights::QuantizedWeights;
