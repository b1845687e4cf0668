//! Ctrl-C and termination: at once, without litter.
//!
//! Records on the standard output are whole lines, and a file appears only when it is complete, so there is nothing to
//! wait for; only the temporary file of an output under way is removed.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

static UNDER_WAY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From here on an interrupt ends the process with status 130.
pub fn clean_up_on_interrupt() -> Result<(), Error> {
    ctrlc::set_handler(|| {
        if let Some(path) = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It may have been renamed already; then there is nothing to remove.
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(130);
    })
    .map_err(|e| Error::Io {
        path: "signal handler".into(),
        source: std::io::Error::other(e),
    })
}

/// The temporary file that an interrupt removes, instead of the one before.
pub fn under_way(temporary: Option<PathBuf>) {
    *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) = temporary;
}
