//! What to annotate next, and which annotations are wrong.
mod audit;
mod diversity;
mod label_errors;
mod near;
mod select;
mod uncertainty;
mod words;

pub use audit::{Audit, AuditParams, LabelAudit, Suspect, Suspicion, audit};
pub use near::NearDuplicates;
pub use select::{Appraiser, Candidate, Pool, Reason, SelectParams, Selected};
pub use uncertainty::Uncertainty;
