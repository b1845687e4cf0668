//! `bayan models`.

use super::models_args::{ModelsAction, PromoteArgs};
use super::models_show::show;
use super::output::{note, print};
use super::{Outcome, compare, complain};
use crate::classifier::Classifier;
use crate::error::Error;
use crate::model_file;
use crate::registry::{Action, Registry, TestResult, Version};

/// How many characters of a digest are shown.
const SHOWN: usize = 12;

/// Does what is asked for.
pub fn models(action: ModelsAction, quiet: bool) -> Result<Outcome, Error> {
    let waiting = || {
        if !quiet {
            note("another process is changing the folder; waiting for it");
        }
    };
    let done = |text: &str| {
        if !quiet {
            note(text);
        }
        Ok(Outcome::Done)
    };
    match action {
        ModelsAction::List { folder, json } => list(&Registry::open(&folder)?, json),
        ModelsAction::Add {
            folder,
            model,
            note: text,
        } => {
            let bytes = model_file::read_bytes(&model)?;
            let (version, new) =
                Registry::add(&folder, &bytes, &model.display().to_string(), text.as_deref(), waiting)?;
            print(&format!("{}\n", version.manifest.version))?;
            if new {
                Ok(Outcome::Done)
            } else {
                done("this version is there already; it stays as it is")
            }
        }
        ModelsAction::Show { model, version, json } => show(&model, version.as_deref(), json),
        ModelsAction::Promote(args) => promote(&args, quiet, waiting),
        ModelsAction::Rollback { folder } => {
            let version = Registry::roll_back(&folder, waiting)?;
            print(&format!("{}\n", version.manifest.version))?;
            done(&format!("{} is in use again", short(&version.manifest.version)))
        }
        ModelsAction::Log { folder, json } => log(&Registry::open(&folder)?, json),
        ModelsAction::Check { folder } => check(&Registry::open(&folder)?, quiet),
    }
}

/// Prints a value as JSON.
pub fn json(value: &impl serde::Serialize) -> Result<Outcome, Error> {
    let text = serde_json::to_string_pretty(value).map_err(|e| Error::InvalidSetting(e.to_string()))?;
    print(&(text + "\n")).map(|()| Outcome::Done)
}

fn short(version: &str) -> &str {
    version.get(..SHOWN).unwrap_or(version)
}

fn list(registry: &Registry, as_json: bool) -> Result<Outcome, Error> {
    let versions = registry.versions()?;
    if as_json {
        let all: Vec<_> = versions
            .iter()
            .map(|v| serde_json::json!({"current": v.current, "manifest": v.manifest}))
            .collect();
        return json(&all);
    }
    let mut out = format!(
        "   {:SHOWN$}  {:20}  sentences  CV macro-F1  {:SHOWN$}  note\n",
        "version", "added", "parent"
    );
    for Version { manifest, current } in &versions {
        let seconds = manifest.added.split('.').next().unwrap_or_default();
        let f1 = manifest
            .info
            .cross_validation
            .as_ref()
            .map(|table| table.macro_average.f1);
        out += &format!(
            "{:2} {:SHOWN$}  {seconds:20}  {:9}  {:>11}  {:SHOWN$}  {}\n",
            if *current { "*" } else { "" },
            short(&manifest.version),
            manifest.info.sentences,
            f1.map_or_else(|| "-".into(), |f1| format!("{f1:.3}")),
            manifest.parent.as_deref().map_or("-", short),
            manifest.note.as_deref().unwrap_or_default()
        );
    }
    out += if registry.has_current() {
        "* in use\n"
    } else {
        "none is in use\n"
    };
    print(&out).map(|()| Outcome::Done)
}

fn promote(args: &PromoteArgs, quiet: bool, waiting: impl FnOnce()) -> Result<Outcome, Error> {
    if !(0.0..=1.0).contains(&args.margin) {
        return Err(Error::InvalidSetting(format!(
            "margin is {}; expected 0 to 1",
            args.margin
        )));
    }
    let registry = Registry::open(&args.folder)?;
    let version = registry.find(&args.version)?;
    let new = registry.load(&version)?;
    Registry::promote(&args.folder, &version, args.force, waiting, |registry| {
        if !registry.has_current() {
            if !quiet && !args.test.is_empty() {
                note("no version is in use yet: there is nothing to compare with");
            }
            return Ok(None);
        }
        let test = (!args.test.is_empty())
            .then(|| test(args, registry, &new))
            .transpose()?;
        match &test {
            _ if args.force => {}
            Some(test) if test.reasons_against.is_empty() => {}
            Some(test) => return Err(refused(&version, &test.reasons_against)),
            None => {
                let reason = "a version is in use: give --test, annotations to compare both on, or --force";
                return Err(Error::Refused(reason.into()));
            }
        }
        Ok(test)
    })?;
    if !quiet {
        note(&format!("{} is in use", short(&version.manifest.version)));
    }
    Ok(Outcome::Done)
}

/// Compares the version in use with the new one, and prints the table.
fn test(args: &PromoteArgs, registry: &Registry, new: &Classifier) -> Result<TestResult, Error> {
    let old = registry.load(&registry.current()?)?;
    let compared = compare::on(&old, new, &args.test, (&args.bootstrap).into())?;
    print(&compared.table())?;
    let mut reasons_against = compared.comparison.reasons_against(args.margin);
    reasons_against.extend(
        compared
            .only_old
            .iter()
            .map(|label| format!("it does not have the label {label}")),
    );
    Ok(TestResult {
        data_digest: compared.data_digest,
        margin: args.margin,
        comparison: compared.comparison,
        reasons_against,
    })
}

fn refused(version: &Version, reasons: &[String]) -> Error {
    let version = short(&version.manifest.version);
    let reasons = reasons.join("\n");
    Error::Refused(format!(
        "version {version} is worse than the one in use, or may be; nothing was changed\n{reasons}"
    ))
}

fn log(registry: &Registry, as_json: bool) -> Result<Outcome, Error> {
    if as_json {
        return json(&serde_json::json!({"log": registry.log(), "promotions": registry.promotions()}));
    }
    let lines = registry.log().iter().map(|entry| {
        let action = match entry.action {
            Action::Promote => "promote",
            Action::Rollback => "rollback",
        };
        let from = entry.from.as_deref().map_or("-", short);
        format!("{}  {action:8}  {from:SHOWN$} -> {}\n", entry.time, short(&entry.to))
    });
    print(&lines.collect::<String>()).map(|()| Outcome::Done)
}

fn check(registry: &Registry, quiet: bool) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Done;
    let versions = registry.versions()?;
    for version in &versions {
        if let Err(e) = registry.load(version) {
            complain(&e);
            outcome = Outcome::SomeFailed;
        }
    }
    if outcome == Outcome::Done && !quiet {
        note(&format!("{} versions, all sound", versions.len()));
    }
    Ok(outcome)
}
