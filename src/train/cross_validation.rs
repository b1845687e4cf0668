//! Out-of-fold logits.

use rayon::prelude::*;

use super::design::design_matrix;
use super::params::TrainParams;
use super::progress::{Progress, Step, Unconverged, keep_on};
use super::start::Start;
use crate::dataset::LabelledSet;
use crate::error::Error;
use crate::features::{CountMatrix, FeatureSpace};
use crate::linear::CsrMatrix;

/// Out-of-fold logits of one label, for each C of the ascending grid.
#[derive(Debug, Clone)]
pub(super) struct OutOfFold {
    /// `logits[c][row]`.
    pub logits: Vec<Vec<f64>>,
    /// Fits that stopped before they converged.
    pub unconverged: Vec<Unconverged>,
}

/// One fold's logits of one label: for each C, `(row, logit)` of the held-out rows.
type FoldLogits = Vec<Vec<(usize, f64)>>;

/// Fits every label on every fold, along the label's grid with warm starts, the first one from `start`; labels in parallel.
pub(super) fn out_of_fold(
    params: &TrainParams,
    grids: &[Vec<f64>],
    start: Option<Start<'_>>,
    set: &LabelledSet,
    counts: &CountMatrix,
    folds: &[usize],
    progress: &dyn Progress,
) -> Result<Vec<OutOfFold>, Error> {
    let labels = set.schema().len();
    let mut results: Vec<OutOfFold> = grids
        .iter()
        .map(|grid| OutOfFold {
            logits: vec![vec![0.0; folds.len()]; grid.len()],
            unconverged: Vec::new(),
        })
        .collect();
    for fold in 0..params.folds {
        let (train, held_out): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|&row| folds[row] != fold);
        let space = FeatureSpace::fit(&params.features, counts, &train);
        let matrix = design_matrix(&space, counts);
        let fitted: Result<Vec<(FoldLogits, Vec<Unconverged>)>, Error> = (0..labels)
            .into_par_iter()
            .map(|label| {
                let problem = Problem {
                    matrix: &matrix,
                    train: &train,
                    held_out: &held_out,
                    fold,
                };
                let name = &set.schema().names()[label];
                let first = start.and_then(|start| start.parameters(name, &space, counts));
                fit_along_grid(
                    params,
                    &grids[label],
                    &problem,
                    name,
                    &set.targets(label),
                    first,
                    progress,
                )
                .map_err(|e| in_fold(e, name, fold))
            })
            .collect();
        for (result, (logits, unconverged)) in results.iter_mut().zip(fitted?) {
            for (all, some) in result.logits.iter_mut().zip(logits) {
                for (row, logit) in some {
                    all[row] = logit;
                }
            }
            result.unconverged.extend(unconverged);
        }
    }
    Ok(results)
}

fn in_fold(error: Error, label: &str, fold: usize) -> Error {
    match error {
        Error::InvalidTrainingSet(reason) => Error::InvalidTrainingSet(format!(
            "label {label}, without fold {fold}: {reason}; annotate more topics with this label or ask for fewer folds"
        )),
        other => other,
    }
}

/// One fold.
struct Problem<'a> {
    matrix: &'a CsrMatrix,
    train: &'a [usize],
    held_out: &'a [usize],
    fold: usize,
}

fn fit_along_grid(
    params: &TrainParams,
    grid: &[f64],
    problem: &Problem<'_>,
    label: &str,
    targets: &[bool],
    first: Option<Vec<f64>>,
    progress: &dyn Progress,
) -> Result<(FoldLogits, Vec<Unconverged>), Error> {
    let Problem {
        matrix,
        train,
        held_out,
        fold,
    } = *problem;
    let fold = Some(fold);
    let mut unconverged = Vec::new();
    let mut logits = Vec::with_capacity(grid.len());
    let mut path = Path::from(first);
    for &c in grid {
        keep_on(progress)?;
        let fitted = params
            .logistic(c)
            .check()?
            .fit(matrix, train, targets, path.start(c).as_deref())?;
        progress.done(Step::Fitted {
            label,
            c,
            fold,
            convergence: &fitted.convergence,
        });
        logits.push(
            held_out
                .iter()
                .map(|&row| (row, fitted.decision(matrix, row)))
                .collect(),
        );
        if !fitted.convergence.converged {
            unconverged.push(Unconverged {
                label: label.into(),
                c,
                fold,
                convergence: fitted.convergence,
            });
        }
        path.reached(c, fitted.parameters);
    }
    Ok((logits, unconverged))
}

/// The farthest that a start is extrapolated, in steps from one strength to the next.
const FARTHEST: f64 = 2.0;

/// The last solutions along ascending strengths.
struct Path {
    first: Option<Vec<f64>>,
    /// `(C, parameters)`, the last one last.
    solutions: Vec<(f64, Vec<f64>)>,
}

impl Path {
    fn from(first: Option<Vec<f64>>) -> Self {
        Self {
            first,
            solutions: Vec::new(),
        }
    }

    fn reached(&mut self, c: f64, parameters: Vec<f64>) {
        self.solutions.push((c, parameters));
        if self.solutions.len() > 2 {
            self.solutions.remove(0);
        }
    }

    /// Where to start at strength `c`: parameters grow about as ln C, so on the line through the last two solutions.
    /// It saves two fifths of the iterations against a start at the last solution.
    fn start(&self, c: f64) -> Option<Vec<f64>> {
        match &self.solutions[..] {
            [(c0, old), (c1, new)] => {
                let ratio = libm::log(c / c1) / libm::log(c1 / c0);
                let ratio = ratio.min(FARTHEST);
                let both = new.iter().zip(old);
                Some(both.map(|(new, old)| new + ratio * (new - old)).collect())
            }
            [.., (_, last)] => Some(last.clone()),
            [] => self.first.clone(),
        }
    }
}
