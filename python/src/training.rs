//! Training from Python's lists.
//!
//! Enters: texts, their labels, groups, settings. Leaves: a classifier, the same as the command line's from the same
//! annotations and settings. The settings' names, ranges and defaults are those of `bayan train`.

use bayan::classifier::{Stop, thread_count};
use bayan::dataset::{Annotation, LabelledSet};
use bayan::error::{Fault, Place};
use bayan::features::{FeatureParams, NgramRange};
use bayan::linear::ClassWeight;
use bayan::text::Normalization;
use bayan::train::{Progress, Step, TrainParams};
use bayan::{Error, LabelSchema};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde::de::DeserializeOwned;

use crate::border::{detached, guard, to_python};
use crate::classifier::Classifier;
use crate::texts::Texts;
use crate::work::Threads;

/// Trains a classifier; :func:`bayan.train` has the documentation.
#[pyfunction]
pub fn train(
    py: Python<'_>,
    texts: &Bound<'_, PyAny>,
    labels: &Bound<'_, PyAny>,
    groups: Option<&Bound<'_, PyAny>>,
    label_names: Option<Vec<String>>,
    settings: &Bound<'_, PyDict>,
    threads: Threads,
) -> PyResult<Classifier> {
    guard(|| {
        let params = params(settings)?;
        params.check().map_err(to_python)?;
        let annotations = annotations(texts, labels, groups)?;
        let schema = label_names.map(LabelSchema::new).transpose().map_err(to_python)?;
        let trained = detached(py, true, |stop| {
            let set = LabelledSet::new(annotations, schema)?;
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(thread_count(threads.0))
                .build();
            let pool = pool.map_err(|e| Error::InvalidSetting(format!("threads: {e}")))?;
            pool.install(|| bayan::train::train(&set, &params, &Stoppable(stop)))
        })?;
        let warnings = py.import("warnings")?;
        for fit in &trained.unconverged {
            warnings.call_method1(
                "warn",
                (fit.to_string(), py.import("bayan")?.getattr("ConvergenceWarning")?),
            )?;
        }
        Ok(Classifier::new(trained.classifier))
    })
}

/// Tells nobody of progress, but stops when asked to.
struct Stoppable<'s>(&'s Stop);

impl Progress for Stoppable<'_> {
    fn done(&self, _: Step<'_>) {}

    fn stopped(&self) -> bool {
        self.0.is_asked()
    }
}

/// The rows as annotations, checked as those of a file are.
fn annotations(
    texts: &Bound<'_, PyAny>,
    labels: &Bound<'_, PyAny>,
    groups: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<Annotation>> {
    let held = Texts::new(texts, "texts")?;
    let texts = held.all("texts")?;
    let labels = label_lists(labels)?;
    same_length("labels", labels.len(), texts.len())?;
    let groups = groups.map(group_names).transpose()?;
    if let Some(groups) = &groups {
        same_length("groups", groups.len(), texts.len())?;
    }
    let empty = texts.iter().enumerate().filter(|(_, text)| text.trim().is_empty());
    let faults: Vec<Fault> = empty
        .map(|(i, _)| Fault {
            name: format!("texts[{i}]"),
            place: Place::Whole,
            reason: "the text is empty".into(),
        })
        .collect();
    if !faults.is_empty() {
        return Err(to_python(Error::InvalidAnnotations(faults)));
    }
    let rows = texts.into_iter().zip(labels).enumerate();
    Ok(rows
        .map(|(i, (text, labels))| Annotation {
            id: i.to_string(),
            text: text.to_owned(),
            labels,
            // Without groups equal texts are a group, so that none stands on both sides of a fold.
            topic: Some(
                groups
                    .as_ref()
                    .map_or_else(|| text.to_owned(), |groups| groups[i].clone()),
            ),
            source: None,
            annotator: None,
            note: None,
        })
        .collect())
}

fn same_length(name: &str, got: usize, expected: usize) -> PyResult<()> {
    if got != expected {
        return Err(PyValueError::new_err(format!("got {got} {name} for {expected} texts")));
    }
    Ok(())
}

/// For each row the names of its labels.
fn label_lists(labels: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<String>>> {
    let rows = labels.try_iter()?.enumerate().map(|(i, row)| {
        let row = row?;
        let wrong = || {
            PyTypeError::new_err(format!(
                "labels[{i}] is {}; expected a list of label names",
                described(&row)
            ))
        };
        if row.is_instance_of::<PyString>() {
            return Err(wrong());
        }
        let names = row.try_iter().map_err(|_| wrong())?;
        let names = names.map(|name| name?.extract::<String>().map_err(|_| wrong()));
        names.collect()
    });
    rows.collect()
}

fn described(object: &Bound<'_, PyAny>) -> String {
    object.repr().map_or_else(|_| "unknown".into(), |repr| repr.to_string())
}

fn group_names(groups: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    groups
        .try_iter()?
        .map(|group| Ok(group?.str()?.to_cow()?.into_owned()))
        .collect()
}

fn params(settings: &Bound<'_, PyDict>) -> PyResult<TrainParams> {
    let s = Settings(settings);
    let char_ngrams: Option<(usize, usize)> = s.get("char_ngrams")?;
    Ok(TrainParams {
        features: FeatureParams {
            language: s.get::<String>("stemmer")?.parse().map_err(to_python)?,
            normalization: Normalization::default(),
            words: s.get("words")?,
            bigrams: s.get("bigrams")?,
            char_ngrams: char_ngrams.map(|(min, max)| NgramRange { min, max }),
            punctuation: s.get("punctuation")?,
            min_df: s.get("min_df")?,
            idf: s.get("idf")?,
            term_frequency: s.choice("term_frequency")?,
            norm: s.choice("norm")?,
        },
        c_grid: s.get("c_grid")?,
        chosen_c: std::collections::BTreeMap::new(),
        criterion: s.choice("criterion")?,
        class_weight: class_weight(&s)?,
        log_count_ratio: s.get("log_count_ratio")?,
        solver: s.choice("solver")?,
        tolerance: s.get("tolerance")?,
        max_iterations: s.get("max_iterations")?,
        prevalence: s.get::<Option<_>>("prevalence")?.unwrap_or_default(),
        prune: s.get("prune")?,
        folds: s.get("folds")?,
        seed: s.get("seed")?,
    })
}

fn class_weight(settings: &Settings<'_, '_>) -> PyResult<ClassWeight> {
    if settings.get::<Option<f64>>("class_weight").is_err() {
        // No number: then a name.
        return settings.choice("class_weight");
    }
    let weight: Option<f64> = settings.get("class_weight")?;
    Ok(weight.map_or(ClassWeight::None, ClassWeight::Positive))
}

struct Settings<'s, 'py>(&'s Bound<'py, PyDict>);

impl Settings<'_, '_> {
    fn get<T: for<'a, 'py> FromPyObject<'a, 'py, Error: Into<PyErr>>>(&self, name: &str) -> PyResult<T> {
        let py = self.0.py();
        let value = self.0.as_any().get_item(name)?;
        value.extract().map_err(|e| {
            let error: PyErr = Into::into(e);
            PyTypeError::new_err(format!("{name} is {}: {}", described(&value), error.value(py)))
        })
    }

    /// A value of an enumeration, by the name that it has in model files and on the command line.
    fn choice<T: DeserializeOwned>(&self, name: &str) -> PyResult<T> {
        let value: String = self.get(name)?;
        serde_json::from_value(serde_json::Value::String(value))
            .map_err(|e| to_python(Error::InvalidSetting(format!("{name}: {e}"))))
    }
}
