//! L-BFGS (D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization", 1989), made for
//! linear models.
//!
//! Margins are linear in the parameters. So one pass over the rows gives the margins' change along a direction, and a
//! line search costs no further one, however many steps it tries; a second pass gives the gradient where it ends. Point,
//! margins, loss and gradient are in double precision, the direction (see [`super::history`]) in single.

use super::history::History;
use super::loss::LogisticLoss;
use super::solver::{FittedLogistic, fitted};
use super::vector::{inner, norm};

/// A step must bring this part of the decrease that the derivative at its start promises (Armijo), ...
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// ... and leave at most this part of the derivative (Wolfe).
const REMAINING_SLOPE: f64 = 0.1;
/// How many steps a line search tries at most: a bisection has then come down to rounding.
const MAX_TRIALS: usize = 60;
/// By how little the loss can differ, relatively, and still be rounding.
const ROUNDING: f64 = 1e-13;
/// After so many iterations in a row that do not lower the loss, floating point has no lower one to give.
const STALLED_ITERATIONS: u32 = 20;

/// Minimises the loss from `start` until the gradient's norm is at most `goal`.
pub(super) fn minimise(loss: &LogisticLoss<'_>, start: Vec<f64>, goal: f64, max_iterations: u64) -> FittedLogistic {
    let mut point = Point::new(loss, start);
    let mut history = History::default();
    let (mut iterations, mut lowest, mut stalled) = (0, point.value, 0);
    let reason = loop {
        if norm(&point.gradient) <= goal {
            break "gradient below the tolerance";
        }
        if iterations == max_iterations {
            break "maximum number of iterations";
        }
        if stalled == STALLED_ITERATIONS {
            break "the loss cannot be lowered further in floating point";
        }
        iterations += 1;
        let advanced = point.advance(loss, history.direction(&point.gradient));
        match advanced {
            Some((size, before)) => history.remember(size, &before, &point.gradient),
            None if history.clear() => {}
            None => break "no step lowers the loss in floating point",
        }
        stalled = if point.value < lowest { 0 } else { stalled + 1 };
        lowest = lowest.min(point.value);
    };
    let slope = norm(&point.gradient);
    fitted(point.parameters, iterations, slope, goal, point.value, reason.into())
}

/// Parameters, and what the loss is there.
struct Point {
    parameters: Vec<f64>,
    margins: Vec<f64>,
    gradient: Vec<f64>,
    value: f64,
}

impl Point {
    fn new(loss: &LogisticLoss<'_>, parameters: Vec<f64>) -> Self {
        let margins = loss.margins(&parameters);
        Self {
            gradient: loss.gradient_of(&parameters, &margins),
            value: loss.value_of(&parameters, &margins),
            parameters,
            margins,
        }
    }

    /// Goes along `direction`. Returns how far, and the gradient before; `None` if no step lowers the loss.
    fn advance(&mut self, loss: &LogisticLoss<'_>, direction: &[f32]) -> Option<(f64, Vec<f64>)> {
        let direction: Vec<f64> = direction.iter().map(|&s| f64::from(s)).collect();
        let line = Line::new(loss, self, &direction);
        let (size, value) = line.search()?;
        let along = line.along;
        for (w, s) in self.parameters.iter_mut().zip(&direction) {
            *w += size * s;
        }
        for (margin, a) in self.margins.iter_mut().zip(&along) {
            *margin += size * a;
        }
        self.value = value;
        let gradient = loss.gradient_of(&self.parameters, &self.margins);
        Some((size, std::mem::replace(&mut self.gradient, gradient)))
    }
}

/// The loss along a direction.
struct Line<'l, 'a> {
    loss: &'l LogisticLoss<'a>,
    point: &'l Point,
    /// By what each margin changes per unit of the direction.
    along: Vec<f64>,
    /// Squares of what is regularised, at a step t: `constant + 2 linear t + square t²`.
    constant: f64,
    linear: f64,
    square: f64,
    /// Derivative of the loss at 0.
    slope: f64,
}

impl<'l, 'a> Line<'l, 'a> {
    fn new(loss: &'l LogisticLoss<'a>, point: &'l Point, direction: &[f64]) -> Self {
        let regularised = loss.regularised();
        let (w, s) = (&point.parameters[..regularised], &direction[..regularised]);
        Self {
            along: loss.linear(direction),
            constant: inner(w, w),
            linear: inner(w, s),
            square: inner(s, s),
            slope: inner(&point.gradient, direction),
            loss,
            point,
        }
    }

    /// A step of sufficient decrease and small derivative, with the loss there, by bracketing and false position: the loss is
    /// convex, so the sign of the derivative tells on which side the minimum lies.
    fn search(&self) -> Option<(f64, f64)> {
        if self.slope.is_nan() || self.slope >= 0.0 {
            return None;
        }
        let (mut low, mut high) = ((0.0, self.slope), None);
        let mut size = 1.0;
        for _ in 0..MAX_TRIALS {
            let margins = self.margins(size);
            let slope = self.slope_at(size, &margins);
            if slope.abs() <= REMAINING_SLOPE * self.slope.abs() {
                let value = self.value_at(size, &margins);
                if self.is_enough(size, value) {
                    return Some((size, value));
                }
            }
            if slope < 0.0 {
                low = (size, slope);
            } else {
                high = Some((size, slope));
            }
            size = between(low, high);
        }
        None
    }

    fn is_enough(&self, size: f64, value: f64) -> bool {
        let before = self.point.value;
        value <= before + SUFFICIENT_DECREASE * size * self.slope || value <= before + ROUNDING * before.abs()
    }

    fn margins(&self, size: f64) -> Vec<f64> {
        let margins = self.point.margins.iter().zip(&self.along);
        margins.map(|(m, a)| m + size * a).collect()
    }

    /// The loss at a step of these margins.
    fn value_at(&self, size: f64, margins: &[f64]) -> f64 {
        let squares = self.constant + 2.0 * self.linear * size + self.square * size * size;
        self.loss.data_loss(margins) + self.loss.penalty(squares)
    }

    /// The derivative of the loss at a step of these margins.
    fn slope_at(&self, size: f64, margins: &[f64]) -> f64 {
        let residuals = self.loss.residuals(margins);
        let data: f64 = residuals.zip(&self.along).map(|(residual, a)| residual * a).sum();
        data + self.loss.penalty(2.0 * (self.linear + self.square * size))
    }
}

/// The step to try next, when the minimum lies above one step and perhaps below another, each with its derivative: where the
/// line through the derivatives is zero, kept off the ends.
fn between(low: (f64, f64), high: Option<(f64, f64)>) -> f64 {
    let Some(high) = high else {
        return if low.0 > 0.0 { 2.0 * low.0 } else { 1.0 };
    };
    let width = high.0 - low.0;
    let root = low.0 + width * low.1 / (low.1 - high.1);
    if root.is_finite() {
        root.clamp(low.0 + 0.1 * width, high.0 - 0.1 * width)
    } else {
        low.0 + 0.5 * width
    }
}
