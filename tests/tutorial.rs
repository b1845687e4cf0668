//! The commands of `docs/tutorial.md`, run one after another, and what the page shows of their output.
//!
//! Words must be those that are printed. Figures may drift a little, so that a change of the training does not fail here
//! before it makes the page untrue; times and digests stand for any.
#![cfg(all(feature = "cli", unix))]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::{root, stdout};

/// What stands for something left out: a whole line, the rest of a line, or one word.
const LEFT_OUT: &str = "…";
/// Comes before the output of each step.
const MARK: &str = "=== step";

/// Commands, and the lines that the page shows of what they print.
#[derive(Debug, Default, PartialEq)]
struct Step {
    commands: String,
    shown: Vec<String>,
}

/// The fenced blocks of a page: `sh` begins a step, `text` is what it prints.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match language {
            "sh" => steps.push(Step {
                commands: block.join("\n"),
                ..Step::default()
            }),
            "text" => {
                let step = steps.last_mut().expect("commands come before their output");
                step.shown.extend(block.into_iter().map(str::to_owned));
            }
            other => panic!("a block of {other:?}"),
        }
    }
    steps
}

fn is_time(word: &str) -> bool {
    word.get(..19)
        .is_some_and(|time| time.parse::<jiff::civil::DateTime>().is_ok())
}

fn is_digest(word: &str) -> bool {
    word.len() >= 12 && word.bytes().all(|b| b.is_ascii_hexdigit())
}

fn number(word: &str) -> Option<f64> {
    word.trim_matches(['[', ']', '(', ')', ',', ';', ':', '%']).parse().ok()
}

fn agree(shown: &str, printed: &str) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 0.02 + 0.1 * a.abs();
    shown == LEFT_OUT
        || shown == printed
        || is_time(shown) && is_time(printed)
        || is_digest(shown) && is_digest(printed)
        || matches!((number(shown), number(printed)), (Some(a), Some(b)) if close(a, b))
}

/// Whether a printed line is what the page shows.
fn is_shown(shown: &str, printed: &str) -> bool {
    let (whole, shown) = match shown.strip_suffix(LEFT_OUT) {
        Some(beginning) => (false, beginning),
        None => (true, shown),
    };
    let shown: Vec<&str> = shown.split_whitespace().collect();
    let printed: Vec<&str> = printed.split_whitespace().collect();
    let length_fits = shown.len() == printed.len() || !whole && shown.len() < printed.len();
    length_fits && shown.iter().zip(&printed).all(|(s, p)| agree(s, p))
}

/// The first shown line that is not printed after those before it.
fn missing<'s>(shown: &'s [String], printed: &str) -> Option<&'s str> {
    let mut rest = printed.lines();
    shown
        .iter()
        .filter(|line| !line.trim().is_empty() && *line != LEFT_OUT)
        .find(|line| !rest.any(|printed| is_shown(line, printed)))
        .map(String::as_str)
}

/// Runs the steps in one shell, as a reader does; what each of them prints.
fn run(steps: &[Step], directory: &Path) -> Vec<String> {
    let mut script = "set -eu\nexec 2>&1\n".to_owned();
    for step in steps {
        script += &format!("echo '{MARK}'\n{}\n", step.commands);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_bayan")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program.to_path_buf()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(directory)
        .env("PATH", path)
        .output()
        .unwrap();
    let printed = stdout(&output);
    assert!(output.status.success(), "{}: {printed}", output.status);
    let mark = format!("{MARK}\n");
    printed.split(&mark).skip(1).map(str::to_owned).collect()
}

#[test]
fn the_tutorial_prints_what_it_shows() {
    let page = fs::read_to_string(root().join("docs/tutorial.md")).unwrap();
    let steps = steps(&page);
    let directory = tempfile::tempdir().unwrap();
    for name in ["training-data", "tests"] {
        symlink(root().join(name), directory.path().join(name)).unwrap();
    }
    let printed = run(&steps, directory.path());
    assert_eq!(printed.len(), steps.len());
    for (step, printed) in steps.iter().zip(&printed) {
        if let Some(line) = missing(&step.shown, printed) {
            panic!("{}\ndoes not print\n{line}\nbut\n{printed}", step.commands);
        }
    }
    // The page walks the whole loop, and keeps to one folder.
    for verb in [
        "select",
        "annotations",
        "audit",
        "train",
        "compare",
        "evaluate",
        "models",
    ] {
        let verb = format!("bayan {verb} ");
        assert!(steps.iter().any(|step| step.commands.contains(&verb)), "{verb}");
    }
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["tests", "training-data", "walk"]);
    let report = fs::read_to_string(directory.path().join("walk/report.html")).unwrap();
    assert!(report.contains("<svg"));
}

#[test]
fn a_page_that_shows_something_else_is_found() {
    for (shown, printed, fits) in [
        ("macro avg  0.834  0.840", "macro avg        0.829  0.840", true),
        ("macro avg  0.834  0.840", "macro avg        0.534  0.840", false),
        ("3438 sentences", "3438 suspects", false),
        ("3438 sentences", "3438 sentences of 82 groups", false),
        ("3438 sentences …", "3438 sentences of 82 groups", true),
        ("…  first  denial", "2026-11-21T12:43:17Z  first  denial", true),
        ("2026-11-21T12:43:17  x", "2027-01-01T00:00:00Z  x", true),
        ("bayan: 7f523252c5ee is in use", "bayan: 92323e1f1e4b is in use", true),
        ("bayan: 7f523252c5ee is in use", "bayan: nothing is in use", false),
    ] {
        assert_eq!(is_shown(shown, printed), fits, "{shown} / {printed}");
    }
    let shown = ["b".to_owned(), LEFT_OUT.to_owned(), "a".to_owned()];
    assert_eq!(missing(&shown, "b\nc\na"), None);
    assert_eq!(missing(&shown, "a\nb"), Some("a"));
    let page = "x\n```sh\none\ntwo\n```\n\n```text\nout\n```\n";
    assert_eq!(
        steps(page),
        [Step {
            commands: "one\ntwo".into(),
            shown: vec!["out".into()]
        }]
    );
}
