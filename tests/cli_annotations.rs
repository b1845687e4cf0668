//! `bayan annotations` on the real binary: the loop, conflicts, faults, two processes at once, kill -9, a full disk.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bayan::dataset::read_annotations;
use rusqlite::{Connection, TransactionBehavior};

struct Project {
    dir: tempfile::TempDir,
}

impl Project {
    fn new() -> Self {
        let project = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        project.ok("init", &[]);
        project
    }

    fn command(&self, verb: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bayan"));
        command
            .current_dir(self.dir.path())
            .args(["annotations", verb, "project"])
            .args(args);
        command
    }

    fn run(&self, verb: &str, args: &[&str]) -> Output {
        self.command(verb, args).output().unwrap()
    }

    /// The standard output of a run that succeeds.
    fn ok(&self, verb: &str, args: &[&str]) -> String {
        let output = self.run(verb, args);
        assert!(output.status.success(), "{verb} {args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The standard error of a run that fails with status 2.
    fn fails(&self, verb: &str, args: &[&str]) -> String {
        let output = self.run(verb, args);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{verb} {args:?}: {}",
            text(&output.stdout)
        );
        text(&output.stderr)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.dir.path().join(name), content).unwrap();
    }

    fn database(&self) -> PathBuf {
        self.dir.path().join("project/annotations.sqlite")
    }

    fn connect(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.ok("status", &["--json"])).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const ALI: &str = r#"{"id": 1, "text": "ونفى الوزير ذلك.", "label": ["denial"], "Comments": []}
{"id": 2, "text": "قتل ثلاثة.", "label": ["casualty_report"], "Comments": []}
{"id": 3, "text": "طقس جميل.", "label": [], "Comments": []}
"#;
/// Other numbers, another order, other white space: the sentences are the same.
const SARA: &str = r#"{"id": 7, "text": "قتل  ثلاثة.", "label": ["casualty_report"], "Comments": []}
{"id": 8, "text": "ونفى الوزير ذلك.", "label": ["denial", "claim"], "Comments": []}
"#;

#[test]
fn from_two_annotators_to_a_training_file() {
    let project = Project::new();
    assert!(
        project
            .fails("init", &[])
            .contains("there is an annotation store already")
    );
    project.write("ali.jsonl", ALI);
    project.write("sara.jsonl", SARA);
    let both = ["ali.jsonl", "sara.jsonl", "--format", "doccano"];
    let imported = project.ok("import", &both);
    assert!(
        imported.contains("ali.jsonl: 3 annotations added, 3 new sentences, 1 without a label"),
        "{imported}"
    );
    assert!(imported.contains("sara.jsonl: 2 annotations added\n"), "{imported}");
    let again = project.ok("import", &both);
    assert!(
        again.contains("sara.jsonl: 0 annotations added, 2 known already, imported before"),
        "{again}"
    );
    assert_eq!(project.status()["annotations"], 5);

    let listed = project.ok("conflicts", &[]);
    assert!(
        listed.contains("ونفى الوزير ذلك.") && !listed.contains("قتل"),
        "{listed}"
    );
    assert!(
        listed.contains("ali  denial") && listed.contains("sara  claim, denial"),
        "{listed}"
    );
    let voices: serde_json::Value = serde_json::from_str(&project.ok("conflicts", &["--json"])).unwrap();
    let id = voices["id"].as_str().unwrap().to_owned();

    assert!(
        project
            .fails("export", &["-o", "train.jsonl"])
            .contains("1 sentence with a conflict that is open")
    );
    assert!(!project.dir.path().join("train.jsonl").exists());
    // Two against one another is no majority, and both have the time of the import.
    assert!(
        project
            .fails("export", &["--prefer", "majority"])
            .contains("the rule cannot decide")
    );
    assert!(
        project
            .fails("export", &["--prefer", "latest"])
            .contains("the rule cannot decide")
    );
    assert_eq!(project.ok("export", &["--skip-conflicts"]).lines().count(), 2);
    assert!(
        project
            .ok("resolve", &["--prefer", "latest", "--by", "mona"])
            .contains("0 conflicts resolved, 1 open")
    );

    let wrong = project.fails("resolve", &[&id, "--labels", "denials", "--by", "mona"]);
    assert!(
        wrong.contains("unknown label \"denials\"; known labels are casualty_report, claim, denial"),
        "{wrong}"
    );
    assert!(
        project
            .fails("resolve", &["nothing", "--no-label", "--by", "mona"])
            .contains("no sentence has the id")
    );
    let resolved = project.ok(
        "resolve",
        &[&id, "--labels", "denial", "--by", "mona", "--note", "section 3"],
    );
    assert!(
        resolved.contains("mona  denial  resolved by labels  (section 3)"),
        "{resolved}"
    );
    let history = project.ok("history", &["ونفى الوزير ذلك."]);
    assert_eq!(history.lines().count(), 4, "{history}");

    project.ok("export", &["-o", "train.jsonl"]);
    let file = project.dir.path().join("train.jsonl");
    let annotations = read_annotations(&[file], None).unwrap();
    assert_eq!(annotations.len(), 3);
    assert_eq!(
        (&*annotations[0].labels, annotations[0].annotator.as_deref()),
        (&["denial".to_owned()][..], Some("mona"))
    );
    assert_eq!(annotations[1].annotator.as_deref(), Some("ali, sara"));
    for format in ["doccano", "label-studio", "prodigy", "fasttext", "csv", "tsv"] {
        assert!(
            project.ok("export", &["--format", format]).contains("casualty_report"),
            "{format}"
        );
    }

    // A third who disagrees opens it again.
    project.write(
        "omar.jsonl",
        "{\"text\": \"ونفى الوزير ذلك.\", \"labels\": [\"claim\"]}\n",
    );
    project.ok("import", &["omar.jsonl"]);
    assert_eq!(project.status()["conflicts"], 1);
    // Four lines of it: the decision, his word, and by majority neither has one.
    assert!(
        project
            .fails("export", &["--prefer", "majority"])
            .contains("cannot decide")
    );
    assert!(
        project
            .ok("export", &["--prefer", "latest"])
            .lines()
            .next()
            .unwrap()
            .contains("[\"claim\"]")
    );
}

#[test]
fn a_sentence_that_is_labelled_again_keeps_its_history() {
    let project = Project::new();
    let said = |label: &str| {
        format!("{{\"id\": \"a\", \"text\": \"x\", \"labels\": [\"{label}\"], \"annotator\": \"ali\"}}\n")
    };
    for (name, label) in [("1.jsonl", "claim"), ("2.jsonl", "denial"), ("3.jsonl", "claim")] {
        project.write(
            name,
            &(said(label) + &format!("{{\"id\": \"{name}\", \"text\": \"{name}\", \"labels\": []}}\n")),
        );
    }
    project.ok("import", &["1.jsonl"]);
    assert!(project.ok("import", &["2.jsonl"]).contains("1 of them re-labelled"));
    // The first file again is not a third opinion; the third file is.
    project.ok("import", &["1.jsonl"]);
    assert!(project.ok("export", &[]).contains("[\"denial\"]"));
    project.ok("import", &["3.jsonl"]);
    assert!(project.ok("export", &[]).contains("[\"claim\"]"));
    let history = project.ok("history", &["a", "--json"]);
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let labels: Vec<&str> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["labels"][0].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["claim", "denial", "claim"]);
    assert_eq!(history["events"][1]["file"], "2.jsonl");

    let connection = project.connect();
    for change in ["UPDATE event SET labels = '[]'", "DELETE FROM event"] {
        let error = connection.execute(change, []).unwrap_err().to_string();
        assert!(error.contains("history only grows"), "{error}");
    }
}

#[test]
fn what_contradicts_is_refused_with_its_place_and_nothing_is_imported() {
    let project = Project::new();
    project.write(
        "good.jsonl",
        "{\"id\": \"1\", \"text\": \"x\", \"labels\": [\"claim\"]}\n",
    );
    project.write(
        "bad.jsonl",
        concat!(
            "{\"id\": \"2\", \"text\": \"new\", \"labels\": []}\n",
            "{\"id\": \"1\", \"text\": \"other\", \"labels\": []}\n",
            "{\"id\": \"2\", \"text\": \"new\", \"labels\": [\"claim\"]}\n",
        ),
    );
    let message = project.fails("import", &["good.jsonl", "bad.jsonl"]);
    assert!(
        message.contains("bad.jsonl:2: id \"1\" stands for another text in the store: \"x\""),
        "{message}"
    );
    assert!(
        message.contains("bad.jsonl:3: \"bad\" gives other labels to the same sentence at bad.jsonl:1"),
        "{message}"
    );
    assert_eq!(project.status()["sentences"], 0);
    project.ok("import", &["good.jsonl"]);
    project.write("number.csv", "id,text,labels\n1,another,claim\n");
    assert!(
        project
            .fails("import", &["number.csv"])
            .contains("number.csv:2: id \"1\" stands for another text")
    );
    project.ok("import", &["number.csv", "--ignore-ids", "--annotator", "ali"]);
    assert_eq!(project.status()["annotators"]["ali"], 1);

    project.write(
        "broken.json",
        "[{\"data\": {\"text\": \"x\"}, \"annotations\": [{\"result\": 5}]}, {\"id\": 2}]",
    );
    let message = project.fails("import", &["broken.json"]);
    assert!(
        message.contains("broken.json: record 1: annotation 1") && message.contains("record 2: the task has no"),
        "{message}"
    );
    assert!(
        project
            .fails("import", &["absent.jsonl"])
            .contains("absent.jsonl: No such file")
    );
    let message = project.fails("import", &["good.jsonl", "--known-labels", "denial"]);
    assert!(message.contains("good.jsonl:1: unknown label \"claim\""), "{message}");

    let skipped = r#"[{"data": {"text": "s"}, "annotations": [{"was_cancelled": true, "result": [], "completed_by": 3},
        {"was_cancelled": false, "completed_by": 4, "updated_at": "2026-01-01T00:00:00Z", "result": []}]},
        {"data": {"text": "t"}, "annotations": []}]"#;
    project.write("tasks.json", skipped);
    let report = project.ok("import", &["tasks.json"]);
    assert!(
        report.contains("1 annotation added") && report.contains("1 not annotated, 1 skipped in Label Studio"),
        "{report}"
    );
}

#[test]
fn what_is_no_store_is_refused() {
    let project = Project::new();
    project.write("a.jsonl", "{\"text\": \"x\", \"labels\": []}\n");
    project.connect().pragma_update(None, "user_version", 9).unwrap();
    assert!(
        project
            .fails("status", &[])
            .contains("of version 9; this program knows version 1")
    );
    fs::write(
        project.database(),
        "not a database, but long enough to be taken for one by its size alone",
    )
    .unwrap();
    assert!(project.fails("status", &[]).contains("not a usable annotation store"));
    fs::write(project.database(), "").unwrap();
    assert!(
        project
            .fails("import", &["a.jsonl"])
            .contains("begun and not completed")
    );
    fs::remove_file(project.database()).unwrap();
    assert!(
        project
            .fails("import", &["a.jsonl"])
            .contains("there is no annotation store; make one with")
    );
    assert!(!project.database().exists(), "reading makes nothing");
    project.connect().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(
        project
            .fails("status", &[])
            .contains("a database, but not an annotation store")
    );
    assert!(project.fails("init", &[]).contains("already"));
}

#[test]
fn two_processes_at_once_wait_or_say_so() {
    let project = Project::new();
    project.write("a.jsonl", "{\"text\": \"x\", \"labels\": []}\n");
    let mut other = project.connect();
    let transaction = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let message = project.fails("import", &["a.jsonl", "--wait", "0.5"]);
    assert!(
        message.contains("another process is using the project; waiting"),
        "{message}"
    );
    assert!(
        message.contains("did not end in time; nothing of this command was stored"),
        "{message}"
    );
    assert_eq!(
        project.status()["annotations"],
        0,
        "reading does not wait for a writer that is not done"
    );

    let waiting = project
        .command("import", &["a.jsonl"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    transaction.commit().unwrap();
    let output = waiting.wait_with_output().unwrap();
    assert!(text(&output.stdout).contains("1 annotation added"));

    let writers: Vec<_> = (0..4)
        .map(|i| {
            let name = format!("w{i}.jsonl");
            project.write(&name, &many(i, 100));
            project
                .command("import", &[&name, "-q"])
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    let status = project.status();
    assert_eq!(
        (&status["annotations"], &status["sentences"]),
        (&401.into(), &101.into())
    );
}

/// Annotations of the same sentences by an annotator of their own.
fn many(annotator: usize, n: usize) -> String {
    let line = |i| {
        format!(
            "{{\"id\": \"s{i}\", \"text\": \"sentence number {i}\", \"labels\": [\"l{}\"], \"annotator\": \"a{annotator}\"}}\n",
            i % 3
        )
    };
    (0..n).map(line).collect()
}

fn count(database: &Path) -> i64 {
    let connection = Connection::open(database).unwrap();
    let found: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
    connection
        .query_row("SELECT count(*) FROM event", [], |row| row.get(0))
        .unwrap()
}

/// Numbers that are spread evenly over 0 to 1.
fn spread(round: usize) -> f64 {
    (round as f64 * 0.618_033_988_749_895).fract()
}

#[cfg(unix)]
#[test]
fn kill_9_during_imports_loses_nothing_that_was_committed() {
    const RECORDS: usize = 150;
    const ROUNDS: usize = 45;
    let project = Project::new();
    project.write("first.jsonl", &many(0, RECORDS));
    let start = Instant::now();
    project.ok("import", &["first.jsonl", "-q"]);
    let whole = start.elapsed();
    let mut committed = RECORDS as i64;
    let mut inside = 0;
    for round in 1..=ROUNDS {
        let name = format!("{round}.jsonl");
        project.write(&name, &many(round, RECORDS));
        let mut import = project
            .command("import", &[&name, "-q"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(whole.mul_f64(spread(round) * 1.1));
        import.kill().unwrap();
        let output = import.wait_with_output().unwrap();
        // A journal is left where a transaction was under way.
        inside += usize::from(project.database().with_extension("sqlite-journal").exists());
        let now = count(&project.database());
        let all = committed + RECORDS as i64;
        // All of it or nothing; and what it said was done is done.
        assert!(now == committed || now == all, "round {round}: {now} of {committed}");
        assert!(
            output.stdout.is_empty() || now == all,
            "round {round}: reported, but not there"
        );
        if round % 5 == 0 || now == committed {
            let again = project.ok("import", &[&name, "-q"]);
            assert!(
                again.contains(if now == all {
                    "imported before"
                } else {
                    "annotations added"
                }),
                "{again}"
            );
        }
        committed = all;
        assert_eq!(count(&project.database()), committed);
    }
    assert!(inside > 0, "no import was killed within its transaction");
    eprintln!("{inside} of {ROUNDS} imports were killed within their transaction");
    let left = fs::read_dir(project.dir.path().join("project")).unwrap().count();
    assert_eq!(left, 1, "no journal is left");
}

#[cfg(unix)]
#[test]
fn kill_9_during_init_leaves_what_init_completes() {
    let start = Instant::now();
    let whole = {
        Project::new();
        start.elapsed()
    };
    for round in 0..10 {
        let project = Project {
            dir: tempfile::tempdir().unwrap(),
        };
        let mut init = project.command("init", &["-q"]).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(spread(round)));
        init.kill().unwrap();
        init.wait().unwrap();
        let again = project.run("init", &["-q"]);
        assert!(
            again.status.success() || text(&again.stderr).contains("already"),
            "{}",
            text(&again.stderr)
        );
        assert_eq!(project.status()["sentences"], 0);
    }
}

#[cfg(unix)]
#[test]
fn where_no_more_can_be_written_it_says_so_and_the_store_is_as_it_was() {
    let project = Project::new();
    project.write("a.jsonl", &many(0, 10));
    project.write("b.jsonl", &many(1, 2000));
    project.ok("import", &["a.jsonl", "-q"]);
    // A limit on the size of files, with its signal ignored, is to a program what a full disk is: writing fails.
    let script = "trap '' XFSZ; ulimit -f 128; exec \"$0\" annotations import project b.jsonl";
    let output = Command::new("sh")
        .current_dir(project.dir.path())
        .args(["-c", script, env!("CARGO_BIN_EXE_bayan")])
        .output()
        .unwrap();
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("nothing of this command was stored"), "{message}");
    assert_eq!(count(&project.database()), 10);
    assert!(
        project
            .ok("import", &["b.jsonl", "-q"])
            .contains("2000 annotations added")
    );
}
