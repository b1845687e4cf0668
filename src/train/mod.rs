//! From annotations to a classifier.
//!
//! Enters: a [`LabelledSet`](crate::dataset::LabelledSet) and [`TrainParams`]. Leaves: a fitted, calibrated
//! [`Classifier`](crate::Classifier) and what cross-validation says of it. Must not know: the command line, files.
//!
//! 1. Features are counted once. Each cross-validation fold chooses columns and idf from its own training part.
//! 2. For each label and each C of the grid, out-of-fold logits; the C with the best criterion is chosen.
//! 3. Platt calibration and the threshold of best F1 are fitted on the out-of-fold logits of the chosen C.
//! 4. The reported table is cross-fitted: each fold is calibrated and cut by parameters from the other folds.
//! 5. The final weights are fitted on all sentences and stored in fixed point.
//!
//! Training can start from a model ([`train_from`]) or update one from new sentences alone ([`update`]).

mod cross_validation;
mod decide;
mod design;
mod fit;
mod learning;
mod params;
mod progress;
mod start;
mod update;
mod updated_model;
mod validate;

pub use fit::{Trained, train, train_from};
pub use learning::learning_point;
pub use params::{Criterion, TrainParams};
pub use progress::{Progress, Silent, Step, Unconverged};
pub use start::Start;
pub use update::{UpdateParams, Updated, update};
pub use validate::{CrossValidated, cross_validate};
