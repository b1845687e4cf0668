//! Which sentences to annotate next, and which annotations to look at again.
//!
//! Enters: sentences with a classifier's logits ([`Pool`]); annotations ([`audit`]). Leaves: a choice of uncertain and
//! diverse sentences; suspects, ranked, with their reasons. Must not know: files, the command line.

mod audit;
mod diversity;
mod label_errors;
mod near;
mod pool;
mod select;
mod suspicion;
mod uncertainty;
mod words;

pub use audit::{Audit, AuditParams, LabelAudit, Suspect, audit};
pub use near::NearDuplicates;
pub use pool::{Appraiser, Candidate, Pool};
pub use select::{Reason, SelectParams, Selected};
pub use suspicion::Suspicion;
pub use uncertainty::Uncertainty;
