//! `bayan models show`: what a model tells of itself.

use std::path::Path;

use super::models::json;
use super::output::print;
use super::{Outcome, open_model};
use crate::classifier::{Classifier, ModelInfo};
use crate::error::Error;
use crate::registry::{Registry, Version};

/// Shows a model file, or a version in a folder.
pub fn show(model: &Path, version: Option<&str>, as_json: bool) -> Result<Outcome, Error> {
    let (classifier, digest, version) = if version.is_none() && !model.is_dir() {
        let (classifier, digest) = open_model(model)?;
        (classifier, digest, None)
    } else {
        let registry = Registry::open(model)?;
        let version = version.map_or_else(|| registry.current(), |name| registry.find(name))?;
        (
            registry.load(&version)?,
            version.manifest.version.clone(),
            Some(version),
        )
    };
    if as_json {
        let parts = classifier.parts();
        return json(&serde_json::json!({
            "version": digest,
            "manifest": version.map(|version| version.manifest),
            "labels": parts.schema.names(),
            "thresholds": parts.thresholds,
            "features": parts.features,
            "columns": parts.vocabulary.len(),
            "info": classifier.info(),
        }));
    }
    let mut out = format!("version      {digest}\n");
    if let Some(Version { manifest, current }) = &version {
        out += &format!(
            "added        {}{}\n",
            manifest.added,
            if *current { ", in use" } else { "" }
        );
        out += &manifest
            .note
            .as_ref()
            .map_or_else(String::new, |text| format!("note         {text}\n"));
    }
    print(&(out + &describe(&classifier))).map(|()| Outcome::Done)
}

/// What a model tells of itself.
fn describe(classifier: &Classifier) -> String {
    let (parts, info) = (classifier.parts(), classifier.info());
    let mut out = origin(info);
    out += &format!(
        "features     {} {}\n",
        parts.vocabulary.len(),
        serde_json::json!(parts.features)
    );
    out += "\nlabel            C  threshold  prevalence  fit\n";
    for ((name, threshold), fit) in parts.schema.names().iter().zip(&parts.thresholds).zip(&info.fits) {
        let c = &fit.convergence;
        out += &format!(
            "{name:15} {:>2}  {threshold:9.3}  {:>10}  {} after {} iterations, gradient norm {:.2e}\n",
            fit.params.c,
            fit.prevalence
                .map_or_else(|| "as in data".into(), |share| share.to_string()),
            if c.converged { "converged" } else { "NOT converged" },
            c.iterations,
            c.gradient_norm
        );
    }
    match &info.cross_validation {
        Some(table) => out + &format!("\n{}-fold cross-validation by group:\n\n{table}", info.folds),
        None => out + "\nnot cross-validated\n",
    }
}

fn origin(info: &ModelInfo) -> String {
    let ModelInfo {
        trained_by,
        sentences,
        groups,
        data_digest,
        ..
    } = info;
    let mut out = format!(
        "trained by   {trained_by}\ndata         {sentences} sentences of {groups} groups, SHA-256 {data_digest}\n"
    );
    if let Some(update) = &info.update {
        let how = match update.pull {
            Some(pull) => format!("updated by new annotations alone, pull {pull}"),
            None => "trained on all of the data, started from its weights".into(),
        };
        out += &format!("parent       {}\n             {how}\n", update.parent);
    }
    out
}
