//! A directory in, a directory out: complete outputs only, and runs that were killed go on with the same result.
#![cfg(all(feature = "cli", unix))]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use common::{bayan, stderr};

/// Inputs of several kinds, in a directory with directories; `lines` lines each.
fn inputs(root: &Path, count: usize, lines: usize) {
    for i in 0..count {
        let directory = root.join(format!("{}", i % 3));
        fs::create_dir_all(&directory).unwrap();
        let sentences: Vec<String> = (0..lines).map(|n| format!("نفى المتحدث {i} الخبر رقم {n}.")).collect();
        match i % 4 {
            0 => fs::write(directory.join(format!("{i}.txt")), sentences.join("\n")).unwrap(),
            1 => {
                let lines = sentences
                    .iter()
                    .map(|s| format!("{}\n", serde_json::json!({"text": s})));
                fs::write(directory.join(format!("{i}.jsonl")), lines.collect::<String>()).unwrap();
            }
            2 => {
                let file = File::create(directory.join(format!("{i}.txt.gz"))).unwrap();
                let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
                encoder.write_all(sentences.join("\n").as_bytes()).unwrap();
                encoder.finish().unwrap();
            }
            _ => {
                let texts: ArrayRef = Arc::new(StringArray::from_iter_values(&sentences));
                let batch = RecordBatch::try_from_iter([("text", texts)]).unwrap();
                let file = File::create(directory.join(format!("{i}.parquet"))).unwrap();
                let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
                writer.write(&batch).unwrap();
                writer.close().unwrap();
            }
        }
    }
}

/// All files below a directory.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    if !root.exists() {
        return BTreeMap::new();
    }
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file())
        .map(|e| {
            let bytes = fs::read(e.path()).unwrap();
            (e.path().strip_prefix(root).unwrap().to_path_buf(), bytes)
        })
        .collect()
}

fn label<'a>(input: &'a Path, output: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let paths = [
        "label",
        input.to_str().unwrap(),
        "--output-dir",
        output.to_str().unwrap(),
    ];
    [&paths, more].concat()
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_result() {
    let dir = tempfile::tempdir().unwrap();
    let (input, whole) = (dir.path().join("in"), dir.path().join("whole"));
    inputs(&input, 12, 150);
    let mut interrupted = 0;
    for format in ["parquet", "jsonl"] {
        let whole = whole.with_extension(format);
        let more = ["--format", format, "--quiet", "--threads", "2"];
        let begun = std::time::Instant::now();
        let done = bayan(&label(&input, &whole, &more), b"");
        let full = begun.elapsed();
        assert!(done.status.success(), "{}", stderr(&done));
        let expected = files(&whole);
        assert_eq!(expected.len(), 12 + 2, "outputs, manifest and lock");
        for round in 0..16u32 {
            let output = dir.path().join(format!("{format}-{round}"));
            // Killed up to three times, each time a little later, then left alone.
            for kill in 0..3 {
                let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
                    .args(label(&input, &output, &more))
                    .arg("--resume")
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap();
                std::thread::sleep(full * (round * 3 + kill + 1) / 40);
                child.kill().unwrap();
                interrupted += u32::from(!child.wait().unwrap().success());
                // Whatever has appeared so far is complete.
                for (name, bytes) in files(&output) {
                    let hidden = name
                        .components()
                        .any(|c| c.as_os_str().to_string_lossy().starts_with('.'));
                    assert!(
                        hidden || bytes == expected[&name],
                        "{} in round {round}",
                        name.display()
                    );
                }
            }
            let done = bayan(&[label(&input, &output, &more), vec!["--resume"]].concat(), b"");
            assert!(done.status.success(), "{}", stderr(&done));
            assert!(files(&output) == expected, "round {round}");
            assert!(!output.join(".bayan-partial").exists());
        }
    }
    // Most of 96, unless the machine was much slower when it took the time of a whole run.
    assert!(interrupted >= 10, "only {interrupted} runs were killed");
}

#[test]
fn what_is_there_is_kept_and_what_has_changed_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    inputs(&input, 8, 3);
    let run = |more: &[&str]| bayan(&label(&input, &output, more), b"");
    assert!(run(&[]).status.success());
    let first = files(&output);
    assert!(first.contains_key(Path::new("0/0.jsonl")) && first.contains_key(Path::new("2/2.jsonl")));

    let again = run(&[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        stderr(&again).contains("--resume goes on with it"),
        "{}",
        stderr(&again)
    );
    for (more, reason) in [
        (vec!["--threshold", "threat=0.2"], "another thresholds"),
        (vec!["--format", "csv"], "another format or compression"),
        (
            vec!["--text-field", "body", "--no-segment"],
            "another --text-field, --no-segment",
        ),
    ] {
        let other = run(&[more, vec!["--resume"]].concat());
        assert_eq!(other.status.code(), Some(2));
        assert!(stderr(&other).contains(reason), "{reason}: {}", stderr(&other));
    }
    assert!(files(&output) == first, "a refused run changes nothing");

    let nothing = run(&["--resume"]);
    assert!(nothing.status.success() && stderr(&nothing).contains("8 outputs are complete already, 0 are"));
    assert!(files(&output) == first);

    // A changed input is done again, a lost output is made again, a new input is added.
    fs::write(input.join("0/0.txt"), "خبر آخر.").unwrap();
    fs::write(input.join("0/new.txt"), "خبر جديد.").unwrap();
    fs::remove_file(output.join("1/1.jsonl")).unwrap();
    let changed = run(&["--resume"]);
    assert!(changed.status.success());
    assert!(
        stderr(&changed).contains("6 outputs are complete already, 3 are"),
        "{}",
        stderr(&changed)
    );
    let second = files(&output);
    assert!(String::from_utf8_lossy(&second[Path::new("0/0.jsonl")]).contains("خبر آخر."));
    assert_eq!(second[Path::new("1/1.jsonl")], first[Path::new("1/1.jsonl")]);
    assert!(second.contains_key(Path::new("0/new.jsonl")));

    // An output that a user has changed, and a file that is not ours, stay as they are.
    fs::write(output.join("0/0.jsonl"), "mine").unwrap();
    fs::write(input.join("0/b.txt"), "خبر.").unwrap();
    fs::write(output.join("0/b.jsonl"), "mine").unwrap();
    let kept = run(&["--resume"]);
    assert_eq!(kept.status.code(), Some(2));
    assert!(stderr(&kept).contains("0/0.jsonl: was changed after it was written"));
    assert!(stderr(&kept).contains("0/b.jsonl: exists already"));
    for name in ["0/0.jsonl", "0/b.jsonl"] {
        assert_eq!(fs::read_to_string(output.join(name)).unwrap(), "mine");
    }
}

#[test]
fn an_input_with_a_fault_has_no_output_until_it_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    inputs(&input, 4, 3);
    let bad = input.join("0/bad.jsonl");
    fs::write(&bad, "{\"text\": \"خبر\"}\nnot json\n").unwrap();
    fs::write(input.join("0/empty.txt"), "").unwrap();
    let done = bayan(&label(&input, &output, &["--format", "parquet"]), b"");
    assert_eq!(done.status.code(), Some(2));
    assert!(
        stderr(&done).contains("bad.jsonl:2: not a JSON object"),
        "{}",
        stderr(&done)
    );
    assert!(!output.join("0/bad.parquet").exists());
    assert!(
        output.join("0/empty.parquet").exists(),
        "an empty input has an empty output"
    );
    assert_eq!(files(&output).len(), 5 + 2);
    fs::write(&bad, "{\"text\": \"خبر\"}\n").unwrap();
    let mended = bayan(&label(&input, &output, &["--format", "parquet", "--resume"]), b"");
    assert!(mended.status.success(), "{}", stderr(&mended));
    assert!(output.join("0/bad.parquet").exists());
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    inputs(&input, 2, 2);
    fs::write(input.join("0/0.csv"), "text\nخبر\n").unwrap();
    let same = bayan(&label(&input, &output, &[]), b"");
    assert_eq!(same.status.code(), Some(2));
    assert!(
        stderr(&same).contains("would be the output of both"),
        "{}",
        stderr(&same)
    );
    let stdin = bayan(&["label", "--output-dir", output.to_str().unwrap()], "خبر".as_bytes());
    assert!(
        stderr(&stdin).contains("standard input has no name"),
        "{}",
        stderr(&stdin)
    );
    assert!(!output.exists());
    fs::remove_file(input.join("0/0.csv")).unwrap();
    let itself = bayan(&label(&input, &input, &[]), b"");
    assert_eq!(itself.status.code(), Some(2));
    assert!(stderr(&itself).contains("is an input directory"), "{}", stderr(&itself));
    // A file that is there is left alone, without --resume and with it.
    fs::create_dir_all(output.join("0")).unwrap();
    fs::write(output.join("0/0.jsonl"), "mine").unwrap();
    for more in [&[][..], &["--resume"]] {
        let there = bayan(&label(&input, &output, more), b"");
        assert_eq!(there.status.code(), Some(2));
        assert!(
            stderr(&there).contains("0/0.jsonl: exists already"),
            "{}",
            stderr(&there)
        );
        assert_eq!(fs::read_to_string(output.join("0/0.jsonl")).unwrap(), "mine");
    }
    // Outputs inside of the inputs are not read.
    let inside = input.join("labelled");
    for more in [&[][..], &["--resume"]] {
        assert!(bayan(&label(&input, &inside, more), b"").status.success());
        assert_eq!(files(&inside).len(), 2 + 2);
    }
}

#[test]
fn an_interrupt_and_a_second_run_at_the_same_time() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in"), dir.path().join("out"));
    fs::create_dir(&input).unwrap();
    // A pipe that nobody writes to: the run waits.
    let pipe = input.join("pipe.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args([
            "label",
            pipe.to_str().unwrap(),
            "--output-dir",
            output.to_str().unwrap(),
        ])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut writer = File::options().write(true).open(&pipe).unwrap();
    writer.write_all("خبر.\n".as_bytes()).unwrap();
    while fs::read_dir(output.join(".bayan-partial")).map_or(0, Iterator::count) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = bayan(
        &[
            "label",
            "--resume",
            pipe.to_str().unwrap(),
            "--output-dir",
            output.to_str().unwrap(),
        ],
        b"",
    );
    assert!(stderr(&second).contains("another run writes"), "{}", stderr(&second));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        files(&output)
            .keys()
            .all(|name| name.to_string_lossy().starts_with(".bayan-"))
    );
    assert_eq!(
        fs::read_dir(output.join(".bayan-partial")).map_or(0, Iterator::count),
        0
    );
}
