//! What L-BFGS remembers, and the directions that it makes of it.
//!
//! J. Nocedal, "Updating quasi-Newton matrices with limited storage" (1980): the product of the gradient and an
//! approximation of the inverse Hessian, which starts at a diagonal and is corrected by the last steps and the changes of the
//! gradient along them. All in single precision: a direction is rough by design, and the solver judges it in double.

use std::collections::VecDeque;

use super::vector::inner;

/// How far back. More costs more vector operations in each iteration than it saves iterations.
const LENGTH: usize = 10;
/// Sums of so many products are in single precision; sums of these in double.
const BLOCK: usize = 256;

/// A step and the change of the gradient along it.
#[derive(Debug, Default)]
struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    /// Their inner product.
    product: f64,
}

/// The last steps.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The newest last.
    pairs: VecDeque<Pair>,
    direction: Vec<f32>,
}

impl History {
    /// Forgets everything; `false` if there was nothing.
    pub(super) fn clear(&mut self) -> bool {
        let some = !self.pairs.is_empty();
        self.pairs.clear();
        some
    }

    /// The direction at a point with this gradient.
    pub(super) fn direction(&mut self, gradient: &[f64]) -> &[f32] {
        let size = self.size() as f32;
        let q = &mut self.direction;
        q.clear();
        q.extend(gradient.iter().map(|&g| -g as f32));
        let mut factors = [0.0; LENGTH];
        let newest = self.pairs.len();
        let mut along = self.pairs.back().map_or(0.0, |pair| long_inner(&pair.step, q));
        for i in (0..newest).rev() {
            let pair = &self.pairs[i];
            factors[i] = along / pair.product;
            let next = i.checked_sub(1).map(|i| &self.pairs[i].step[..]);
            along = add_and_multiply(q, -factors[i], &pair.change, next);
        }
        q.iter_mut().for_each(|q| *q *= size);
        let mut along = self.pairs.front().map_or(0.0, |pair| long_inner(&pair.change, q));
        for (i, (pair, factor)) in self.pairs.iter().zip(factors).enumerate() {
            let next = self.pairs.get(i + 1).map(|pair| &pair.change[..]);
            along = add_and_multiply(q, factor - along / pair.product, &pair.step, next);
        }
        &self.direction
    }

    /// The inverse of the curvature along the last step: what the approximation starts at, times the identity.
    fn size(&self) -> f64 {
        let newest = self.pairs.back();
        newest.map_or(1.0, |pair| pair.product / long_inner(&pair.change, &pair.change))
    }

    /// Remembers that going `size` along the last direction changed the gradient from `before` to `after`.
    pub(super) fn remember(&mut self, size: f64, before: &[f64], after: &[f64]) {
        let mut pair = if self.pairs.len() == LENGTH {
            self.pairs.pop_front().unwrap_or_default()
        } else {
            Pair::default()
        };
        pair.step.clear();
        pair.step
            .extend(self.direction.iter().map(|&d| (size * f64::from(d)) as f32));
        pair.change.clear();
        pair.change
            .extend(after.iter().zip(before).map(|(a, b)| (a - b) as f32));
        pair.product = long_inner(&pair.step, &pair.change);
        if pair.product > 0.0 {
            self.pairs.push_back(pair);
        }
    }
}

fn long_inner(a: &[f32], b: &[f32]) -> f64 {
    let blocks = a.chunks(BLOCK).zip(b.chunks(BLOCK));
    blocks.map(|(a, b)| f64::from(inner(a, b))).sum()
}

/// Adds `factor * vector` to `q`; returns the inner product of the sum and `next`, or 0.
fn add_and_multiply(q: &mut [f32], factor: f64, vector: &[f32], next: Option<&[f32]>) -> f64 {
    let factor = factor as f32;
    let mut product = 0.0;
    for (block, (q, vector)) in q.chunks_mut(BLOCK).zip(vector.chunks(BLOCK)).enumerate() {
        q.iter_mut().zip(vector).for_each(|(q, v)| *q += factor * v);
        if let Some(next) = next {
            product += f64::from(inner(q, &next[block * BLOCK..][..q.len()]));
        }
    }
    product
}
