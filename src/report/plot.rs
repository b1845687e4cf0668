//! Plots as SVG, drawn by `plotters`.
//!
//! Each colour below has a rule in `templates/report/style.css` that replaces it in dark colour schemes and gives the
//! lines of one plot different dashes; so the plots need no colour to be told apart, and none that only fits one scheme.

use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::failed;
use crate::error::Error;

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(0x3D, 0x40, 0x4A);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(0xD8, 0xDA, 0xE0);
/// Lines to compare with: the diagonal, the model's threshold.
pub(super) const MARK: RGBColor = RGBColor(0x6B, 0x6F, 0x7B);
/// The lines of a plot.
pub(super) const SERIES: [RGBColor; 3] = [
    RGBColor(0x0B, 0x5C, 0xAD),
    RGBColor(0xA8, 0x3A, 0x00),
    RGBColor(0x6A, 0x2C, 0x91),
];

/// Units of the drawing for each pixel at its natural size: the backend knows only whole units.
const UNITS: u32 = 3;
/// Natural width in pixels.
pub(super) const WIDTH: u32 = 340;
/// Natural height in pixels.
pub(super) const HEIGHT: u32 = 260;
/// The size of the viewBox.
pub(super) const VIEW: (u32, u32) = (WIDTH * UNITS, HEIGHT * UNITS);
/// Pixels of text. The backend divides the size of a font by 1.24.
const TEXT: f64 = 12.5 * 1.24 * UNITS as f64;

/// Points of a plot, in the units of its axes.
pub(super) type Points = Vec<(f64, f64)>;

/// What is drawn.
pub(super) enum Layer {
    /// A line through points, ascending in x.
    Line(RGBColor, Points),
    /// Filled circles, each with its radius in pixels.
    Dots(RGBColor, Vec<((f64, f64), f64)>),
}

/// The axes of a plot; y goes from 0 to 1.
pub(super) struct Axes<'a> {
    pub x: Range<f64>,
    pub x_name: &'a str,
    pub y_name: &'a str,
    /// About how many labels stand below the x axis.
    pub x_labels: usize,
    /// What they say.
    pub x_label: &'a dyn Fn(&f64) -> String,
}

/// Draws a plot. Returns what stands inside the `svg` element, which has the viewBox [`VIEW`].
pub(super) fn draw(axes: &Axes<'_>, layers: Vec<Layer>) -> Result<String, Error> {
    let mut svg = String::new();
    draw_into(&mut svg, axes, layers)?;
    // The page writes the element itself, with its role, title and description.
    let inside = svg.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>"));
    inside
        .map(|(inside, _)| inside.trim().to_owned())
        .ok_or_else(|| failed("the plot is no SVG"))
}

fn draw_into(svg: &mut String, axes: &Axes<'_>, layers: Vec<Layer>) -> Result<(), Error> {
    let root = SVGBackend::with_string(svg, VIEW).into_drawing_area();
    let text = || ("sans-serif", TEXT).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&root)
        .margin(4 * UNITS)
        .margin_top(10 * UNITS)
        .margin_right(12 * UNITS)
        .x_label_area_size(46 * UNITS)
        .y_label_area_size(54 * UNITS)
        .build_cartesian_2d(axes.x.clone(), 0f64..1f64)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_labels(axes.x_labels)
        .y_labels(6)
        .max_light_lines(0)
        // Labels keep away from the axes, and from each other in the corner.
        .set_all_tick_mark_size(7 * UNITS)
        .bold_line_style(GRID.stroke_width(UNITS))
        .axis_style(INK.stroke_width(UNITS))
        .label_style(text())
        .axis_desc_style(text())
        .x_desc(axes.x_name)
        .y_desc(axes.y_name)
        .x_label_formatter(axes.x_label)
        .y_label_formatter(&tick)
        .draw()
        .map_err(failed)?;
    for layer in layers {
        draw_layer(&mut chart, layer, &axes.x)?;
    }
    root.present().map_err(failed)
}

type Chart<'a, 's> = ChartContext<'a, SVGBackend<'s>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

fn draw_layer(chart: &mut Chart<'_, '_>, layer: Layer, x: &Range<f64>) -> Result<(), Error> {
    match layer {
        Layer::Line(colour, points) => {
            let style = colour.stroke_width(2 * UNITS);
            chart.draw_series(LineSeries::new(thinned(points, x), style)).map(drop)
        }
        Layer::Dots(colour, dots) => {
            let circles = dots.into_iter().map(|(at, radius)| {
                let radius = libm::round(radius * f64::from(UNITS)) as i32;
                Circle::new(at, radius, colour.filled())
            });
            chart.draw_series(circles).map(drop)
        }
    }
    .map_err(failed)
}

/// A number on an axis from 0 to 1.
pub(super) fn tick(value: &f64) -> String {
    format!("{value:.1}")
}

/// The same line with fewer points: of those in one column of pixels only the first, lowest, highest and last (M4, Jugel
/// et al. 2014), so that it looks the same however many sentences there are.
fn thinned(points: Points, x: &Range<f64>) -> Points {
    let column = |point: &(f64, f64)| ((point.0 - x.start) / (x.end - x.start) * f64::from(WIDTH)) as i64;
    let mut out = Points::new();
    for group in points.chunk_by(|a, b| column(a) == column(b)) {
        let extreme = |i: usize, j: usize, up: bool| {
            if (group[j].1 > group[i].1) == up && group[j].1 != group[i].1 {
                j
            } else {
                i
            }
        };
        let mut kept = [
            0,
            (0..group.len()).fold(0, |i, j| extreme(i, j, false)),
            (0..group.len()).fold(0, |i, j| extreme(i, j, true)),
            group.len() - 1,
        ];
        kept.sort_unstable();
        let distinct = kept.chunk_by(|a, b| a == b).map(|same| group[same[0]]);
        out.extend(distinct);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_the_ends_and_the_extremes() {
        let points: Points = (0..=100_000)
            .map(|i| {
                (
                    f64::from(i) / 100_000.0,
                    if i == 51_234 { 1.0 } else { f64::from(i % 7) / 20.0 },
                )
            })
            .collect();
        let thin = thinned(points.clone(), &(0.0..1.0));
        assert!(thin.len() <= 4 * (WIDTH as usize + 1), "{}", thin.len());
        assert_eq!((thin[0], thin.last()), (points[0], points.last()));
        assert!(thin.contains(&points[51_234]));
        assert!(thin.is_sorted_by(|a, b| a.0 <= b.0));
        let few = vec![(0.0, 0.5), (0.5, 0.25), (1.0, 1.0)];
        assert_eq!(thinned(few.clone(), &(0.0..1.0)), few);
    }

    #[test]
    fn a_plot_has_its_axes_and_lines_and_only_colours_of_the_style_sheet() {
        let axes = Axes {
            x: 0.0..1.0,
            x_name: "recall",
            y_name: "precision",
            x_labels: 6,
            x_label: &tick,
        };
        let line = |colour| Layer::Line(colour, vec![(0.0, 0.5), (1.0, 1.0)]);
        let mut layers: Vec<Layer> = SERIES.into_iter().map(line).collect();
        layers.push(Layer::Line(MARK, vec![(0.5, 0.0), (0.5, 1.0)]));
        layers.push(Layer::Dots(SERIES[0], vec![((0.5, 0.5), 4.0)]));
        let svg = draw(&axes, layers).unwrap();
        for expected in ["recall", "precision", "0.2", "<polyline", "<circle"] {
            assert!(svg.contains(expected), "{expected} not in {svg}");
        }
        let style = include_str!("../../templates/report/style.css");
        for colour in svg.split("=\"#").skip(1).map(|rest| &rest[..6]) {
            assert!(style.contains(colour), "no rule for #{colour}");
        }
        for RGBColor(r, g, b) in SERIES.into_iter().chain([INK, GRID, MARK]) {
            assert!(style.contains(&format!("[stroke=\"#{r:02X}{g:02X}{b:02X}\"]")));
        }
    }
}
