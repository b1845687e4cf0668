//! `bayan annotations`.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::Outcome;
use super::annotations_args::{
    AnnotationsArgs, AnnotationsCommand, ExportArgs, HistoryArgs, ImportArgs, ListArgs, ProjectArgs, ResolveArgs,
    StatusArgs,
};
use super::annotations_show::{count, imported, json_line, listed, sentences, status_table};
use super::output::{note, print};
use crate::dataset::formats::{read_example_files, write_examples};
use crate::error::Error;
use crate::io::write_atomically;
use crate::store::{self, Decision, FileReport, ImportOptions, Store, Waiting};

/// Runs the verb that the arguments name.
pub fn annotations(args: AnnotationsArgs, quiet: bool) -> Result<Outcome, Error> {
    match args.command {
        AnnotationsCommand::Init(args) => init(&args, quiet),
        AnnotationsCommand::Import(args) => import(&args, quiet),
        AnnotationsCommand::Export(args) => export(&args, quiet),
        AnnotationsCommand::Status(args) => status(&args, quiet),
        AnnotationsCommand::Conflicts(args) => conflicts(&args, quiet),
        AnnotationsCommand::Resolve(args) => resolve(&args, quiet),
        AnnotationsCommand::History(args) => history(&args, quiet),
    }
}

fn waiting(args: &ProjectArgs, quiet: bool) -> Waiting {
    Waiting {
        at_most: args.wait,
        notice: Arc::new(move || {
            if !quiet {
                note("another process is using the project; waiting for it");
            }
        }),
    }
}

fn open(args: &ProjectArgs, quiet: bool) -> Result<Store, Error> {
    Store::open(&args.project, &waiting(args, quiet))
}

fn init(args: &ProjectArgs, quiet: bool) -> Result<Outcome, Error> {
    let store = Store::create(&args.project, &waiting(args, quiet))?;
    if !quiet {
        note(&format!("made {}", store.path().display()));
    }
    Ok(Outcome::Done)
}

fn import(args: &ImportArgs, quiet: bool) -> Result<Outcome, Error> {
    let mut store = open(&args.project, quiet)?;
    let files = read_example_files(&args.files, &args.read.options())?;
    let options = ImportOptions {
        annotator: args.annotator.clone(),
        ignore_ids: args.ignore_ids,
    };
    let reports = store.import(&files, &options, Timestamp::now())?;
    print(&reports.iter().map(imported).collect::<String>())?;
    if !quiet {
        advise(&reports);
        let open = store.export(None)?.open.len();
        if open > 0 {
            let project = args.project.project.display();
            note(&format!(
                "{} with a conflict; see: bayan annotations conflicts {project}",
                sentences(open)
            ));
        }
    }
    Ok(Outcome::Done)
}

/// Notes on what was assumed.
fn advise(reports: &[FileReport]) {
    for report in reports {
        if let Some(name) = &report.assumed_annotator {
            note(&format!(
                "{}: records that do not say who annotated are by {name:?}",
                report.file
            ));
        }
        if report.assumed_none > 0 {
            note(&format!(
                "{}: no label is taken as \"none\" in {}; if nobody has annotated them, use --empty unlabelled",
                report.file,
                count(report.assumed_none, "record")
            ));
        }
    }
}

fn export(args: &ExportArgs, quiet: bool) -> Result<Outcome, Error> {
    let mut store = open(&args.project, quiet)?;
    let export = store.export(args.prefer.map(Into::into))?;
    if !export.open.is_empty() && !args.skip_conflicts {
        return Err(Error::Store {
            path: store.path().into(),
            reason: still_open(export.open.len(), args),
        });
    }
    let path = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let written = write_examples(&export.examples, &args.write.options())?;
    match path {
        Some(path) => write_atomically(path, &written)?,
        None => print(&String::from_utf8_lossy(&written))?,
    }
    if !quiet {
        let to = path.map(|path| format!(" to {}", path.display())).unwrap_or_default();
        note(&format!("wrote {}{to}", sentences(export.examples.len())));
        if export.decided > 0 {
            note(&format!(
                "{} with a conflict decided by the rule, in this output only",
                sentences(export.decided)
            ));
        }
        if !export.open.is_empty() {
            note(&format!("left out {} with a conflict", sentences(export.open.len())));
        }
    }
    Ok(Outcome::Done)
}

fn still_open(open: usize, args: &ExportArgs) -> String {
    let project = args.project.project.display();
    let ways = match args.prefer {
        None => "resolve them, or use --prefer or --skip-conflicts",
        Some(_) => "the rule cannot decide them; resolve them, or use --skip-conflicts",
    };
    format!(
        "{} with a conflict that is open: {ways} (see: bayan annotations conflicts {project})",
        sentences(open)
    )
}

fn status(args: &StatusArgs, quiet: bool) -> Result<Outcome, Error> {
    let mut store = open(&args.project, quiet)?;
    let status = store.status()?;
    let found = store.check()?;
    if args.json {
        let json = serde_json::to_string_pretty(&status).map_err(|e| Error::InvalidSetting(e.to_string()))?;
        print(&(json + "\n"))?;
    } else {
        print(&status_table(&status))?;
    }
    if found.is_empty() {
        return Ok(Outcome::Done);
    }
    Err(Error::Store {
        path: store.path().into(),
        reason: format!("the database is damaged: {}", found.join("; ")),
    })
}

fn conflicts(args: &ListArgs, quiet: bool) -> Result<Outcome, Error> {
    let mut store = open(&args.project, quiet)?;
    let mut out = String::new();
    for history in store.histories()? {
        if let store::Outcome::Conflict(voices) = history.outcome() {
            if args.json {
                out += &json_line(&serde_json::json!({
                    "id": history.id, "text": history.text, "voices": voices,
                }))?;
            } else {
                out += &listed(&history, &voices);
            }
        }
    }
    if out.is_empty() && !quiet {
        note("no conflict");
    }
    print(&out)?;
    Ok(Outcome::Done)
}

fn history(args: &HistoryArgs, quiet: bool) -> Result<Outcome, Error> {
    let mut store = open(&args.project, quiet)?;
    let histories = if args.sentences.is_empty() {
        store.histories()?
    } else {
        store.find(&args.sentences)?
    };
    let mut out = String::new();
    for history in &histories {
        if args.json {
            out += &json_line(history)?;
        } else {
            out += &listed(history, &history.events.iter().collect::<Vec<_>>());
        }
    }
    print(&out)?;
    Ok(Outcome::Done)
}

fn resolve(args: &ResolveArgs, quiet: bool) -> Result<Outcome, Error> {
    let mut store = open(&args.project, quiet)?;
    let decision = Decision {
        by: args.by.clone().map_or_else(user, Ok)?,
        time: Timestamp::now(),
        note: args.note.clone(),
    };
    if let Some(rule) = args.how.prefer {
        let done = store.resolve_all(&args.sentences, rule.into(), &decision)?;
        print(&format!(
            "{} resolved, {} open\n",
            count(done.resolved, "conflict"),
            done.open
        ))?;
        if done.open > 0 && !quiet {
            note("the rule cannot decide the others; resolve them one by one with --labels");
        }
        return Ok(Outcome::Done);
    }
    let [key] = args.sentences.as_slice() else {
        return Err(Error::InvalidSetting(
            "name the one sentence that has these labels".into(),
        ));
    };
    let labels = args.how.labels.clone().unwrap_or_default();
    store.resolve_one(key, &labels, &decision)?;
    print(&listed_of(&mut store, key)?)?;
    Ok(Outcome::Done)
}

fn listed_of(store: &mut Store, key: &str) -> Result<String, Error> {
    let found = store.find(&[key.to_owned()])?;
    Ok(found
        .iter()
        .map(|h| listed(h, &h.events.iter().collect::<Vec<_>>()))
        .collect())
}

/// The user's name on this machine.
fn user() -> Result<String, Error> {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty())
        .ok_or_else(|| Error::InvalidSetting("say who decides, with --by".into()))
}
