//! Opening the database, its transactions, and what its errors mean.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::schema::{APPLICATION_ID, TABLES, VERSION};
use crate::error::Error;

/// The database's name in the project folder.
pub const FILE_NAME: &str = "annotations.sqlite";

/// What happens while another process uses the store.
#[derive(Clone)]
pub struct Waiting {
    /// How long it is waited for.
    pub at_most: Duration,
    /// Called once when waiting begins.
    pub notice: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            at_most: Duration::from_secs(10),
            notice: Arc::new(|| ()),
        }
    }
}

/// An open annotation store.
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    /// Makes a store in the folder `project`, which is made too if it is not there. An interrupted attempt is completed.
    ///
    /// # Errors
    /// If there is a store already, or it cannot be made.
    pub fn create(project: &Path, waiting: &Waiting) -> Result<Self, Error> {
        std::fs::create_dir_all(project).map_err(Error::io(project))?;
        let path = project.join(FILE_NAME);
        let mut store = Self::connect(path, OpenFlags::SQLITE_OPEN_CREATE, waiting)?;
        let transaction = store
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let made = transaction.and_then(|transaction| {
            if transaction.pragma_query_value(None, "schema_version", |row| row.get::<_, i64>(0))? != 0 {
                return Ok(false);
            }
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()?;
            Ok(true)
        });
        match made {
            Ok(true) => Ok(store),
            Ok(false) => Err(refusal(&store.path, "there is an annotation store already")),
            Err(e) => Err(store.error(e)),
        }
    }

    /// Opens the store in the folder `project`.
    ///
    /// # Errors
    /// If there is none, or it is damaged, or written by a newer version.
    pub fn open(project: &Path, waiting: &Waiting) -> Result<Self, Error> {
        let path = project.join(FILE_NAME);
        let advice = format!("make one with: bayan annotations init {}", project.display());
        if !path.exists() {
            return Err(refusal(&path, &format!("there is no annotation store; {advice}")));
        }
        let store = Self::connect(path, OpenFlags::empty(), waiting)?;
        let number = |name| {
            store
                .connection
                .pragma_query_value(None, name, |row| row.get::<_, i32>(0))
        };
        let numbers =
            number("application_id").and_then(|id| Ok((id, number("user_version")?, number("schema_version")?)));
        match numbers.map_err(|e| store.error(e))? {
            (APPLICATION_ID, VERSION, _) => Ok(store),
            (APPLICATION_ID, version, _) => Err(refusal(
                &store.path,
                &format!("an annotation store of version {version}; this program knows version {VERSION}"),
            )),
            (0, 0, 0) => Err(refusal(
                &store.path,
                &format!("it was begun and not completed; {advice}"),
            )),
            _ => Err(refusal(&store.path, "a database, but not an annotation store")),
        }
    }

    fn connect(path: PathBuf, more: OpenFlags, waiting: &Waiting) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let opened = Connection::open_with_flags(&path, flags).and_then(|mut connection| {
            connection.busy_handler(Some(wait(waiting.clone())))?;
            // A project that was switched to the write-ahead log stays with it; both are safe.
            connection.pragma_update(None, "synchronous", "EXTRA")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.set_prepared_statement_cache_capacity(32);
            Ok(connection)
        });
        match opened {
            Ok(connection) => Ok(Self { path, connection }),
            Err(e) => Err(explain(&path, e)),
        }
    }

    /// Runs `work` in a transaction that keeps other writers out. All of it happens, or nothing.
    pub(super) fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, Error> {
        self.transaction(TransactionBehavior::Immediate, work)
    }

    /// Runs `work` on one state of the store, whatever others write meanwhile.
    pub(super) fn read<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, Error> {
        self.transaction(TransactionBehavior::Deferred, work)
    }

    fn transaction<T>(
        &mut self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let path = &self.path;
        let outcome = (|| {
            let transaction = self.connection.transaction_with_behavior(behavior)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })();
        outcome.map_err(|failure| match failure {
            Failure::Database(e) => explain(path, e),
            Failure::Other(e) => e,
        })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn error(&self, error: rusqlite::Error) -> Error {
        explain(&self.path, error)
    }
}

/// Why a transaction was given up.
pub(super) enum Failure {
    Database(rusqlite::Error),
    Other(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Waits in short steps, and says so the first time.
fn wait(waiting: Waiting) -> impl FnMut(i32) -> bool + Send + 'static {
    const STEP: Duration = Duration::from_millis(20);
    let mut since = None;
    let mut said = false;
    move |count| {
        if count == 0 {
            since = Some(Instant::now());
        }
        let waited = since.get_or_insert_with(Instant::now).elapsed();
        if waited >= waiting.at_most {
            return false;
        }
        if !said && waited >= STEP * 10 {
            (waiting.notice)();
            said = true;
        }
        std::thread::sleep(STEP);
        true
    }
}

fn refusal(path: &Path, reason: &str) -> Error {
    Error::Store {
        path: path.into(),
        reason: reason.into(),
    }
}

/// What an error of the database means for the user.
fn explain(path: &Path, error: rusqlite::Error) -> Error {
    let unchanged = "nothing of this command was stored";
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("another process is using the store, and did not end in time; {unchanged}")
        }
        Some(ErrorCode::DiskFull) => format!("the disk is full; {unchanged}"),
        Some(ErrorCode::SystemIoFailure) => {
            format!("{error}: is the disk full, or a limit on the size of files reached? {unchanged}")
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!("not a usable annotation store: {error}"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            format!("{error}: may the file and its folder be written? {unchanged}")
        }
        _ => error.to_string(),
    };
    refusal(path, &reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::formats::{ReadOptions, read_examples};
    use crate::store::ImportOptions;

    #[test]
    fn a_full_disk_is_named_and_leaves_the_store_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::create(dir.path(), &Waiting::default()).unwrap();
        let lines = |n: usize| {
            (0..n)
                .map(|i| format!("{{\"text\": \"sentence {i}\", \"labels\": []}}\n"))
                .collect::<String>()
        };
        let file = |n| vec![read_examples("a.jsonl", lines(n).as_bytes(), &ReadOptions::default()).unwrap()];
        let now = jiff::Timestamp::from_second(1).unwrap();
        store.import(&file(5), &ImportOptions::default(), now).unwrap();
        let pages: i64 = store
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        store
            .connection
            .pragma_update(None, "max_page_count", pages + 1)
            .unwrap();
        let error = store
            .import(&file(900), &ImportOptions::default(), now)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the disk is full; nothing of this command was stored"),
            "{error}"
        );
        assert_eq!(store.status().unwrap().annotations, 5);
        store.connection.pragma_update(None, "max_page_count", 100_000).unwrap();
        assert_eq!(
            store.import(&file(900), &ImportOptions::default(), now).unwrap()[0].added,
            895
        );
        assert!(store.check().unwrap().is_empty());
    }
}
