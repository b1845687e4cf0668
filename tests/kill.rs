//! Processes that are killed at random points of `train` and `models` lose nothing and break nothing.

#![cfg(unix)]

mod synthetic;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bayan::registry::Registry;
use synthetic::{annotations, done, train, write};

/// Runs the program and kills it (SIGKILL) after `part` of `whole`; whether it was still running.
fn killed(args: &[&str], whole: Duration, part: f64) -> bool {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(whole.mul_f64(part));
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

fn timed(args: &[&str]) -> Duration {
    let start = Instant::now();
    done(args);
    start.elapsed()
}

/// Points that spread over (0, 1.1) without a pattern: multiples of the golden ratio, so that every part is reached.
fn points(count: usize) -> impl Iterator<Item = f64> {
    (1..=count).map(|i| 1.1 * (i as f64 * 0.618_033_988_75).fract())
}

#[test]
fn a_killed_training_leaves_the_old_model_or_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (old, new) = (path("old.jsonl"), path("new.jsonl"));
    write(Path::new(&old), &annotations(0..120));
    write(Path::new(&new), &annotations(200..224));
    train(Path::new(&old), Path::new(&path("from.model")));
    let before = fs::read(path("from.model")).unwrap();
    let (from, target) = (path("from.model"), path("target.model"));
    let args = ["train", &old, "--from", &from, "--add", &new, "--output", &target];
    let whole = timed(&args);
    let after = fs::read(&target).unwrap();
    assert!(before != after);
    let mut running = 0;
    for part in points(40) {
        fs::write(&target, &before).unwrap();
        running += usize::from(killed(&args, whole, part));
        let now = fs::read(&target).unwrap();
        assert!(now == before || now == after, "killed at {part}");
        assert!(fs::read(&from).unwrap() == before);
    }
    assert!(running > 0, "none was killed while it ran");
    // What killed processes leave behind is not taken for annotations or models, and does not stop the next run.
    done(&args);
    assert!(fs::read(&target).unwrap() == after);
}

#[test]
fn killed_additions_and_promotions_leave_a_sound_folder() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (test, versions) = (path("test.jsonl"), path("versions"));
    write(Path::new(&test), &annotations(400..480));
    let models: Vec<String> = (0..4)
        .map(|i| {
            let (data, model) = (path(&format!("{i}.jsonl")), path(&format!("{i}.model")));
            write(Path::new(&data), &annotations(0..120 + 12 * i));
            train(Path::new(&data), Path::new(&model));
            model
        })
        .collect();
    let first = done(&["models", "add", &versions, &models[0]]).trim().to_owned();
    let second = done(&["models", "add", &versions, &models[1]]).trim().to_owned();
    done(&["models", "promote", &versions, &first]);
    let mut added = BTreeSet::from([first.clone(), second.clone()]);
    let promote =
        |version: &str| ["models", "promote", &versions, version, "--test", &test, "--force"].map(str::to_owned);
    let whole = timed(&promote(&second).each_ref().map(String::as_str));
    let (mut current, mut log, mut running) = (second.clone(), 2, 0);
    for (round, part) in points(60).enumerate() {
        let other = if current == first { &second } else { &first };
        // Two in three rounds promote, one adds a version that was perhaps added before.
        let add = ["models", "add", &versions, &models[2 + round % 2]]
            .map(str::to_owned)
            .to_vec();
        let args = if round % 3 == 2 { add } else { promote(other).to_vec() };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        running += usize::from(killed(&args, whole, part));
        let registry = Registry::open(Path::new(&versions)).unwrap();
        let now = registry.current().unwrap().manifest.version;
        assert!(now == current || (now == *other && round % 3 != 2), "round {round}");
        assert!(
            registry.log().len() - log == usize::from(now != current),
            "round {round}"
        );
        (current, log) = (now, registry.log().len());
        let all = registry.versions().unwrap();
        for version in &all {
            registry.load(version).unwrap();
        }
        let names: BTreeSet<String> = all.into_iter().map(|v| v.manifest.version).collect();
        assert!(added.is_subset(&names), "round {round}: a version was lost");
        added = names;
    }
    assert!(running > 0, "none was killed while it ran");
    // The lock went with its holder, and the next one clears away what the dead left.
    let other = if current == first { &second } else { &first };
    done(&promote(other));
    done(&["models", "check", &versions]);
    let litter = fs::read_dir(&versions)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(litter.count(), 0);
}
