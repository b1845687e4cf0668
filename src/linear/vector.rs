//! Inner products, added up in lanes that the processor works on side by side; always in the same order.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};

const LANES: usize = 8;

/// The inner product of vectors of equal length, in their own precision.
pub(super) fn inner<T>(a: &[T], b: &[T]) -> T
where
    T: Copy + Default + Add<Output = T> + AddAssign + Mul<Output = T> + Sum,
{
    let mut lanes = [T::default(); LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: T = a.remainder().iter().zip(b.remainder()).map(|(&a, &b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.into_iter().sum::<T>() + rest
}

/// The Euclidean norm.
pub(super) fn norm(vector: &[f64]) -> f64 {
    inner(vector, vector).sqrt()
}
