//! How training tells where it is.

use crate::error::Error;
use crate::linear::Convergence;

/// A step of training that is done.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// Features were counted; so many fits follow.
    Counted {
        /// Sentences.
        sentences: usize,
        /// Distinct features before the cut-off.
        features: usize,
        /// Fits to come.
        fits: usize,
    },
    /// A fit ended.
    Fitted {
        /// Name of the label.
        label: &'a str,
        /// Inverse regularisation strength.
        c: f64,
        /// The fold that was held out; none for the final fit.
        fold: Option<usize>,
        /// How it ended.
        convergence: &'a Convergence,
    },
}

/// A fit that stopped before it converged.
#[derive(Debug, Clone, PartialEq)]
pub struct Unconverged {
    /// Name of the label.
    pub label: String,
    /// Inverse regularisation strength.
    pub c: f64,
    /// The fold that was held out; none for the final fit.
    pub fold: Option<usize>,
    /// How it ended.
    pub convergence: Convergence,
}

impl std::fmt::Display for Unconverged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Convergence {
            iterations,
            gradient_norm,
            gradient_goal,
            reason,
            ..
        } = &self.convergence;
        let fit = self
            .fold
            .map_or_else(|| "the final fit".into(), |fold| format!("without fold {fold}"));
        write!(
            f,
            "{}, C = {}, {fit}: stopped before it converged ({reason} after {iterations} iterations; \
             gradient norm {gradient_norm:.2e}, goal {gradient_goal:.2e})",
            self.label, self.c
        )
    }
}

/// Receives the steps, from several threads, in no particular order.
pub trait Progress: Sync {
    /// Takes note of a step.
    fn done(&self, step: Step<'_>);

    /// Whether training shall stop; asked often, before each sentence is counted and before each fit. Training then
    /// ends with [`Error::Interrupted`](crate::Error::Interrupted).
    fn stopped(&self) -> bool {
        false
    }
}

/// An error if training shall stop.
pub(super) fn keep_on(progress: &dyn Progress) -> Result<(), Error> {
    if progress.stopped() {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn done(&self, _: Step<'_>) {}
}
