//! The vector type that features hand to the linear model.

/// Non-zero values by ascending column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SparseVector {
    /// Columns, ascending, distinct.
    pub indices: Vec<u32>,
    /// Values, as many as columns.
    pub values: Vec<f32>,
}
