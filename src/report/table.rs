//! Tables of the page: numbers and names as text.

use super::Report;
use super::visible::visible;
use crate::evaluation::{Cooccurrence, CurvePoint, LearningPoint, ReliabilityBin, Scores};

/// A table whose first column names its rows.
pub(super) struct Table {
    /// Distinct on the page.
    pub id: String,
    pub caption: String,
    /// Heads of all columns.
    pub heads: Vec<String>,
    /// Name and cells of each row.
    pub rows: Vec<(String, Vec<String>)>,
}

/// Three decimals, as in the printed table.
pub(super) fn decimal(value: f64) -> String {
    format!("{value:.3}")
}

/// A number with separators between thousands.
pub(super) fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|&v| v.to_owned()).collect()
}

fn three(scores: &Scores) -> Vec<String> {
    [scores.precision, scores.recall, scores.f1].map(decimal).to_vec()
}

/// The table by label, with averages.
pub(super) fn by_label(report: &Report<'_>) -> Table {
    let evaluation = report.evaluation;
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (i, label) in evaluation.labels.iter().enumerate() {
        let predicted = report.outcomes.iter().filter(|o| o.predicted.contains(i)).count();
        let mut cells = three(&label.scores);
        cells.extend([label.average_precision, label.calibration_error, label.threshold].map(decimal));
        cells.extend([label.support, predicted].map(count));
        rows.push((visible(&label.label), cells));
    }
    let none = || String::from("–");
    let mut cells = three(&evaluation.macro_average);
    cells.extend([
        decimal(evaluation.mean_average_precision),
        none(),
        none(),
        none(),
        none(),
    ]);
    rows.push(("macro average".into(), cells));
    let mut cells = three(&evaluation.micro_average);
    cells.extend([none(), none(), none(), none(), none()]);
    rows.push(("micro average".into(), cells));
    Table {
        id: "by-label".into(),
        caption: "Quality by label, at the label’s threshold".into(),
        heads: strings(&[
            "Label",
            "Precision",
            "Recall",
            "F1",
            "Average precision",
            "ECE",
            "Threshold",
            "Support",
            "Predicted",
        ]),
        rows,
    }
}

/// What round thresholds would give.
pub(super) fn thresholds(id: String, label: &str, curve: &[CurvePoint]) -> Table {
    let rows = (1..10).map(|tenth| {
        let threshold = f64::from(tenth) / 10.0;
        let reached = curve.partition_point(|point| point.threshold >= threshold);
        let cells = match reached.checked_sub(1) {
            Some(last) => three(&curve[last].scores),
            None => strings(&["–", "0.000", "0.000"]),
        };
        (format!("{threshold:.1}"), cells)
    });
    Table {
        id,
        caption: format!("{}: what other thresholds give", visible(label)),
        heads: strings(&["Threshold", "Precision", "Recall", "F1"]),
        rows: rows.collect(),
    }
}

/// The bins of the reliability diagram.
pub(super) fn reliability(id: String, label: &str, bins: &[ReliabilityBin]) -> Table {
    let width = 1.0 / bins.len() as f64;
    let rows = bins.iter().enumerate().map(|(i, bin)| {
        let cells = if bin.count == 0 {
            strings(&["0", "–", "–"])
        } else {
            vec![
                count(bin.count),
                decimal(bin.mean_probability()),
                decimal(bin.observed()),
            ]
        };
        (
            format!("{:.1} to {:.1}", i as f64 * width, (i + 1) as f64 * width),
            cells,
        )
    });
    Table {
        id,
        caption: format!("{}: stated and observed probabilities", visible(label)),
        heads: strings(&["Probability", "Sentences", "Mean stated", "Share with the label"]),
        rows: rows.collect(),
    }
}

/// The points of the learning curve, with the F1 of each label.
pub(super) fn learning(names: &[String], points: &[LearningPoint]) -> Table {
    let mut heads = strings(&[
        "Share of groups",
        "Groups",
        "Sentences",
        "Macro-F1",
        "Mean average precision",
    ]);
    heads.extend(names.iter().map(|name| format!("F1 {}", visible(name))));
    let rows = points.iter().map(|point| {
        let mut cells = vec![count(point.groups), count(point.sentences)];
        match &point.result {
            Ok(evaluation) => {
                cells.extend([evaluation.macro_average.f1, evaluation.mean_average_precision].map(decimal));
                cells.extend(evaluation.labels.iter().map(|label| decimal(label.scores.f1)));
            }
            Err(_) => cells.extend(vec!["–".into(); 2 + names.len()]),
        }
        (decimal(point.share), cells)
    });
    Table {
        id: "learning-table".into(),
        caption: "Learning curve".into(),
        rows: rows.collect(),
        heads,
    }
}

/// How often labels stand together, in the annotations and in the predictions.
pub(super) fn cooccurrence(report: &Report<'_>) -> [Table; 2] {
    let labels = report.evaluation.labels.len();
    let table = |id: &str, caption: &str, counts: &Cooccurrence| {
        let names: Vec<String> = report.evaluation.labels.iter().map(|l| visible(&l.label)).collect();
        let rows = names.iter().cloned().zip(&counts.together);
        Table {
            id: id.into(),
            caption: format!("{caption}: sentences with both; {} have no label", count(counts.none)),
            heads: std::iter::once("Label".into()).chain(names.iter().cloned()).collect(),
            rows: rows
                .map(|(name, row)| (name, row.iter().copied().map(count).collect()))
                .collect(),
        }
    };
    let gold = Cooccurrence::new(report.outcomes.iter().map(|o| o.truth), labels);
    let predicted = Cooccurrence::new(report.outcomes.iter().map(|o| o.predicted), labels);
    [
        table("gold-together", "Gold labels", &gold),
        table("predicted-together", "Predicted labels", &predicted),
    ]
}

/// Which labels are taken for which.
pub(super) fn confusion(report: &Report<'_>) -> Table {
    let names: Vec<String> = report.evaluation.labels.iter().map(|l| visible(&l.label)).collect();
    let rows = names.iter().cloned().chain(["nothing missed".into()]);
    Table {
        id: "confusion".into(),
        caption: "Missed labels (rows) and labels given wrongly (columns), in sentences".into(),
        heads: ["Missed".into()]
            .into_iter()
            .chain(names.iter().cloned())
            .chain(["nothing wrong".into()])
            .collect(),
        rows: rows
            .zip(&report.evaluation.confusion.confused)
            .map(|(name, row)| (name, row.iter().copied().map(count).collect()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::precision_recall_curve;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_threshold_between_scores_gives_what_the_upper_one_gives() {
        let curve = precision_recall_curve(&[0.85, 0.55, 0.25], &[true, false, true]);
        let table = thresholds("t".into(), "x", &curve);
        let cells = |row: usize| table.rows[row].1.join(" ");
        assert_eq!(cells(8), "– 0.000 0.000");
        assert_eq!(cells(7), "1.000 0.500 0.667");
        assert_eq!(cells(4), "0.500 0.500 0.500");
        assert_eq!(cells(0), "0.667 1.000 0.800");
    }
}
