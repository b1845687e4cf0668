//! The matrix that is fitted.

use crate::features::{CountMatrix, FeatureSpace};
use crate::linear::CsrMatrix;

/// The vectors of all rows of `counts`. Where they are additive over terms, the matrix knows it: passes over it then cost the
/// distinct terms and the rows' terms, instead of the rows' features.
pub(super) fn design_matrix(space: &FeatureSpace, counts: &CountMatrix) -> CsrMatrix {
    let rows = 0..counts.rows.len();
    let matrix = CsrMatrix::from_rows(rows.clone().map(|row| space.vector(counts, row)), space.columns());
    if !space.is_additive() {
        return matrix;
    }
    let terms = (0..counts.terms.len()).map(|term| space.term_vector(counts, term));
    let by_term = rows.map(|row| space.vector_by_term(counts, row));
    matrix.with_parts(
        CsrMatrix::from_rows(terms, space.columns()),
        CsrMatrix::from_rows(by_term, space.columns() + counts.terms.len()),
    )
}
