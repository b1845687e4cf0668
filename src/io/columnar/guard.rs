//! The border to the Parquet reader: its errors, and its panics on damaged files, become errors of ours.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::error::{Error, Fault, Place};

thread_local! {
    /// Whether this thread is inside [`guarded`].
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// A file that cannot be read as Parquet.
pub(super) fn fault(name: &str, place: Place, reason: impl Into<String>) -> Error {
    Error::InvalidInput(Fault {
        name: name.into(),
        place,
        reason: reason.into(),
    })
}

/// Runs `read`. What it fails with names `name` and `place`; a panic is such a failure, too, and is not printed.
/// After a failure, what `read` has used must not be used again.
pub(super) fn guarded<T, E: std::fmt::Display>(
    name: &str,
    place: Place,
    read: impl FnOnce() -> Result<T, E>,
) -> Result<T, Error> {
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                print(info);
            }
        }));
    });
    GUARDED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(fault(name, place, format!("not readable as Parquet: {e}"))),
        Err(_) => Err(fault(name, place, "not readable as Parquet: the file is damaged")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_panics_name_the_file() {
        let error = guarded("a.parquet", Place::Row(7), || Err::<(), _>("no pages")).unwrap_err();
        assert_eq!(error.to_string(), "a.parquet: row 7: not readable as Parquet: no pages");
        let error = guarded("a.parquet", Place::Whole, || -> Result<(), String> {
            let empty: [u8; 0] = [];
            Err(empty[std::hint::black_box(3)].to_string())
        });
        assert!(error.unwrap_err().to_string().ends_with("the file is damaged"));
        assert_eq!(guarded("a", Place::Whole, || Ok::<_, String>(1)).unwrap(), 1);
    }
}
