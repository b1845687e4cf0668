//! Reads annotation files.
//!
//! Enters: paths. Leaves: annotations, or every fault of every file at once. Nothing is skipped silently.

use std::collections::{HashMap, HashSet};
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
    let mut reader = Reader::new(labels);
    let annotations = reader.read_files(files)?;
    reader.finish()?;
    Ok(annotations)
}

/// Annotations and later ones, which may correct them.
#[derive(Debug, Clone)]
pub struct Additions {
    /// The earlier ones.
    pub old: Vec<Annotation>,
    /// The later ones.
    pub added: Vec<Annotation>,
    /// Positions in `old` of the sentences that stand in `added` too, and whether their labels differ there.
    pub repeated: Vec<(usize, bool)>,
}

impl Additions {
    /// All annotations; of a sentence that stands in both the later one.
    pub fn together(self) -> Vec<Annotation> {
        let replaced: HashSet<usize> = self.repeated.iter().map(|&(position, _)| position).collect();
        let old = self.old.into_iter().enumerate();
        let kept = old.filter_map(|(position, annotation)| (!replaced.contains(&position)).then_some(annotation));
        kept.chain(self.added).collect()
    }
}

/// Reads annotations and later ones. A sentence of the later files may stand in the earlier ones, with the same labels or others.
///
/// # Errors
/// As [`read_annotations`], and for an id of the later files that the earlier ones use for another sentence.
pub fn read_additions(old: &[PathBuf], added: &[PathBuf], labels: Option<&[String]>) -> Result<Additions, Error> {
    let mut reader = Reader::new(labels);
    let old = reader.read_files(old)?;
    reader.earlier = Some((std::mem::take(&mut reader.ids), std::mem::take(&mut reader.texts)));
    let added = reader.read_files(added)?;
    let repeated = std::mem::take(&mut reader.repeated);
    reader.finish()?;
    let positions: HashMap<&str, usize> = old.iter().zip(0..).map(|(a, i)| (a.text.trim(), i)).collect();
    let repeated = repeated
        .iter()
        .map(|(text, other)| (positions[text.as_str()], *other))
        .collect();
    Ok(Additions { old, added, repeated })
}

fn whole(path: &Path, reason: String) -> Error {
    Error::InvalidInput(Fault {
        name: path.display().to_string(),
        place: Place::Whole,
        reason,
    })
}

/// Where each id was first seen.
type Ids = HashMap<String, String>;
/// Where each text was first seen, and its labels.
type Texts = HashMap<String, (String, Vec<String>)>;

struct Reader<'l> {
    labels: Option<&'l [String]>,
    ids: Ids,
    texts: Texts,
    /// What was read before the additions.
    earlier: Option<(Ids, Texts)>,
    /// Texts that stand in earlier files too, and whether with other labels.
    repeated: Vec<(String, bool)>,
    faults: Vec<Fault>,
}

impl<'l> Reader<'l> {
    fn new(labels: Option<&'l [String]>) -> Self {
        Self {
            labels,
            ids: HashMap::new(),
            texts: HashMap::new(),
            earlier: None,
            repeated: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Reads all of `files`; faults are kept.
    fn read_files(&mut self, files: &[PathBuf]) -> Result<Vec<Annotation>, Error> {
        let mut annotations = Vec::new();
        for file in files {
            let bytes = fs::read(file).map_err(Error::io(file))?;
            let name = file.display().to_string();
            match std::str::from_utf8(&bytes) {
                Ok(text) => self.read_file(&name, text, &mut annotations),
                Err(e) => self.faults.push(Fault {
                    name,
                    place: Place::Byte(e.valid_up_to()),
                    reason: "not UTF-8".into(),
                }),
            }
        }
        if self.faults.is_empty() && annotations.is_empty() {
            let first = files.first();
            self.faults.push(Fault {
                name: first.map_or_else(|| "-".to_owned(), |f| f.display().to_string()),
                place: Place::Whole,
                reason: "no annotations".into(),
            });
        }
        Ok(annotations)
    }

    /// All faults as an error, if there is any.
    fn finish(self) -> Result<(), Error> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Error::annotations(self.faults))
    }

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
        let text = annotation.text.trim();
        let mut labels = annotation.labels.clone();
        labels.sort();
        if let Some((ids, texts)) = &self.earlier {
            let same = texts.get(text);
            if let Some((_, others)) = same {
                self.repeated.push((text.to_owned(), *others != labels));
            }
            if let Some(first) = ids
                .get(&annotation.id)
                .filter(|first| same.is_none_or(|(at, _)| at != *first))
            {
                reasons.push(format!(
                    "id {:?} was used for another sentence at {first}",
                    annotation.id
                ));
            }
        }
        if let Some(first) = self.ids.insert(annotation.id.clone(), here.into()) {
            reasons.push(format!("id {:?} was used at {first}", annotation.id));
        }
        let entry = (here.to_owned(), labels.clone());
        if let Some((first, others)) = self.texts.insert(text.to_owned(), entry) {
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
    fn additions_correct_what_stands_before_them() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, lines: &str| {
            let file = dir.path().join(name);
            fs::write(&file, lines).unwrap();
            vec![file]
        };
        let old = write(
            "old.jsonl",
            concat!(
                "{\"id\": \"1\", \"text\": \"a\", \"labels\": [\"x\"]}\n",
                "{\"id\": \"2\", \"text\": \"b\", \"labels\": []}\n",
                "{\"id\": \"3\", \"text\": \"c\", \"labels\": [\"x\", \"y\"]}\n",
            ),
        );
        let added = write(
            "new.jsonl",
            concat!(
                "{\"id\": \"1\", \"text\": \"a \", \"labels\": [\"y\"]}\n",
                "{\"id\": \"9\", \"text\": \"c\", \"labels\": [\"y\", \"x\"]}\n",
                "{\"id\": \"10\", \"text\": \"d\", \"labels\": []}\n",
            ),
        );
        let additions = read_additions(&old, &added, None).unwrap();
        assert_eq!(additions.repeated, [(0, true), (2, false)]);
        let ids: Vec<String> = additions.together().into_iter().map(|a| a.id).collect();
        assert_eq!(ids, ["2", "1", "9", "10"]);
        let clash = write("clash.jsonl", "{\"id\": \"2\", \"text\": \"e\", \"labels\": [\"z\"]}\n");
        let error = read_additions(&old, &clash, Some(&["x".into(), "y".into()]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("clash.jsonl:1: id \"2\" was used for another sentence at "),
            "{error}"
        );
        assert!(error.contains("clash.jsonl:1: unknown label \"z\""), "{error}");
        assert!(
            read_additions(&old, &[], None)
                .unwrap_err()
                .to_string()
                .contains("no annotations")
        );
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
