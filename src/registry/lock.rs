//! One process at a time changes a folder.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::folder::{Registry, STATE, write_json};
use super::state::State;
use crate::error::Error;
use crate::io::TEMPORARY_PREFIX;

const LOCK: &str = ".lock";

/// Holds the folder's lock until it is dropped. The operating system takes it back from a process that dies.
pub(super) struct Locked {
    _file: File,
    pub registry: Registry,
}

impl Locked {
    /// Waits for the lock, and reads the folder's state only then. `new`: an empty state where there is none.
    pub(super) fn take(folder: &Path, new: bool, waiting: impl FnOnce()) -> Result<Self, Error> {
        if !new {
            Registry::open(folder)?;
        }
        let path = folder.join(LOCK);
        let options = || File::options().create(true).truncate(false).write(true).open(&path);
        let file = options().map_err(Error::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(Error::io(&path))?;
            }
            Err(TryLockError::Error(e)) => return Err(Error::io(&path)(e)),
        }
        sweep(folder)?;
        if new && !folder.join(STATE).exists() {
            write_json(&folder.join(STATE), &State::default())?;
        }
        Ok(Self {
            _file: file,
            registry: Registry::open(folder)?,
        })
    }
}

/// Removes temporary files: whoever wrote them held the lock, so it is dead.
fn sweep(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
        let path = entry.map_err(Error::io(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with(TEMPORARY_PREFIX)) {
            fs::remove_file(&path).map_err(Error::io(&path))?;
        }
    }
    Ok(())
}
