//! The figures of the page: what each plot shows, and the same in words.

use super::Report;
use super::plot::{Axes, Layer, MARK, Points, SERIES, draw, tick};
use super::table::{self, Table, decimal};
use super::visible::visible;
use crate::error::Error;
use crate::evaluation::{
    CurvePoint, Evaluation, LabelReport, LearningPoint, ReliabilityBin, precision_recall_curve, reliability_bins,
};

/// A plot with its texts.
pub(super) struct Figure {
    /// Distinct on the page.
    pub id: String,
    /// What it is.
    pub title: String,
    /// What it shows, for those who do not see it.
    pub description: String,
    /// The inside of the `svg` element.
    pub svg: String,
    /// What its lines are: class and name.
    pub legend: Vec<(&'static str, String)>,
    /// Its figures, where they are not elsewhere on the page.
    pub table: Option<Table>,
}

/// The curves of one label.
pub(super) struct LabelFigures {
    pub label: String,
    /// Empty where a curve would mean nothing, and why.
    pub figures: Vec<Figure>,
    pub reason: &'static str,
}

/// The curves of every label.
pub(super) fn by_label(report: &Report<'_>) -> Result<Vec<LabelFigures>, Error> {
    let labels = report.evaluation.labels.iter().enumerate();
    labels.map(|(i, label)| of_label(report, i, label)).collect()
}

fn of_label(report: &Report<'_>, i: usize, label: &LabelReport) -> Result<LabelFigures, Error> {
    let (probabilities, truths) = report.of_label(i);
    let mut figures = Vec::new();
    let mut reason = "";
    if label.support == 0 {
        reason = "No sentence of the data has this label, so there are no curves.";
    } else {
        let curve = precision_recall_curve(&probabilities, &truths);
        figures.push(precision_recall(i, label, &curve)?);
        figures.push(reliability(i, label, &reliability_bins(&probabilities, &truths))?);
        figures.push(thresholds(i, label, &curve)?);
    }
    Ok(LabelFigures {
        label: visible(&label.label),
        figures,
        reason,
    })
}

fn unit_axes<'a>(x_name: &'a str, y_name: &'a str) -> Axes<'a> {
    Axes {
        x: 0.0..1.0,
        x_name,
        y_name,
        x_labels: 6,
        x_label: &tick,
    }
}

fn precision_recall(i: usize, label: &LabelReport, curve: &[CurvePoint]) -> Result<Figure, Error> {
    let points = steps(curve.iter().map(|p| (p.scores.recall, p.scores.precision)), 0.0);
    let here = (label.scores.recall, label.scores.precision);
    let layers = vec![
        Layer::Line(SERIES[0], points),
        Layer::Dots(SERIES[1], vec![(here, 5.0)]),
    ];
    let name = visible(&label.label);
    let best_at = |recall: f64| {
        let reached = curve.iter().filter(|p| p.scores.recall >= recall);
        decimal(reached.map(|p| p.scores.precision).fold(0.0, f64::max))
    };
    Ok(Figure {
        id: format!("pr-{i}"),
        title: format!("{name}: precision and recall"),
        description: format!(
            "Average precision {}. Best precision at a recall of 0.5 or more: {}; of 0.8 or more: {}; of 0.9 or more: {}.",
            decimal(label.average_precision),
            best_at(0.5),
            best_at(0.8),
            best_at(0.9),
        ),
        svg: draw(&unit_axes("recall", "precision"), layers)?,
        legend: vec![
            ("line-1", "all thresholds".into()),
            ("dot-2", format!("the model’s threshold, {}", decimal(label.threshold))),
        ],
        table: None,
    })
}

/// Points to steps: each value holds from the previous x to its own.
fn steps(points: impl Iterator<Item = (f64, f64)>, start: f64) -> Points {
    let mut out = Points::new();
    let mut from = start;
    for (x, y) in points {
        out.extend([(from, y), (x, y)]);
        from = x;
    }
    out
}

fn reliability(i: usize, label: &LabelReport, bins: &[ReliabilityBin]) -> Result<Figure, Error> {
    let filled: Vec<&ReliabilityBin> = bins.iter().filter(|bin| bin.count > 0).collect();
    let at = |bin: &ReliabilityBin| (bin.mean_probability(), bin.observed());
    let largest = filled.iter().map(|bin| bin.count).max().unwrap_or(1) as f64;
    // Areas in proportion to counts; the smallest can still be seen.
    let dots = filled
        .iter()
        .map(|bin| (at(bin), (9.0 * (bin.count as f64 / largest).sqrt()).max(2.5)));
    let layers = vec![
        Layer::Line(MARK, vec![(0.0, 0.0), (1.0, 1.0)]),
        Layer::Line(SERIES[0], filled.iter().map(|bin| at(bin)).collect()),
        Layer::Dots(SERIES[0], dots.collect()),
    ];
    let name = visible(&label.label);
    Ok(Figure {
        id: format!("reliability-{i}"),
        title: format!("{name}: reliability"),
        description: format!(
            "Share of sentences with the label against the stated probability, in ten bins; larger dots hold more \
             sentences. Expected calibration error {}.",
            decimal(label.calibration_error)
        ),
        svg: draw(&unit_axes("stated probability", "share with the label"), layers)?,
        legend: vec![
            ("line-1", "the model".into()),
            ("line-mark", "perfect calibration".into()),
        ],
        table: Some(table::reliability(format!("reliability-table-{i}"), &label.label, bins)),
    })
}

fn thresholds(i: usize, label: &LabelReport, curve: &[CurvePoint]) -> Result<Figure, Error> {
    let ascending = |value: fn(&CurvePoint) -> f64| curve.iter().rev().map(move |p| (p.threshold, value(p)));
    let top = curve.first().map_or(0.0, |p| p.threshold);
    // Above the highest probability nothing is given: recall and F1 are 0, precision is not defined.
    let to_nothing = |mut points: Points| {
        points.extend([(top, 0.0), (1.0, 0.0)]);
        points
    };
    let layers = vec![
        Layer::Line(MARK, vec![(label.threshold, 0.0), (label.threshold, 1.0)]),
        Layer::Line(SERIES[0], steps(ascending(|p| p.scores.precision), 0.0)),
        Layer::Line(SERIES[1], to_nothing(steps(ascending(|p| p.scores.recall), 0.0))),
        Layer::Line(SERIES[2], to_nothing(steps(ascending(|p| p.scores.f1), 0.0))),
    ];
    let name = visible(&label.label);
    Ok(Figure {
        id: format!("threshold-{i}"),
        title: format!("{name}: threshold"),
        description: in_words(label, curve),
        svg: draw(&unit_axes("threshold", "precision, recall, F1"), layers)?,
        legend: vec![
            ("line-1", "precision".into()),
            ("line-2", "recall".into()),
            ("line-3", "F1".into()),
            ("line-mark", "the model’s threshold".into()),
        ],
        table: Some(table::thresholds(format!("threshold-table-{i}"), &label.label, curve)),
    })
}

/// What the threshold curve shows.
fn in_words(label: &LabelReport, curve: &[CurvePoint]) -> String {
    let best = curve.iter().max_by(|a, b| a.scores.f1.total_cmp(&b.scores.f1));
    let best = best.map_or_else(String::new, |best| {
        format!(
            "Best F1 on this data: {} at {}. ",
            decimal(best.scores.f1),
            decimal(best.threshold)
        )
    });
    format!(
        "{best}At the model’s threshold, {}: precision {}, recall {}, F1 {}.",
        decimal(label.threshold),
        decimal(label.scores.precision),
        decimal(label.scores.recall),
        decimal(label.scores.f1)
    )
}

/// The learning curve; `None` if no part could be trained on.
pub(super) fn learning(report: &Report<'_>) -> Result<Option<Figure>, Error> {
    let measured: Vec<(&LearningPoint, &Evaluation)> = report
        .learning
        .iter()
        .filter_map(|point| Some((point, point.result.as_ref().ok()?)))
        .collect();
    let Some((first, last)) = measured.first().zip(measured.last()) else {
        return Ok(None);
    };
    let end = |(point, evaluation): &(&LearningPoint, &Evaluation)| {
        let f1 = decimal(evaluation.macro_average.f1);
        format!("{f1} with {} training sentences", table::count(point.sentences))
    };
    Ok(Some(Figure {
        id: "learning-curve".into(),
        title: "Learning curve".into(),
        description: format!("Macro-F1: {}, {}.", end(first), end(last)),
        svg: draw_learning(&measured)?,
        legend: vec![
            ("line-1", "macro-F1".into()),
            ("line-2", "mean average precision".into()),
        ],
        table: None,
    }))
}

/// Shares are doubled from point to point, so the axis is in powers of two.
fn draw_learning(measured: &[(&LearningPoint, &Evaluation)]) -> Result<String, Error> {
    let xs: Vec<f64> = measured.iter().map(|(point, _)| libm::log2(point.share)).collect();
    let label = |at: &f64| {
        let near = xs.iter().position(|x| (x - at).abs() < 0.01);
        near.map_or_else(String::new, |i| table::count(measured[i].0.sentences))
    };
    let axes = Axes {
        x: xs[0] - 0.25..xs[xs.len() - 1] + 0.25,
        x_name: "training sentences",
        y_name: "macro-F1, average precision",
        x_labels: measured.len() + 1,
        x_label: &label,
    };
    let mut layers = Vec::new();
    let values: [fn(&Evaluation) -> f64; 2] = [|e| e.macro_average.f1, |e| e.mean_average_precision];
    for (value, colour) in values.into_iter().zip(SERIES) {
        let ys = measured.iter().map(|(_, evaluation)| value(evaluation));
        let points: Points = xs.iter().copied().zip(ys).collect();
        layers.push(Layer::Dots(colour, points.iter().map(|&at| (at, 4.0)).collect()));
        layers.push(Layer::Line(colour, points));
    }
    draw(&axes, layers)
}
