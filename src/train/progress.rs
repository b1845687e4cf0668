//! How training tells where it is.

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

/// Receives the steps, from several threads, in no particular order.
pub trait Progress: Sync {
    /// Takes note of a step.
    fn done(&self, step: Step<'_>);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn done(&self, _: Step<'_>) {}
}
