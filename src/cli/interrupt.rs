//! Ctrl-C: once to stop tidily, twice to stop at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on the first Ctrl-C only sets [`asked`]; the second ends the process.
pub fn watch() -> Result<(), Error> {
    ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .map_err(|e| Error::Io {
        path: "signal handler".into(),
        source: std::io::Error::other(e),
    })
}

/// Whether Ctrl-C was pressed.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
