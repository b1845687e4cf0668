//! Compact weights: 16-bit fixed point, one scale for each label.
//!
//! Sums of fixed-point weights are exact in any order, so a fast path that adds them up token by token gives the
//! very same logits as a plain loop, on any machine and at any number of threads. The scale is a power of two,
//! and rounding moves a logit by less than the fourth decimal.

use std::borrow::Cow;

use crate::error::Error;

/// Weights of all labels, by column: the weights of column `j` are the numbers `j * labels..(j + 1) * labels`.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizedWeights {
    labels: usize,
    /// Little-endian, as they are stored: those of the shipped model are read where they lie.
    codes: Cow<'static, [u8]>,
    scales: Vec<f64>,
}

/// Bytes of a weight.
const WIDTH: usize = size_of::<i16>();

impl QuantizedWeights {
    /// Rounds `weights` (for each label one weight for each column) to fixed point.
    ///
    /// # Panics
    /// If there is no label, or labels differ in their number of columns.
    pub fn from_labels(weights: &[Vec<f64>]) -> Self {
        let labels = weights.len();
        let columns = weights[0].len();
        assert!(
            weights.iter().all(|w| w.len() == columns),
            "as many weights for each label"
        );
        let scales: Vec<f64> = weights.iter().map(|w| scale_for(w)).collect();
        let mut codes = vec![0i16; labels * columns];
        for (label, (weights, &scale)) in weights.iter().zip(&scales).enumerate() {
            for (column, &weight) in weights.iter().enumerate() {
                codes[column * labels + label] = libm::round(weight / scale) as i16;
            }
        }
        Self {
            labels,
            codes: to_bytes(codes).into(),
            scales,
        }
    }

    /// Takes fixed-point weights by column, and the scales of the labels.
    ///
    /// # Errors
    /// If their sizes do not fit together, or a scale is not positive and finite.
    pub fn from_parts(codes: impl IntoIterator<Item = i16>, scales: Vec<f64>) -> Result<Self, Error> {
        Self::from_le_bytes(to_bytes(codes), scales)
    }

    /// As [`QuantizedWeights::from_parts`], with weights as little-endian bytes.
    ///
    /// # Errors
    /// As [`QuantizedWeights::from_parts`].
    pub fn from_le_bytes(codes: impl Into<Cow<'static, [u8]>>, scales: Vec<f64>) -> Result<Self, Error> {
        let (codes, labels) = (codes.into(), scales.len());
        let fits = labels > 0 && codes.len().is_multiple_of(labels * WIDTH);
        if !fits || scales.iter().any(|s| !(s.is_finite() && *s > 0.0)) {
            return Err(Error::InvalidSetting(format!(
                "{} weights do not fit {labels} scales",
                codes.len() / WIDTH
            )));
        }
        Ok(Self { labels, codes, scales })
    }

    /// Number of labels.
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.codes.len() / (self.labels * WIDTH)
    }

    /// The fixed-point weights, by column, as little-endian bytes.
    pub fn as_le_bytes(&self) -> &[u8] {
        &self.codes
    }

    /// The value of one step of the fixed-point weights, by label.
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// The fixed-point weights of a column, one for each label.
    ///
    /// # Panics
    /// If `column` is out of range.
    #[inline]
    pub fn column(&self, column: u32) -> impl ExactSizeIterator<Item = i16> {
        let width = self.labels * WIDTH;
        let start = column as usize * width;
        let (codes, _) = self.codes[start..start + width].as_chunks();
        codes.iter().map(|&code| i16::from_le_bytes(code))
    }

    /// What gives the fixed-point weights of a column, then zeros; of more than `N` labels the first ones. It panics if
    /// the column is out of range.
    pub fn rows<const N: usize>(&self) -> impl Fn(u32) -> [i16; N] {
        // Of as many labels, a row is one read.
        let (codes, _) = self.codes.as_chunks();
        let (whole, _) = codes.as_chunks::<N>();
        let whole = if self.labels == N { whole } else { &[] };
        move |column| match whole.get(column as usize) {
            Some(codes) => codes.map(i16::from_le_bytes),
            None => self.padded(column),
        }
    }

    #[cold]
    #[inline(never)]
    fn padded<const N: usize>(&self, column: u32) -> [i16; N] {
        let mut row = [0; N];
        row.iter_mut()
            .zip(self.column(column))
            .for_each(|(to, code)| *to = code);
        row
    }

    /// The weight of a column for a label.
    ///
    /// # Panics
    /// If either is out of range.
    pub fn weight(&self, column: u32, label: usize) -> f64 {
        assert!(label < self.labels, "label {label} of {}", self.labels);
        let start = (column as usize * self.labels + label) * WIDTH;
        f64::from(i16::from_le_bytes([self.codes[start], self.codes[start + 1]])) * self.scales[label]
    }
}

fn to_bytes(codes: impl IntoIterator<Item = i16>) -> Vec<u8> {
    codes.into_iter().flat_map(i16::to_le_bytes).collect()
}

/// The smallest power of two at which the largest weight still fits into 16 bits.
fn scale_for(weights: &[f64]) -> f64 {
    let largest = weights.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    let mut scale = 1.0 / 4096.0;
    while largest / scale > f64::from(i16::MAX) {
        scale *= 2.0;
    }
    while largest > 0.0 && largest / (scale / 2.0) <= f64::from(i16::MAX) && scale > 1.0 / f64::from(1 << 24) {
        scale /= 2.0;
    }
    scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_error_is_below_half_a_step() {
        let weights = vec![vec![0.5, -3.25, 1e-5, 0.0], vec![100.0, -0.001, 7.0, 2.0]];
        let quantized = QuantizedWeights::from_labels(&weights);
        for (label, weights) in weights.iter().enumerate() {
            for (column, &weight) in weights.iter().enumerate() {
                let error = (quantized.weight(column as u32, label) - weight).abs();
                assert!(error <= quantized.scales()[label] / 2.0, "{weight} {error}");
            }
        }
        let again =
            QuantizedWeights::from_le_bytes(quantized.as_le_bytes().to_vec(), quantized.scales().to_vec()).unwrap();
        assert_eq!(again, quantized);
        let codes: Vec<i16> = (0..4).flat_map(|column| quantized.column(column)).collect();
        assert_eq!(
            QuantizedWeights::from_parts(codes, quantized.scales().to_vec()).unwrap(),
            quantized
        );
        assert_eq!((quantized.columns(), quantized.labels()), (4, 2));
        let [a, b] = quantized.rows()(1);
        assert_eq!(quantized.column(1).collect::<Vec<_>>(), [a, b]);
        assert_eq!((quantized.rows()(1), quantized.rows()(1)), ([a], [a, b, 0]));
    }
}
