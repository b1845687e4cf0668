//! Reads annotation files.
//!
//! Enters: paths. Leaves: annotations, or every fault of every file at once. Nothing is skipped silently.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Annotation;
use crate::error::{Error, Fault, Place};

/// The `.jsonl` files that the paths name, a directory standing for all that lie in it, ascending by name.
///
/// # Errors
/// If a path cannot be read, or a directory holds no `.jsonl` file.
pub fn find_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        for entry in fs::read_dir(path).map_err(Error::io(path))? {
            let file = entry.map_err(Error::io(path))?.path();
            if file.extension().is_some_and(|e| e == "jsonl") {
                files.push(file);
            }
        }
        if files.len() == before {
            return Err(whole(path, "the directory holds no .jsonl file".into()));
        }
        files[before..].sort();
    }
    Ok(files)
}

/// Reads annotations from JSONL files. `labels` are the names that may occur; `None` allows any.
///
/// # Errors
/// [`Error::Io`] for a file that cannot be read; [`Error::InvalidAnnotations`] with all faults of all files:
/// bytes that are not UTF-8, lines that are not such JSON, empty texts, unknown or doubled labels, ids that occur
/// twice, and texts that occur again (with the same labels or others).
pub fn read_annotations(files: &[PathBuf], labels: Option<&[String]>) -> Result<Vec<Annotation>, Error> {
    let mut reader = Reader {
        labels,
        ids: HashMap::new(),
        texts: HashMap::new(),
        faults: Vec::new(),
    };
    let mut annotations = Vec::new();
    for file in files {
        let bytes = fs::read(file).map_err(Error::io(file))?;
        let name = file.display().to_string();
        match std::str::from_utf8(&bytes) {
            Ok(text) => reader.read_file(&name, text, &mut annotations),
            Err(e) => reader.faults.push(Fault {
                name,
                place: Place::Byte(e.valid_up_to()),
                reason: "not UTF-8".into(),
            }),
        }
    }
    if reader.faults.is_empty() && annotations.is_empty() {
        let name = files
            .first()
            .map_or_else(|| "-".to_owned(), |f| f.display().to_string());
        reader.faults.push(Fault {
            name,
            place: Place::Whole,
            reason: "no annotations".into(),
        });
    }
    if reader.faults.is_empty() {
        return Ok(annotations);
    }
    Err(Error::annotations(reader.faults))
}

fn whole(path: &Path, reason: String) -> Error {
    Error::InvalidInput(Fault {
        name: path.display().to_string(),
        place: Place::Whole,
        reason,
    })
}

struct Reader<'l> {
    labels: Option<&'l [String]>,
    /// Where each id and each text was first seen; of texts also the labels.
    ids: HashMap<String, String>,
    texts: HashMap<String, (String, Vec<String>)>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn read_file(&mut self, name: &str, text: &str, annotations: &mut Vec<Annotation>) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (i, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let place = Place::Line(i + 1);
            match serde_json::from_str::<Annotation>(line) {
                Ok(annotation) => {
                    let here = format!("{name}:{}", i + 1);
                    let reasons = self.check(&annotation, &here);
                    self.faults.extend(reasons.into_iter().map(|reason| Fault {
                        name: name.into(),
                        place,
                        reason,
                    }));
                    annotations.push(annotation);
                }
                Err(e) => self.faults.push(Fault {
                    name: name.into(),
                    place,
                    reason: e.to_string(),
                }),
            }
        }
    }

    fn check(&mut self, annotation: &Annotation, here: &str) -> Vec<String> {
        let mut reasons = Vec::new();
        if annotation.text.trim().is_empty() {
            reasons.push("the text is empty".into());
        }
        for (i, label) in annotation.labels.iter().enumerate() {
            if self.labels.is_some_and(|known| !known.contains(label)) {
                reasons.push(format!("unknown label {label:?}"));
            }
            if annotation.labels[..i].contains(label) {
                reasons.push(format!("label {label:?} is given twice"));
            }
        }
        if let Some(first) = self.ids.insert(annotation.id.clone(), here.into()) {
            reasons.push(format!("id {:?} was used at {first}", annotation.id));
        }
        let mut labels = annotation.labels.clone();
        labels.sort();
        let entry = (here.to_owned(), labels.clone());
        if let Some((first, others)) = self.texts.insert(annotation.text.trim().to_owned(), entry) {
            let how = if others == labels { "the same" } else { "other" };
            reasons.push(format!("the text stands already at {first}, with {how} labels"));
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str, labels: Option<&[String]>) -> Result<Vec<Annotation>, Error> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.jsonl");
        fs::write(&file, lines).unwrap();
        read_annotations(&find_files(&[dir.path().to_path_buf()]).unwrap(), labels)
    }

    #[test]
    fn all_faults_are_reported_together_with_their_lines() {
        let lines = concat!(
            "{\"id\": \"1\", \"text\": \"a\", \"labels\": [\"x\"]}\n",
            "not json\n",
            "{\"id\": \"1\", \"text\": \"b\", \"labels\": []}\n",
            "\n",
            "{\"id\": \"3\", \"text\": \"a\", \"labels\": [\"y\"]}\n",
            "{\"id\": \"4\", \"text\": \" \", \"labels\": []}\n",
            "{\"id\": \"5\", \"labels\": []}\n",
            "{\"id\": \"6\", \"text\": \"c\", \"labels\": [\"x\", \"x\"]}\n",
        );
        let error = read(lines, Some(&["x".to_owned()])).unwrap_err().to_string();
        for expected in [
            "a.jsonl:2: ",
            "a.jsonl:3: id \"1\"",
            "a.jsonl:5: unknown label \"y\"",
            "with other labels",
            "a.jsonl:6: the text is empty",
            "a.jsonl:7: missing field `text`",
            "a.jsonl:8: label \"x\" is given twice",
        ] {
            assert!(error.contains(expected), "{expected} not in {error}");
        }
    }

    #[test]
    fn good_lines_are_read_and_bad_bytes_are_not() {
        let read_good = read(
            "\u{feff}{\"id\": \"1\", \"text\": \"a\", \"labels\": [], \"topic\": \"t\", \"extra\": 1}\r\n",
            None,
        );
        assert_eq!(read_good.unwrap()[0].group(), "t");
        assert!(read("", None).unwrap_err().to_string().contains("no annotations"));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("b.jsonl");
        fs::write(&file, b"ab\xff").unwrap();
        let error = read_annotations(&[file], None).unwrap_err().to_string();
        assert!(error.contains("byte 2: not UTF-8"), "{error}");
    }
}
