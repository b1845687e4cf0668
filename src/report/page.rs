//! The page: everything put into the template, which escapes all text.

use askama::Template;

use super::errors::{self, ErrorView};
use super::features::{self, LabelFeatures};
use super::figures::{self, Figure, LabelFigures};
use super::table::{self, Table, count, decimal};
use super::visible::visible;
use super::{Report, failed, plot};
use crate::error::Error;
use crate::text::Language;

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page {
    model: String,
    facts: Vec<(&'static str, String)>,
    /// Tag and direction of the language of the sentences.
    lang: &'static str,
    dir: &'static str,
    view: (u32, u32),
    by_label: Table,
    exact_match: String,
    figures: Vec<LabelFigures>,
    learning: Option<Learning>,
    together: [Table; 2],
    confusion: Table,
    features: Vec<LabelFeatures>,
    errors: Vec<ErrorView>,
    all_errors: usize,
}

struct Learning {
    figure: Option<Figure>,
    table: Table,
    /// Parts that could not be trained on.
    failed: Vec<String>,
}

/// Renders a report.
pub(super) fn render(report: &Report<'_>) -> Result<String, Error> {
    let language = report.classifier.parts().features.language;
    let (errors, all_errors) = errors::worst(report);
    let page = Page {
        model: visible(report.model),
        facts: facts(report),
        lang: language.tag(),
        dir: if language == Language::Arabic { "rtl" } else { "auto" },
        view: plot::VIEW,
        by_label: table::by_label(report),
        exact_match: format!("{:.1}", 100.0 * report.evaluation.exact_match),
        figures: figures::by_label(report)?,
        learning: learning(report)?,
        together: table::cooccurrence(report),
        confusion: table::confusion(report),
        features: features::heaviest(report),
        errors,
        all_errors,
    };
    page.render().map_err(failed)
}

/// What was measured on what.
fn facts(report: &Report<'_>) -> Vec<(&'static str, String)> {
    let info = report.classifier.info();
    let trained_on = format!("{} sentences of {} groups", count(info.sentences), count(info.groups));
    let measured_on = format!(
        "{} sentences of {} groups",
        count(report.sentences.len()),
        count(report.groups)
    );
    vec![
        ("Model", visible(report.model)),
        ("Trained by", visible(&info.trained_by)),
        ("Trained on", trained_on),
        ("Training data, SHA-256", visible(&info.data_digest)),
        ("Features", count(report.classifier.parts().vocabulary.len())),
        ("Data", visible(report.data)),
        ("Measured on", measured_on),
        ("Data, SHA-256", report.data_digest.to_owned()),
        ("Macro-F1", decimal(report.evaluation.macro_average.f1)),
        ("Report by", concat!("bayan ", env!("CARGO_PKG_VERSION")).to_owned()),
    ]
}

fn learning(report: &Report<'_>) -> Result<Option<Learning>, Error> {
    if report.learning.is_empty() {
        return Ok(None);
    }
    let failed = report.learning.iter().filter_map(|point| {
        let reason = point.result.as_ref().err()?;
        let sentences = count(point.sentences);
        Some(format!(
            "{sentences} sentences cannot be trained on: {}",
            visible(reason)
        ))
    });
    Ok(Some(Learning {
        figure: figures::learning(report)?,
        table: table::learning(report.classifier.schema().names(), report.learning),
        failed: failed.collect(),
    }))
}
