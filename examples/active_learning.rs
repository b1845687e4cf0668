//! Does selecting sentences beat drawing them at random? A simulation of annotation in rounds on the project's corpus.
//!
//!     cargo run --release --example active_learning [SHARE OF TOPICS] [SEEDS]
//!
//! The labels of part of `training-data/train` (whole topics) are hidden but for a random start. In each round a classifier is
//! trained on what is known, sentences are selected, and their labels are revealed. Each classifier is measured on the
//! topics of `training-data/test`, which are never in the pool. The same with a pool in which labelled sentences are rare, as
//! they are in news. Writes `docs/active-learning.svg` and prints the table of `docs/curation.md`.

mod common;

use std::collections::HashSet;

use bayan::curate::{Appraiser, Pool, SelectParams};
use bayan::dataset::{Annotation, LabelledSet};
use bayan::evaluation::{Evaluation, Outcome};
use bayan::train::{Silent, TrainParams, train};
use bayan::{Classifier, Error};
use plotters::prelude::*;
use rayon::prelude::*;

const START: usize = 300;
const BATCH: usize = 150;
const ROUNDS: usize = 5;
/// Shares of the sentences with a label that stay in the pool where labels are rare.
const RARE: [(&str, f64); 4] = [
    ("claim", 0.5),
    ("denial", 0.25),
    ("threat", 0.3),
    ("casualty_report", 0.4),
];

/// Name, random share and length of the shortlist.
const STRATEGIES: [(&str, f64, usize); 4] = [
    ("random", 1.0, 1),
    ("uncertainty alone", 0.0, 1),
    ("uncertainty and diversity", 0.0, 5),
    ("the same, a quarter random (default)", 0.25, 5),
];

/// Mean average precision and macro-F1.
type Point = [f64; 2];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = common::some_topics(common::corpus("train")?, common::argument(1, 0.4));
    let seeds = common::argument(2, 3.0) as u64;
    let rare: Vec<Annotation> = all.iter().filter(|a| stays_in_rare_pool(a)).cloned().collect();
    let test = LabelledSet::new(common::corpus("test")?, Some(common::schema()))?;
    let pools = [("As in the corpus", all), ("Labels are rare", rare)];
    let mut panels = Vec::new();
    for (name, pool) in &pools {
        println!("\n{name}: {}\n", describe(pool));
        let mut curves = Vec::new();
        for (strategy, random_share, shortlist) in STRATEGIES {
            let params = SelectParams {
                count: BATCH,
                random_share,
                shortlist,
                ..SelectParams::default()
            };
            let runs: Result<Vec<Vec<Point>>, Error> = (1..=seeds)
                .into_par_iter()
                .map(|seed| simulate(pool, &test, &params, seed))
                .collect();
            curves.push((strategy, summary(&runs?)));
        }
        print_table(&curves);
        panels.push((*name, curves));
    }
    plot(&panels)
}

fn stays_in_rare_pool(annotation: &Annotation) -> bool {
    let share = |label: &String| {
        RARE.iter()
            .find(|(name, _)| name == label)
            .map_or(1.0, |(_, share)| *share)
    };
    common::draw(8, &annotation.id) < annotation.labels.iter().map(share).fold(1.0, f64::min)
}

fn describe(pool: &[Annotation]) -> String {
    let topics: HashSet<&str> = pool.iter().map(Annotation::group).collect();
    let shares: Vec<String> = common::schema()
        .names()
        .iter()
        .map(|label| {
            let count = pool.iter().filter(|a| a.labels.contains(label)).count();
            format!("{label} {:.1} %", 100.0 * count as f64 / pool.len() as f64)
        })
        .collect();
    format!(
        "{} sentences of {} topics; {}",
        pool.len(),
        topics.len(),
        shares.join(", ")
    )
}

/// One run: the scores at the start and after each round.
fn simulate(pool: &[Annotation], test: &LabelledSet, params: &SelectParams, seed: u64) -> Result<Vec<Point>, Error> {
    let mut order: Vec<&Annotation> = pool.iter().collect();
    order.sort_by(|a, b| common::draw(seed, &a.id).total_cmp(&common::draw(seed, &b.id)));
    let mut known: Vec<Annotation> = order[..START].iter().map(|&a| a.clone()).collect();
    let mut curve = Vec::new();
    for round in 0..=ROUNDS {
        let set = LabelledSet::new(known.clone(), Some(common::schema()))?;
        let classifier = train(&set, &training(), &Silent)?.classifier;
        curve.push(measure(&classifier, test));
        if round < ROUNDS {
            let params = SelectParams {
                seed: 1000 * seed + round as u64,
                ..params.clone()
            };
            let revealed = select(&classifier, params, pool, &known)?;
            known.extend(revealed);
        }
    }
    Ok(curve)
}

/// One regularisation strength and three folds: what is compared is the data.
fn training() -> TrainParams {
    TrainParams {
        c_grid: vec![1.0],
        folds: 3,
        tolerance: 1e-3,
        ..TrainParams::default()
    }
}

fn select(
    classifier: &Classifier,
    params: SelectParams,
    pool: &[Annotation],
    known: &[Annotation],
) -> Result<Vec<Annotation>, Error> {
    let mut selection = Pool::new(classifier, params)?;
    known.iter().for_each(|annotation| selection.exclude(&annotation.text));
    let (mut appraiser, mut labeller) = (Appraiser::new(classifier), classifier.labeller());
    for annotation in pool {
        let logits = labeller.decision_function(&annotation.text);
        selection.offer(appraiser.candidate(annotation, &annotation.text, logits));
    }
    Ok(selection.select().into_iter().map(|s| s.item.clone()).collect())
}

fn measure(classifier: &Classifier, test: &LabelledSet) -> Point {
    let mut labeller = classifier.labeller();
    let outcomes: Vec<Outcome> = test
        .rows()
        .iter()
        .map(|row| {
            let (predicted, probabilities) = labeller.label(&row.text);
            Outcome {
                truth: row.labels,
                predicted,
                probabilities: probabilities.to_vec(),
            }
        })
        .collect();
    let evaluation = Evaluation::new(classifier.schema().names(), classifier.thresholds(), &outcomes);
    [evaluation.mean_average_precision, evaluation.macro_average.f1]
}

/// For each round the mean and the standard error over the runs of both measures.
fn summary(runs: &[Vec<Point>]) -> Vec<[(f64, f64); 2]> {
    let of = |round: usize, measure: usize| {
        let values: Vec<f64> = runs.iter().map(|run| run[round][measure]).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        (mean, (variance / n).sqrt())
    };
    (0..=ROUNDS).map(|round| [of(round, 0), of(round, 1)]).collect()
}

type Curves = Vec<(&'static str, Vec<[(f64, f64); 2]>)>;

fn print_table(curves: &Curves) {
    let sizes: Vec<String> = (0..=ROUNDS).map(|round| (START + BATCH * round).to_string()).collect();
    println!("| | | {} |\n|---|---|{}", sizes.join(" | "), "---|".repeat(sizes.len()));
    for (strategy, rounds) in curves {
        for (measure, name) in ["average precision", "F1"].into_iter().enumerate() {
            let cells: Vec<String> = rounds.iter().map(|r| format!("{:.3}", r[measure].0)).collect();
            println!("| {strategy} | {name} | {} |", cells.join(" | "));
        }
    }
}

/// One row of two panels for each pool: average precision and F1.
fn plot(panels: &[(&str, Curves)]) -> Result<(), Box<dyn std::error::Error>> {
    let file = common::path("docs/active-learning.svg");
    let root = SVGBackend::new(&file, (1000, 420 * panels.len() as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let areas = root.split_evenly((panels.len(), 2));
    for (row, (pool, curves)) in panels.iter().enumerate() {
        for (measure, name) in ["mean average precision", "macro-F1"].into_iter().enumerate() {
            let caption = format!("{pool}: {name}");
            panel(&areas[2 * row + measure], &caption, curves, measure, row + measure == 0)?;
        }
    }
    root.present()?;
    println!("\nwrote {}", file.display());
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    caption: &str,
    curves: &Curves,
    measure: usize,
    legend: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    // Distinguishable for the colour-blind (Okabe and Ito).
    const COLOURS: [RGBColor; 4] = [
        RGBColor(90, 90, 90),
        RGBColor(230, 159, 0),
        RGBColor(0, 114, 178),
        RGBColor(0, 128, 96),
    ];
    let points = || curves.iter().flat_map(|(_, rounds)| rounds.iter().map(|r| r[measure]));
    let low = points().map(|(mean, error)| mean - error).fold(1.0, f64::min) - 0.01;
    let high = points().map(|(mean, error)| mean + error).fold(0.0, f64::max) + 0.01;
    let mut chart = ChartBuilder::on(area)
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(54)
        .build_cartesian_2d(START as f64 - 20.0..(START + BATCH * ROUNDS) as f64 + 20.0, low..high)?;
    chart
        .configure_mesh()
        .x_desc("annotated sentences")
        .x_labels(ROUNDS + 1)
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.2}"))
        .label_style(("sans-serif", 14))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for ((name, rounds), colour) in curves.iter().zip(COLOURS) {
        let at = |round: usize| (START + BATCH * round) as f64;
        let line = rounds.iter().enumerate().map(|(i, r)| (at(i), r[measure].0));
        let style = colour.stroke_width(2);
        chart
            .draw_series(LineSeries::new(line, style).point_size(3))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        chart.draw_series(rounds.iter().enumerate().map(|(i, r)| {
            let (mean, error) = r[measure];
            PathElement::new([(at(i), mean - error), (at(i), mean + error)], colour.stroke_width(1))
        }))?;
    }
    if legend {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font(("sans-serif", 13))
            .background_style(WHITE.mix(0.9))
            .border_style(RGBColor(200, 200, 200))
            .draw()?;
    }
    Ok(())
}
