//! The tables.

/// "bayn", so that `file` and SQLite tell whose file it is.
pub(super) const APPLICATION_ID: i32 = 0x6261_796e;
/// The version of the tables. A newer one is refused.
pub(super) const VERSION: i32 = 1;

/// Times are microseconds since 1970 in UTC; labels a sorted JSON array of names.
pub(super) const TABLES: &str = "
CREATE TABLE import (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    -- SHA-256 of the records as they were understood: a file that is imported again is known by it.
    digest TEXT NOT NULL UNIQUE,
    time INTEGER NOT NULL
) STRICT;

CREATE TABLE sentence (
    id INTEGER PRIMARY KEY,
    -- SHA-256 of the text with single spaces for white space.
    digest TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
) STRICT;

-- The ids that a sentence was imported with; the first is its own.
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sentence INTEGER NOT NULL REFERENCES sentence
) STRICT;
CREATE INDEX name_of ON name (sentence);

CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sentence INTEGER NOT NULL REFERENCES sentence,
    -- NULL for a resolution.
    import INTEGER REFERENCES import,
    annotator TEXT NOT NULL,
    labels TEXT NOT NULL,
    time INTEGER NOT NULL,
    -- Whether the file gave the time; else it is that of the import.
    time_given INTEGER NOT NULL,
    -- How a conflict was resolved; NULL for an annotation.
    method TEXT CHECK (method IN ('latest', 'majority', 'labels')),
    topic TEXT,
    source TEXT,
    note TEXT,
    CHECK ((import IS NULL) = (method IS NOT NULL))
) STRICT;
CREATE INDEX event_of ON event (sentence, annotator);
CREATE UNIQUE INDEX event_once ON event (sentence, annotator, labels, time) WHERE time_given AND method IS NULL;

CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'history only grows'); END;
CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'history only grows'); END;
";
