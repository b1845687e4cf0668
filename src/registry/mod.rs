//! Versions of models in a folder: kept for ever, one of them in use.
//!
//! Enters: models, and what a comparison said of them. Leaves: versions with their manifests, and the current one. Must not
//! know: training, annotations, the command line.
//!
//! ```text
//! FOLDER/registry.json               which version is current, and what was before: replaced as a whole
//! FOLDER/<digest>.safetensors        a version; its name is the SHA-256 of its bytes; never changed
//! FOLDER/<digest>.json               its manifest; never changed
//! FOLDER/.lock                       locked by whoever changes the folder
//! ```
//!
//! Every file is written to a temporary one, synced and renamed, so a process that dies at any moment leaves the folder as it
//! was before or after a step. A version counts once its manifest is there, which comes after the model; the lock is the
//! operating system's and ends with its process. Readers take no lock.

mod folder;
mod lock;
mod manifest;
mod state;

pub use folder::{Registry, Version};
pub use manifest::Manifest;
pub use state::{Action, Entry, Promotion, TestResult};
