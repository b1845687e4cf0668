//! What every call from Python passes: errors become exceptions, panics too, and long work listens to Ctrl-C.
//!
//! Enters: work in Rust. Leaves: its result, or a Python exception with the message that the command line would print.
//! Must not know: what the work is.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use arrow_schema::ArrowError;
use bayan::Error;
use bayan::classifier::Stop;
use pyo3::create_exception;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

create_exception!(
    bayan,
    BayanError,
    PyValueError,
    "A model, a setting, an annotation or a text that cannot be used. Says which and why."
);
create_exception!(
    bayan,
    InternalError,
    PyRuntimeError,
    "A fault of bayan itself. Please report it, with the message."
);

/// How often long work is interrupted to see whether a signal has come.
const LISTEN_EVERY: Duration = Duration::from_millis(20);

/// Where the last panic happened.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Notes where a panic happens instead of printing it. This library has its own copy of the Rust runtime, so the hook
/// touches no other library's panics.
pub fn note_panics() {
    set_hook(Box::new(|info| {
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = info.location().map(ToString::to_string);
    }));
}

/// Calls `work`; a panic becomes an [`InternalError`].
pub fn guard<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(internal_error(&*panic)))
}

fn internal_error(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().copied();
    let message = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    InternalError::new_err(format!(
        "a fault in bayan, please report it: {} ({})",
        message.unwrap_or("unknown"),
        place.as_deref().unwrap_or("unknown place")
    ))
}

/// Does `work` with the interpreter lock released. `long` work runs on a thread of its own while this one listens for
/// signals; if a handler raises (as Ctrl-C does), `work` is asked to stop, and the handler's exception is returned.
pub fn detached<T: Send>(
    py: Python<'_>,
    long: bool,
    work: impl FnOnce(&Stop) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let stop = Stop::default();
    if !long {
        return py.detach(|| work(&stop)).map_err(to_python);
    }
    py.detach(|| {
        thread::scope(|scope| {
            let (end, ended) = channel::<()>();
            let stop = &stop;
            let worker = scope.spawn(move || {
                let _end = end;
                work(stop)
            });
            let mut raised = None;
            while raised.is_none() && ended.recv_timeout(LISTEN_EVERY) == Err(RecvTimeoutError::Timeout) {
                raised = Python::attach(|py| py.check_signals()).err();
            }
            if raised.is_some() {
                stop.ask();
            }
            let result = worker.join().unwrap_or_else(|panic| resume_unwind(panic));
            raised.map_or_else(|| result.map_err(to_python), Err)
        })
    })
}

/// The exception for an error of the library, with the same message.
pub fn to_python(error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        // `FileNotFoundError`, `PermissionError`, …
        Error::Io { source, .. } => PyErr::from(std::io::Error::new(source.kind(), message)),
        Error::Interrupted => PyKeyboardInterrupt::new_err(message),
        _ => BayanError::new_err(message),
    }
}

/// The exception for an error of Arrow.
pub fn from_arrow(error: ArrowError) -> PyErr {
    BayanError::new_err(format!("Arrow: {error}"))
}
