//! The worst errors, with the words that led to them.

use super::features::{FeatureRow, row};
use super::table::decimal;
use super::visible::visible;
use super::{Report, ReportedSentence};
use crate::classifier::{Evidence, LabelExplanation};
use crate::evaluation::{WrongLabel, WrongSentence, worst_errors};
use crate::features::{FeatureKind, ReadableFeature};
use crate::label::LabelSet;

/// How many features are listed below a wrong label.
const LISTED_FEATURES: usize = 8;

/// A piece of a sentence; `side` is `for`, `against`, or empty where it does not stand out.
pub(super) struct Piece {
    pub text: String,
    pub side: &'static str,
}

/// A wrong label of a sentence.
pub(super) struct WrongLabelView {
    pub label: String,
    /// What is wrong with it.
    pub fault: &'static str,
    pub probability: String,
    pub threshold: String,
    /// The whole sentence.
    pub pieces: Vec<Piece>,
    /// Id of the table.
    pub id: String,
    pub features: Vec<FeatureRow>,
}

/// A sentence with wrong labels.
pub(super) struct ErrorView {
    pub number: usize,
    pub id: String,
    pub gold: Vec<String>,
    pub predicted: Vec<String>,
    pub wrong: Vec<WrongLabelView>,
}

/// The views of the worst errors, and how many sentences have errors in all.
pub(super) fn worst(report: &Report<'_>) -> (Vec<ErrorView>, usize) {
    let errors = worst_errors(report.outcomes);
    let shown = errors.iter().take(report.errors).enumerate();
    (
        shown.map(|(i, error)| view(report, i + 1, error)).collect(),
        errors.len(),
    )
}

fn view(report: &Report<'_>, number: usize, error: &WrongSentence) -> ErrorView {
    let ReportedSentence { id, text } = report.sentences[error.row];
    let outcome = &report.outcomes[error.row];
    let names = |set: LabelSet| report.classifier.schema().names_of(set).map(visible).collect();
    let explanation = report.classifier.explain(text);
    let wrong = error.labels.iter().map(|wrong| {
        let id = format!("error-{number}-{}", wrong.label);
        wrong_label(text, wrong, &explanation.labels[wrong.label], id)
    });
    ErrorView {
        number,
        id: visible(id),
        gold: names(outcome.truth),
        predicted: names(outcome.predicted),
        wrong: wrong.collect(),
    }
}

fn wrong_label(text: &str, wrong: &WrongLabel, explanation: &LabelExplanation, id: String) -> WrongLabelView {
    WrongLabelView {
        label: visible(&explanation.label),
        fault: if wrong.truth { "missed" } else { "wrongly given" },
        probability: decimal(wrong.probability),
        threshold: decimal(explanation.threshold),
        pieces: pieces(text, explanation),
        features: explanation
            .evidence
            .iter()
            .take(LISTED_FEATURES)
            .map(evidence)
            .collect(),
        id,
    }
}

fn evidence(evidence: &Evidence) -> FeatureRow {
    let feature = FeatureKind::named(evidence.kind).map(|kind| ReadableFeature::new(kind, &evidence.feature));
    row(feature, evidence.contribution)
}

/// Cuts a sentence at the words that stand out.
fn pieces(text: &str, explanation: &LabelExplanation) -> Vec<Piece> {
    let plain = |part: &str| Piece {
        text: visible(part),
        side: "",
    };
    let mut pieces = Vec::new();
    let mut at = 0;
    for (span, share) in explanation.salient_words() {
        pieces.push(plain(&text[at..span.start]));
        pieces.push(Piece {
            text: visible(span.of(text)),
            side: if share > 0.0 { "for" } else { "against" },
        });
        at = span.end;
    }
    pieces.push(plain(&text[at..]));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}
