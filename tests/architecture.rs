//! The table of rooms in ARCHITECTURE.md, held: which module may import which.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Room, and the rooms it may import. `error` may be imported by all.
const TABLE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("document", &[]),
    ("label", &[]),
    ("text", &["document"]),
    ("features", &["text", "document"]),
    ("linear", &["features"]),
    ("evaluation", &["label"]),
    (
        "classifier",
        &["features", "linear", "label", "document", "text", "evaluation"],
    ),
    ("dataset", &["document", "label"]),
    (
        "train",
        &["classifier", "features", "linear", "label", "evaluation", "dataset"],
    ),
    ("io", &["document", "label"]),
    ("model_file", &["classifier", "features", "linear", "label", "io"]),
    ("report", &["classifier", "features", "label", "text", "evaluation"]),
    ("store", &["dataset"]),
    (
        "registry",
        &["classifier", "features", "evaluation", "io", "model_file"],
    ),
    (
        "curate",
        &[
            "classifier",
            "features",
            "linear",
            "label",
            "text",
            "evaluation",
            "dataset",
            "train",
        ],
    ),
    (
        "cli",
        &[
            "classifier",
            "features",
            "linear",
            "label",
            "document",
            "text",
            "evaluation",
            "dataset",
            "train",
            "io",
            "model_file",
            "report",
            "store",
            "registry",
            "curate",
        ],
    ),
];

fn rust_files(path: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The code of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
    text.lines()
        .map(|l| l.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_room_imports_only_what_it_may() {
    let src = common::root().join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut seen = BTreeSet::new();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
        let room = relative.split(['/', '.']).next().unwrap().to_owned();
        if room == "lib" || room == "main" {
            continue;
        }
        let allowed = TABLE
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{relative}: no room {room:?} in the table"))
            .1;
        seen.insert(room.clone());
        let code = code(&file);
        for part in code.split("crate::").skip(1) {
            let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(
                used == room || used == "error" || allowed.contains(&used.as_str()),
                "{relative} imports {used:?}, which {room:?} may not"
            );
        }
        assert!(!code.contains("unsafe"), "{relative}");
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.split("#[cfg(test)]").next().unwrap().lines().count();
        assert!(lines <= 330, "{relative} has {lines} lines without its tests");
        assert!(text.starts_with("//!"), "{relative} does not say what it is for");
    }
    let rooms: BTreeSet<String> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(seen, rooms);
}

#[test]
fn the_table_has_no_cycle_and_stands_in_the_document() {
    for (position, (room, allowed)) in TABLE.iter().enumerate() {
        for other in *allowed {
            let at = TABLE.iter().position(|(name, _)| name == other).unwrap();
            assert!(at < position, "{room} imports {other}, which comes after it");
        }
    }
    let document = fs::read_to_string(common::root().join("ARCHITECTURE.md")).unwrap();
    for (room, allowed) in TABLE {
        let row = document
            .lines()
            .find(|l| l.starts_with(&format!("| `{room}`")))
            .unwrap_or_else(|| panic!("no row for {room}"));
        for other in *allowed {
            assert!(
                row.contains(&format!("`{other}`")),
                "{room}: {other} is missing in {row}"
            );
        }
    }
}

#[test]
fn the_crates_are_used_for_what_they_are_for() {
    let src = common::root().join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    for (name, room) in [
        ("linfa_logistic::", "linear/"),
        ("linfa::", "linear/"),
        ("ndarray::", "linear/"),
        ("rust_stemmers::", "text/"),
        ("safetensors::", "model_file/"),
        ("askama::", "report/"),
        ("plotters::", "report/"),
        ("rusqlite::", "store/"),
        ("clap::", "cli/"),
        ("indicatif::", "cli/"),
        ("parquet::", "io/"),
        ("flate2::", "io/"),
        ("zstd::", "io/"),
    ] {
        let users: Vec<String> = files
            .iter()
            .filter(|f| code(f).contains(name))
            .map(|f| f.strip_prefix(&src).unwrap().to_string_lossy().into_owned())
            .collect();
        assert!(!users.is_empty(), "{name} is not used");
        assert!(
            users.iter().all(|u| u.starts_with(room)),
            "{name} is used outside {room}: {users:?}"
        );
    }
}
