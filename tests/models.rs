//! `bayan models`: versions are kept, checked, put into use and taken back.

mod synthetic;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use bayan::registry::Registry;
use proptest::prelude::*;
use synthetic::{annotations, done, refused, text, train, write};

/// A directory with a good model, another good one, and one that was trained on wrong labels.
fn folder() -> (tempfile::TempDir, impl Fn(&str) -> String) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_path_buf();
    let path = move |name: &str| root.join(name).to_str().unwrap().to_owned();
    write(Path::new(&path("test.jsonl")), &annotations(400..640));
    let mut wrong = annotations(0..240);
    for (i, annotation) in wrong.iter_mut().enumerate().filter(|(i, _)| i % 3 > 0) {
        annotation.labels = vec![["claim", "denial", "threat"][i % 3].into()];
    }
    for (name, data) in [
        ("first", annotations(0..240)),
        ("second", annotations(0..300)),
        ("worse", wrong),
    ] {
        let data = write(Path::new(&path(&format!("{name}.jsonl"))), &data);
        train(&data, Path::new(&path(&format!("{name}.model"))));
    }
    (dir, path)
}

fn add(path: &impl Fn(&str) -> String, name: &str) -> String {
    done(&[
        "models",
        "add",
        &path("versions"),
        &path(&format!("{name}.model")),
        "--note",
        name,
    ])
    .trim()
    .to_owned()
}

fn current(path: &impl Fn(&str) -> String) -> Option<String> {
    let registry = Registry::open(Path::new(&path("versions"))).unwrap();
    registry
        .has_current()
        .then(|| registry.current().unwrap().manifest.version)
}

#[test]
fn a_version_is_promoted_if_it_is_not_worse_and_can_be_taken_back() {
    let (_dir, path) = folder();
    let (versions, test) = (path("versions"), path("test.jsonl"));
    assert!(refused(&["models", "list", &versions]).contains("versions: "));
    let [first, second, worse] = ["first", "second", "worse"].map(|name| add(&path, name));
    assert!(refused(&["label", "--model", &versions, &test]).contains("no version is in use"));
    assert_eq!(
        fs::read(path("first.model")).unwrap(),
        fs::read(format!("{versions}/{first}.safetensors")).unwrap()
    );

    done(&["models", "promote", &versions, &first[..6]]);
    assert_eq!(current(&path), Some(first.clone()));
    assert!(refused(&["models", "promote", &versions, &first[..6]]).contains("in use already"));
    assert!(refused(&["models", "promote", &versions, &second]).contains("--test"));
    let error = refused(&["models", "promote", &versions, &worse, "--test", &test]);
    assert!(
        error.contains("is worse than the one in use, or may be; nothing was changed")
            && error.contains("macro-F1 differs by -"),
        "{error}"
    );
    assert_eq!(current(&path), Some(first.clone()));
    assert!(
        refused(&[
            "models", "promote", &versions, &second, "--test", &test, "--margin", "2"
        ])
        .contains("margin is 2")
    );
    let table = done(&[
        "models", "promote", &versions, &second, "--test", &test, "--margin", "0.1",
    ]);
    assert!(table.contains("macro avg") && current(&path) == Some(second.clone()));
    done(&["models", "promote", &versions, &worse[..8], "--force"]);
    assert_eq!(current(&path), Some(worse.clone()));

    // Every verb takes the version in use.
    let line = done(&["evaluate", &test, "--model", &versions]);
    assert_eq!(line, done(&["evaluate", &test, "--model", &path("worse.model")]));
    for expected in [&second, &first] {
        assert_eq!(done(&["models", "rollback", &versions]).trim(), expected);
        assert_eq!(current(&path).as_ref(), Some(expected));
    }
    assert!(refused(&["models", "rollback", &versions]).contains("no version to go back to"));
    let log: serde_json::Value = serde_json::from_str(&done(&["models", "log", &versions, "--json"])).unwrap();
    assert_eq!(log["log"].as_array().unwrap().len(), 5);
    assert_eq!(log["log"][3]["undone"]["forced"], true);
    assert!(
        log["log"][4]["undone"]["test"]["comparison"]["macro_average"]["f1"]["low"].is_number(),
        "a rollback forgets no measurement"
    );
    assert_eq!(done(&["models", "log", &versions]).lines().count(), 5);

    let list = done(&["models", "list", &versions]);
    assert!(
        list.lines()
            .any(|l| l.starts_with("*") && l.contains(&first[..12]) && l.contains("first")),
        "{list}"
    );
    let all: serde_json::Value = serde_json::from_str(&done(&["models", "list", &versions, "--json"])).unwrap();
    let manifest = &all[1]["manifest"];
    assert_eq!(
        (manifest["version"].as_str(), manifest["note"].as_str()),
        (Some(second.as_str()), Some("second"))
    );
    assert_eq!(manifest["info"]["sentences"], 300);
    assert!(
        manifest["info"]["data_digest"].is_string()
            && manifest["info"]["cross_validation"]["macro_average"]["f1"].is_number()
    );
    let shown = done(&["models", "show", &versions, &second[..5]]);
    assert!(
        shown.contains("note         second") && shown.contains("3-fold cross-validation"),
        "{shown}"
    );
    assert!(done(&["models", "show", &versions]).contains(", in use"));
}

#[test]
fn nothing_is_overwritten_and_damage_is_found() {
    let (_dir, path) = folder();
    let versions = path("versions");
    let first = add(&path, "first");
    let manifest = fs::read(format!("{versions}/{first}.json")).unwrap();
    let again = synthetic::bayan(&[
        "models",
        "add",
        &versions,
        &path("first.model"),
        "--note",
        "another note",
    ]);
    assert!(again.status.success() && text(&again.stderr).contains("there already"));
    assert_eq!(fs::read(format!("{versions}/{first}.json")).unwrap(), manifest);
    assert!(refused(&["models", "add", &versions, &path("test.jsonl")]).contains("not a usable model"));
    assert!(refused(&["models", "promote", &versions, "abcdef0"]).contains("no version \"abcdef0\""));
    assert!(refused(&["models", "promote", &versions, &first[..3]]).contains("at least 4 characters"));
    done(&["models", "check", &versions]);

    // Another sound model under this name, then a damaged file.
    let file = format!("{versions}/{first}.safetensors");
    fs::copy(path("second.model"), &file).unwrap();
    assert!(refused(&["models", "check", &versions]).contains("the file was changed"));
    assert!(refused(&["models", "promote", &versions, &first]).contains("the file was changed"));
    fs::write(&file, b"junk").unwrap();
    assert!(refused(&["models", "check", &versions]).contains("not a usable model"));
    // Adding the same model again mends it.
    add(&path, "first");
    done(&["models", "check", &versions]);
    fs::write(format!("{versions}/registry.json"), "{}").unwrap();
    assert!(refused(&["models", "list", &versions]).contains("registry.json: unreadable"));
}

#[test]
fn a_second_process_waits_and_says_so() {
    let (_dir, path) = folder();
    let versions = path("versions");
    let first = add(&path, "first");
    let lock = fs::File::options()
        .write(true)
        .open(format!("{versions}/.lock"))
        .unwrap();
    lock.lock().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_bayan"))
        .args(["models", "promote", &versions, &first])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = [0u8; 64];
    let n = stderr.read(&mut said).unwrap();
    assert!(n > 0 && child.try_wait().unwrap().is_none(), "it waits");
    assert_eq!(current(&path), None, "reading needs no lock");
    lock.unlock().unwrap();
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    let all = String::from_utf8_lossy(&said[..n]).into_owned() + &rest;
    assert!(all.contains("waiting for it") && current(&path) == Some(first), "{all}");
}

#[test]
fn many_processes_at_once_lose_nothing() {
    let (_dir, path) = folder();
    let versions = path("versions");
    let names = ["first", "second", "worse"];
    let added: Vec<_> = names
        .iter()
        .map(|name| {
            let args = [
                "models".to_owned(),
                "add".into(),
                versions.clone(),
                path(&format!("{name}.model")),
            ];
            std::thread::spawn(move || done(&args).trim().to_owned())
        })
        .collect();
    let added: Vec<String> = added.into_iter().map(|thread| thread.join().unwrap()).collect();
    let promoted: Vec<_> = added
        .iter()
        .map(|version| {
            let args = [
                "models".to_owned(),
                "promote".into(),
                versions.clone(),
                version.clone(),
                "--force".into(),
            ];
            std::thread::spawn(move || done(&args))
        })
        .collect();
    promoted.into_iter().for_each(|thread| drop(thread.join().unwrap()));
    let registry = Registry::open(Path::new(&versions)).unwrap();
    assert_eq!((registry.versions().unwrap().len(), registry.log().len()), (3, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is done, in whatever order, the folder says what a simple list says.
    #[test]
    fn the_folder_behaves_as_a_stack(steps in prop::collection::vec(0usize..5, 1..20)) {
        let dir = tempfile::tempdir().unwrap();
        let models = models();
        let (mut stack, mut added): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        let mut log = 0;
        for step in steps {
            if step < 3 {
                let (version, new) = Registry::add(dir.path(), &models[step], "m", None, || ()).unwrap();
                prop_assert_eq!(new, !added.contains(&version.manifest.version));
                if new {
                    added.push(version.manifest.version);
                }
            } else if added.is_empty() {
                prop_assert!(Registry::open(dir.path()).is_err());
            } else if step == 3 {
                let name = &added[log % added.len()];
                let version = Registry::open(dir.path()).unwrap().find(name).unwrap();
                let result = Registry::promote(dir.path(), &version, false, || (), |_| Ok(None));
                prop_assert_eq!(result.is_ok(), stack.last() != Some(name));
                if result.is_ok() {
                    stack.push(name.clone());
                    log += 1;
                }
            } else {
                let result = Registry::roll_back(dir.path(), || ());
                prop_assert_eq!(result.is_ok(), stack.len() > 1);
                if result.is_ok() {
                    stack.pop();
                    log += 1;
                }
            }
            if !added.is_empty() {
                let registry = Registry::open(dir.path()).unwrap();
                prop_assert_eq!(registry.current().ok().map(|v| v.manifest.version), stack.last().cloned());
                prop_assert_eq!(registry.log().len(), log);
                let versions: Vec<String> = registry.versions().unwrap().into_iter().map(|v| v.manifest.version).collect();
                prop_assert_eq!(versions, added.clone());
            }
        }
    }
}

/// The bytes of three small models.
fn models() -> &'static [Vec<u8>] {
    static MODELS: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    MODELS.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let model = |i: usize| {
            let data = write(&dir.path().join("data.jsonl"), &annotations(0..120 + 12 * i));
            train(&data, &dir.path().join("model"));
            fs::read(dir.path().join("model")).unwrap()
        };
        (0..3).map(model).collect()
    })
}
