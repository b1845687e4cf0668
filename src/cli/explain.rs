//! `bayan explain`.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use anstyle::{AnsiColor, Reset, Style};
use serde::Serialize;

use super::args::ExplainArgs;
use super::{Outcome, load_model};
use crate::classifier::{Classifier, Explanation, LabelExplanation};
use crate::document::{Sentence, Span};
use crate::error::{Error, Fault, Place};
use crate::text::segment;

const BOLD: Style = Style::new().bold();
const FOR: Style = AnsiColor::Green.on_default();
const AGAINST: Style = AnsiColor::Red.on_default();

#[derive(Serialize)]
struct JsonExplanation<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    labels: Vec<&'a str>,
    explanations: Vec<&'a LabelExplanation>,
}

/// Explains every sentence of a text.
pub fn explain(args: ExplainArgs) -> Result<Outcome, Error> {
    let classifier = load_model(&args.model)?;
    classifier.schema().set_of(&args.label)?;
    let text = read(&args.input)?;
    let mut found = false;
    for sentence in segment(&text) {
        found = true;
        let mut explanation = classifier.explain(sentence.text);
        for label in &mut explanation.labels {
            move_spans(label, sentence.span.start);
            label.evidence.truncate(args.top);
        }
        let out = if args.json {
            json(&classifier, &args, &sentence, &explanation)?
        } else {
            coloured(&classifier, &args, &text, &sentence, &explanation)
        };
        print_coloured(&out)?;
    }
    if !found {
        return Err(Error::InvalidInput(Fault {
            name: args.input,
            place: Place::Whole,
            reason: "no sentence found".into(),
        }));
    }
    Ok(Outcome::Done)
}

/// The text itself, the file that it names, or the standard input.
fn read(input: &str) -> Result<String, Error> {
    let mut bytes = Vec::new();
    if input == "-" {
        std::io::stdin().read_to_end(&mut bytes).map_err(Error::io("-"))?;
    } else if Path::new(input).exists() {
        bytes = std::fs::read(input).map_err(Error::io(input))?;
    } else if looks_like_a_path(input) {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::Io {
            path: input.into(),
            source,
        });
    } else {
        return Ok(input.to_owned());
    }
    String::from_utf8(bytes).map_err(|e| {
        let place = Place::Byte(e.utf8_error().valid_up_to());
        Error::InvalidInput(Fault {
            name: input.into(),
            place,
            reason: "not UTF-8".into(),
        })
    })
}

/// Whether an argument is rather a mistyped file name than a text: no white space, and a slash or an extension.
fn looks_like_a_path(input: &str) -> bool {
    !input.contains(char::is_whitespace)
        && (input.contains('/')
            || Path::new(input)
                .extension()
                .is_some_and(|e| e.is_ascii() && !e.is_empty()))
}

/// From places in the sentence to places in the text.
fn move_spans(label: &mut LabelExplanation, by: usize) {
    for evidence in &mut label.evidence {
        evidence.spans.iter_mut().for_each(|span| *span = span.shifted(by));
    }
    label.words.iter_mut().for_each(|(span, _)| *span = span.shifted(by));
}

/// The labels to speak of: those asked for, else those given, else the likeliest.
fn chosen<'e>(args: &ExplainArgs, explanation: &'e Explanation) -> Vec<&'e LabelExplanation> {
    let labels = explanation.labels.iter();
    if !args.label.is_empty() {
        return labels.filter(|l| args.label.contains(&l.label)).collect();
    }
    if explanation.prediction.labels.is_empty() {
        let likeliest = explanation
            .labels
            .iter()
            .max_by(|a, b| (a.probability / a.threshold).total_cmp(&(b.probability / b.threshold)));
        return likeliest.into_iter().collect();
    }
    labels
        .enumerate()
        .filter(|&(i, _)| explanation.prediction.labels.contains(i))
        .map(|(_, l)| l)
        .collect()
}

fn json(
    classifier: &Classifier,
    args: &ExplainArgs,
    sentence: &Sentence<'_>,
    explanation: &Explanation,
) -> Result<String, Error> {
    let record = JsonExplanation {
        start: sentence.span.start,
        end: sentence.span.end,
        text: sentence.text,
        labels: classifier.schema().names_of(explanation.prediction.labels).collect(),
        explanations: chosen(args, explanation),
    };
    let line = serde_json::to_string(&record).map_err(|e| Error::InvalidSetting(e.to_string()))?;
    Ok(line + "\n")
}

fn coloured(
    classifier: &Classifier,
    args: &ExplainArgs,
    text: &str,
    sentence: &Sentence<'_>,
    explanation: &Explanation,
) -> String {
    let names: Vec<&str> = classifier.schema().names_of(explanation.prediction.labels).collect();
    let title = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    let mut out = format!(
        "{BOLD}{title}{Reset}  [{}..{}]\n",
        sentence.span.start, sentence.span.end
    );
    for label in chosen(args, explanation) {
        out += &reasons(text, sentence.span, label);
    }
    out.push('\n');
    out
}

/// The reasons for one label.
fn reasons(text: &str, sentence: Span, label: &LabelExplanation) -> String {
    let LabelExplanation {
        label: name,
        probability,
        threshold,
        logit,
        intercept,
        ..
    } = label;
    let relation = if probability >= threshold { ">=" } else { "<" };
    let mut out = highlighted(text, sentence, label);
    let _ = writeln!(
        out,
        "\n  {name}: probability {probability:.3} {relation} threshold {threshold:.3}; logit {logit:+.2} = intercept \
         {intercept:+.2} and features, the strongest:"
    );
    for e in &label.evidence {
        let style = if e.contribution > 0.0 { FOR } else { AGAINST };
        let words: Vec<String> = e
            .spans
            .iter()
            .map(|s| format!("{} [{}..{}]", s.of(text), s.start, s.end))
            .collect();
        let words = words.join(", ");
        let _ = writeln!(
            out,
            "  {style}{:+.3}{Reset}  {:11}  {}  in {words}",
            e.contribution, e.kind, e.feature
        );
    }
    out
}

/// The sentence with the words coloured that speak most for or against a label.
fn highlighted(text: &str, sentence: Span, label: &LabelExplanation) -> String {
    let mut out = String::from("  ");
    let mut at = sentence.start;
    for (span, share) in label.salient_words() {
        let style = if share > 0.0 { FOR } else { AGAINST };
        let _ = write!(out, "{}{style}{}{Reset}", &text[at..span.start], span.of(text));
        at = span.end;
    }
    out + &text[at..sentence.end]
}

/// Writes to the standard output, with colours only where it is a terminal.
fn print_coloured(text: &str) -> Result<(), Error> {
    use std::io::Write;
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Error::io(super::output::STDOUT))
}
