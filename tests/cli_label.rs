//! `bayan label` and `bayan segment` on the real binary.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{bayan, stderr, stdout};
use serde_json::Value;

fn records(output: &Output) -> Vec<Value> {
    stdout(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn article() -> std::path::PathBuf {
    common::root().join("tests/data/article.txt")
}

#[test]
fn the_sample_article() {
    let path = article();
    let text = fs::read_to_string(&path).unwrap();
    let output = bayan(&["label", path.to_str().unwrap()], b"");
    assert!(output.status.success(), "{}", stderr(&output));
    let records = records(&output);
    assert_eq!(records.len(), 13);
    for (i, record) in records.iter().enumerate() {
        assert_eq!(record["sentence"], i);
        assert_eq!(record["document"], path.to_str().unwrap());
        let (start, end) = (
            record["start"].as_u64().unwrap() as usize,
            record["end"].as_u64().unwrap() as usize,
        );
        assert_eq!(&text[start..end], record["text"].as_str().unwrap());
        for label in common::LABELS {
            assert!((0.0..=1.0).contains(&record["probabilities"][label].as_f64().unwrap()));
        }
    }
    let labels = |i: usize| {
        records[i]["labels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(labels(2).contains(&"casualty_report".to_owned()), "{:?}", records[2]);
    assert!(labels(5).contains(&"denial".to_owned()), "{:?}", records[5]);
    assert!(labels(7).contains(&"threat".to_owned()), "{:?}", records[7]);
    assert!(labels(12).is_empty(), "{:?}", records[12]);
}

#[test]
fn the_same_at_any_number_of_threads_and_from_stdin() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(article()).unwrap().repeat(600);
    let path = dir.path().join("big.txt");
    fs::write(&path, &text).unwrap();
    for input in ["text", "lines"] {
        let one = bayan(
            &["label", "--input", input, "--threads", "1", path.to_str().unwrap()],
            b"",
        );
        assert!(one.status.success());
        for threads in ["2", "5"] {
            let many = bayan(
                &["label", "--input", input, "--threads", threads, path.to_str().unwrap()],
                b"",
            );
            assert!(many.stdout == one.stdout, "{input} {threads}");
        }
        let piped = bayan(&["label", "--input", input], text.as_bytes());
        assert_eq!(
            stdout(&piped).replace("\"document\":\"-\"", ""),
            stdout(&one).replace(&format!("\"document\":{:?}", path.to_str().unwrap()), "")
        );
        let numbers: Vec<u64> = records(&one).iter().map(|r| r["sentence"].as_u64().unwrap()).collect();
        assert!(numbers.iter().enumerate().all(|(i, &n)| n == i as u64));
    }
}

#[test]
fn a_closed_output_ends_the_program_though_its_input_stays_open() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(["label", "--input", "lines", "--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // In a thread, for it never ends should the program neither read nor end.
    let writer = thread::spawn(move || {
        let text = fs::read_to_string(article()).unwrap().repeat(600);
        // Fails where the program has ended by then.
        let _ = input.write_all(text.as_bytes());
        input
    });
    let latest = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() && Instant::now() < latest {
        thread::sleep(Duration::from_millis(10));
    }
    let has_ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    drop(writer.join().unwrap());
    assert!(has_ended, "it waits for its input");
}

#[test]
fn every_non_empty_line_gets_exactly_one_record() {
    let lines = "قال إن الأمر انتهى. ثم مضى.\r\n\n😀\n   \nLatin only\n\u{0}\nآخر سطر";
    let output = bayan(&["label", "--input", "lines"], lines.as_bytes());
    assert!(output.status.success());
    let records = records(&output);
    let texts: Vec<&str> = records.iter().map(|r| r["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        [
            "قال إن الأمر انتهى. ثم مضى.",
            "😀",
            "   ",
            "Latin only",
            "\u{0}",
            "آخر سطر"
        ]
    );
    for record in &records {
        let (start, end) = (
            record["start"].as_u64().unwrap() as usize,
            record["end"].as_u64().unwrap() as usize,
        );
        assert_eq!(&lines[start..end], record["text"].as_str().unwrap());
    }
}

#[test]
fn tables_and_fields() {
    let jsonl = "{\"id\": 7, \"body\": \"نفى ذلك. وأكد غيره.\"}\n\n{\"id\": \"b\", \"body\": \"خبر\", \"x\": [1, {\"y\": 2}]}\n";
    let output = bayan(
        &["label", "--input", "jsonl", "--text-field", "body", "--format", "tsv"],
        jsonl.as_bytes(),
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .from_reader(output.stdout.as_slice());
    assert_eq!(
        reader.headers().unwrap().iter().take(6).collect::<Vec<_>>(),
        ["document", "sentence", "start", "end", "text", "labels"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(
        rows.iter().map(|r| (&r[0], &r[1], &r[4])).collect::<Vec<_>>(),
        [("7", "0", "نفى ذلك."), ("7", "1", "وأكد غيره."), ("b", "0", "خبر")]
    );

    let csv_input = "url,text\na,\"سطر أول.\nسطر ثان\"\nb,ثالث\n";
    let output = bayan(
        &["label", "--input", "csv", "--id-field", "url", "--no-segment"],
        csv_input.as_bytes(),
    );
    let records = records(&output);
    assert_eq!(records.len(), 2);
    assert_eq!(
        (
            records[0]["document"].as_str().unwrap(),
            records[0]["text"].as_str().unwrap()
        ),
        ("a", "سطر أول.\nسطر ثان")
    );
}

#[test]
fn thresholds_and_models() {
    let all = bayan(
        &["label", "--threshold", "claim=0", "--threshold", "denial=0"],
        "خبر".as_bytes(),
    );
    assert_eq!(records(&all)[0]["labels"], serde_json::json!(["claim", "denial"]));
    let unknown = bayan(&["label", "--threshold", "rumour=0.5"], "خبر".as_bytes());
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("unknown label \"rumour\""));
    assert_eq!(bayan(&["label", "--threshold", "claim=2"], b"").status.code(), Some(2));
    let missing = bayan(&["label", "--model", "no/such/model"], b"x");
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("no/such/model"));
    let wrong = bayan(&["label", "--model", article().to_str().unwrap()], b"x");
    assert!(stderr(&wrong).contains("not a usable model"));
}

#[test]
fn output_files_are_whole_or_absent() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.jsonl");
    let ok = bayan(
        &["label", article().to_str().unwrap(), "--output", out.to_str().unwrap()],
        b"",
    );
    assert!(ok.status.success() && ok.stdout.is_empty());
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 13);
    let nowhere = bayan(
        &[
            "label",
            article().to_str().unwrap(),
            "--output",
            dir.path().join("no/where").to_str().unwrap(),
        ],
        b"",
    );
    assert_eq!(nowhere.status.code(), Some(2));
    let directory = bayan(
        &[
            "label",
            article().to_str().unwrap(),
            "--output",
            dir.path().to_str().unwrap(),
        ],
        b"",
    );
    assert!(stderr(&directory).contains("is a directory"));
    if Path::new("/dev/full").exists() {
        let full = bayan(&["label", article().to_str().unwrap(), "--output", "/dev/full"], b"");
        assert_eq!(full.status.code(), Some(2));
        assert!(stderr(&full).contains("/dev/full: No space left"), "{}", stderr(&full));
        assert!(fs::metadata("/dev/full").unwrap().len() == 0);
    }
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "nothing half-written is left"
    );
}

#[test]
fn bad_bytes_are_named_and_can_be_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("a.txt"), dir.path().join("b.txt"));
    fs::write(&good, "خبر أول").unwrap();
    fs::write(&bad, b"\xD9\x86\xD9\x81\xD9\x89. \xFFabc").unwrap();
    let output = bayan(&["label", dir.path().to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("b.txt: byte 8: not UTF-8"),
        "{}",
        stderr(&output)
    );
    assert_eq!(records(&output).len(), 1, "the other file is done");
    let lossy = bayan(&["label", "--lossy", bad.to_str().unwrap()], b"");
    assert!(lossy.status.success());
    let records = records(&lossy);
    assert_eq!(records[1]["text"], "\u{FFFD}abc");
    assert_eq!(
        (records[1]["start"].as_u64(), records[1]["end"].as_u64()),
        (Some(8), Some(12))
    );
    let utf16 = bayan(&["label"], b"\xFF\xFE\x46\x06");
    assert!(stderr(&utf16).contains("UTF-16"));
}

#[test]
fn odd_inputs() {
    let empty = bayan(&["label"], b"");
    assert!(empty.status.success() && empty.stdout.is_empty());
    assert!(stderr(&empty).contains("-: empty"), "{}", stderr(&empty));
    let emoji = bayan(&["label"], "😀 🎉\n".as_bytes());
    assert!(emoji.status.success() && stderr(&emoji).contains("no sentence"));
    let nul = bayan(&["label"], "قال\0 نعم.".as_bytes());
    assert_eq!(records(&nul).len(), 1);
    let latin = bayan(&["label"], b"The minister denied it. He left.");
    assert_eq!(records(&latin).len(), 2);
    let dir = tempfile::tempdir().unwrap();
    let none = bayan(&["label", dir.path().to_str().unwrap()], b"");
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("holds no file with text"));
    let missing = bayan(&["label", "missing.txt", article().to_str().unwrap()], b"");
    assert_eq!((missing.status.code(), records(&missing).len()), (Some(2), 13));
    assert!(stderr(&missing).contains("missing.txt"));
    for (kind, input, reason) in [
        (
            "jsonl",
            "{\"id\": 1}\n".to_owned(),
            "-:1: no field \"text\"; there are id",
        ),
        (
            "jsonl",
            "{\"text\": \"a\"}\nnot json\n".to_owned(),
            "-:2: not a JSON object",
        ),
        (
            "jsonl",
            "{\"text\": 5}\n".to_owned(),
            "-:1: field \"text\" is not a string",
        ),
        (
            "jsonl",
            format!("{{\"text\": \"a\", \"deep\": {}}}", "[".repeat(100_000)),
            "recursion limit",
        ),
        (
            "csv",
            "id,body\n1,a\n".to_owned(),
            "no column \"text\"; there are id, body",
        ),
        ("csv", "id,text\n1\n".to_owned(), "-:2: "),
    ] {
        let output = bayan(&["label", "--input", kind], input.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{kind} {reason}");
        assert!(stderr(&output).contains(reason), "{reason} not in {}", stderr(&output));
    }
}

#[test]
fn what_stands_before_a_fault_is_done() {
    let good = |n: usize| {
        (0..n)
            .map(|i| format!("{{\"id\": {i}, \"text\": \"خبر\"}}\n"))
            .collect::<String>()
    };
    let jsonl = format!("{}{{\"text\": null}}\n{}", good(5000), good(10));
    let output = bayan(&["label", "--input", "jsonl"], jsonl.as_bytes());
    assert_eq!((output.status.code(), records(&output).len()), (Some(2), 5000));
    assert!(stderr(&output).contains("-:5001: field \"text\" is not a string"));
    let csv_input = format!("text\n{}\"a\nb\",c\nd\n", "خبر\n".repeat(100));
    let output = bayan(&["label", "--input", "csv"], csv_input.as_bytes());
    assert_eq!((output.status.code(), records(&output).len()), (Some(2), 100));
    let output = bayan(&["label"], b"\xD9\x86\xD9\x81\xD9\x89.\nabc \xFF\n");
    assert_eq!((output.status.code(), records(&output).len()), (Some(2), 1));
    assert!(stderr(&output).contains("byte 12: not UTF-8"), "{}", stderr(&output));
}

#[test]
fn tab_separated_text_is_not_quoted() {
    let table = "id\ttext\n1\t\"بيان\n2\tخبر\n";
    let output = bayan(
        &["label", "--input", "tsv", "--no-segment", "--format", "tsv"],
        table.as_bytes(),
    );
    let rows: Vec<Vec<&str>> = stdout(&output)
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(
        rows.iter().map(|r| (r[0], r[4])).collect::<Vec<_>>(),
        [("1", "\"بيان"), ("2", "خبر")]
    );
    let unclosed = format!("text\n\"{}", "x".repeat(40_000_000));
    let output = bayan(&["label", "--input", "csv"], unclosed.as_bytes());
    assert!(
        stderr(&output).contains("a record longer than 16 MiB"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_line_of_100_mb_is_refused_with_its_place() {
    let mut text = "سطر\n".as_bytes().to_vec();
    text.extend(std::iter::repeat_n(b'x', 100_000_000));
    let output = bayan(&["label"], &text);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("-: byte 7: a line longer than 16 MiB"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("big.txt");
    fs::write(&path, fs::read_to_string(article()).unwrap().repeat(2000)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(["label", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert_eq!(stderr(&output), "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_at_once_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.jsonl");
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(["label", "--input", "lines", "--output", out.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all("قال المتحدث إن الأمر كذلك.\n".repeat(50_000).as_bytes())
        .unwrap();
    // The input stays open: the program waits for more of it.
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    drop(input);
}

#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.jsonl");
    fs::write(&out, "old").unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
    for _ in 0..2 {
        // The second time it lies among the inputs, and is not read.
        fs::write(dir.path().join("a.txt"), "خبر").unwrap();
        let output = bayan(
            &["label", dir.path().to_str().unwrap(), "--output", out.to_str().unwrap()],
            b"",
        );
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 1);
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let dash = bayan(&["label", "--output", "-"], "خبر".as_bytes());
    assert_eq!(records(&dash).len(), 1);
}

#[test]
fn segment_gives_sentences_only() {
    let output = bayan(&["segment", article().to_str().unwrap()], b"");
    let records = records(&output);
    assert_eq!(records.len(), 13);
    assert!(records[0].get("labels").is_none());
    let table = bayan(&["segment", "--format", "csv"], "أول. ثان.".as_bytes());
    assert_eq!(
        stdout(&table),
        "document,sentence,start,end,text\n-,0,0,7,أول.\n-,1,8,15,ثان.\n"
    );
}

#[test]
fn help_version_and_completions() {
    for verb in ["label", "segment", "train", "evaluate", "explain"] {
        let help = bayan(&[verb, "--help"], b"");
        assert!(help.status.success() && stdout(&help).contains("Examples:"), "{verb}");
    }
    assert!(stdout(&bayan(&["--version"], b"")).contains(env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&bayan(&["completions", shell], b"")).contains("bayan"));
    }
    assert_eq!(bayan(&["frobnicate"], b"").status.code(), Some(2));
    let mistyped = bayan(&["explain", "artcle.txt"], b"");
    assert!(
        stderr(&mistyped).contains("artcle.txt: entity not found"),
        "{}",
        stderr(&mistyped)
    );
}
