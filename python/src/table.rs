//! Labels as Arrow columns.
//!
//! Enters: texts of an Arrow array. Leaves: a [`LabelTable`], which other libraries take over without a copy.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator, StructArray};
use arrow_data::ArrayData;
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use bayan::classifier::Stop;
use bayan::document::CharOffsets;
use bayan::{Classifier, Error, LabelSet, Labeller, LabellerPool, Span, segment};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::border::{BayanError, from_arrow, guard};
use crate::capsule;
use crate::sentences::Offsets;
use crate::work::by_blocks;

/// Columns before the labels where texts are cut into sentences.
const PLACE_COLUMNS: [&str; 4] = ["row", "sentence", "start", "end"];

/// A table of labelled sentences or texts, in Arrow's memory format.
///
/// Give it to any library that speaks the Arrow PyCapsule interface: ``pyarrow.table(t)``, ``polars.DataFrame(t)``,
/// ``duckdb.sql("FROM t")``, ``pandas.DataFrame.from_arrow(t)``; ``pyarrow.array(t)`` gives one struct array.
/// Nothing is copied, except by ``pyarrow.array`` where the table has more than one chunk.
#[pyclass(frozen, module = "bayan")]
pub struct LabelTable {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl LabelTable {
    /// All batches as one.
    fn whole(&self) -> Result<StructArray, ArrowError> {
        let arrays: Vec<ArrayData> = match self.batches.as_slice() {
            [] => return Ok(StructArray::from(RecordBatch::new_empty(self.schema.clone()))),
            [batch] => return Ok(StructArray::from(batch.clone())),
            batches => batches
                .iter()
                .map(|batch| StructArray::from(batch.clone()).into_data())
                .collect(),
        };
        let mut whole = MutableArrayData::new(arrays.iter().collect(), false, self.__len__());
        for (i, array) in arrays.iter().enumerate() {
            whole.try_extend(i, 0, array.len())?;
        }
        Ok(StructArray::from(whole.freeze()))
    }
}

#[pymethods]
impl LabelTable {
    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn __repr__(&self) -> String {
        format!(
            "<bayan.LabelTable: {} rows of {}>",
            self.__len__(),
            self.column_names().join(", ")
        )
    }

    /// The schema, as a capsule ``arrow_schema``.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        guard(|| capsule::export_schema(py, &self.schema))
    }

    /// The table as one struct array, as capsules ``arrow_schema`` and ``arrow_array``. ``requested_schema`` is not
    /// heeded, as the protocol allows.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema;
        guard(|| {
            let whole = py.detach(|| self.whole()).map_err(from_arrow)?;
            capsule::export_array(py, whole)
        })
    }

    /// The table as a stream of record batches, as a capsule ``arrow_array_stream``. ``requested_schema`` is not
    /// heeded, as the protocol allows.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        guard(|| {
            let batches = self.batches.clone().into_iter().map(Ok::<_, ArrowError>);
            capsule::export_stream(py, Box::new(RecordBatchIterator::new(batches, self.schema.clone())))
        })
    }
}

/// Labels `rows`: as they are (`offsets` is `None`), or cut into sentences with spans in `offsets`.
pub fn label(
    py: Python<'_>,
    pool: &LabellerPool,
    rows: &[Option<&str>],
    offsets: Option<Offsets>,
    threads: usize,
) -> PyResult<LabelTable> {
    let classifier = pool.classifier();
    let schema = schema(classifier, offsets.is_some())?;
    let batches = by_blocks(py, pool, rows, threads, |labeller, block, stop| {
        let mut columns = Columns::new(
            classifier,
            rows[block.clone()].iter().flatten().map(|text| text.len()).sum(),
        );
        for i in block {
            if stop.is_asked() {
                return Err(Error::Interrupted);
            }
            match (rows[i], offsets) {
                (Some(text), Some(offsets)) => columns.push_sentences(labeller, i, text, offsets, stop)?,
                (Some(text), None) => columns.push_labels(Some(labeller.label(text))),
                (None, Some(_)) => columns.push_null(i),
                (None, None) => columns.push_labels(None),
            }
        }
        columns.finish(&schema, offsets.is_some())
    })?;
    Ok(LabelTable { schema, batches })
}

fn schema(classifier: &Classifier, segmented: bool) -> PyResult<SchemaRef> {
    let mut fields = Vec::new();
    if segmented {
        fields.push(Field::new(PLACE_COLUMNS[0], DataType::Int64, false));
        fields.extend(
            PLACE_COLUMNS[1..]
                .iter()
                .map(|&name| Field::new(name, DataType::Int64, true)),
        );
        fields.push(Field::new("text", DataType::Utf8, true));
    }
    let item = Field::new("item", DataType::Utf8, true);
    fields.push(Field::new("labels", DataType::List(Arc::new(item)), true));
    for label in classifier.schema().names() {
        if fields.iter().any(|field| field.name() == label) {
            return Err(BayanError::new_err(format!(
                "the model's label {label:?} has the name of another column"
            )));
        }
        fields.push(Field::new(label, DataType::Float64, true));
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// The columns of one record batch under way.
struct Columns<'c> {
    classifier: &'c Classifier,
    places: [Int64Builder; PLACE_COLUMNS.len()],
    text: StringBuilder,
    /// Bytes of text that can still be held: Arrow counts them in 32 bits.
    room: usize,
    labels: ListBuilder<StringBuilder>,
    probabilities: Vec<Float64Builder>,
}

impl<'c> Columns<'c> {
    /// `bytes`: how much text is expected.
    fn new(classifier: &'c Classifier, bytes: usize) -> Self {
        Self {
            classifier,
            places: Default::default(),
            text: StringBuilder::with_capacity(0, bytes),
            room: i32::MAX as usize,
            labels: ListBuilder::new(StringBuilder::new()),
            probabilities: classifier
                .schema()
                .names()
                .iter()
                .map(|_| Float64Builder::new())
                .collect(),
        }
    }

    fn push_sentences(
        &mut self,
        labeller: &mut Labeller<'_>,
        row: usize,
        text: &str,
        offsets: Offsets,
        stop: &Stop,
    ) -> Result<(), Error> {
        let mut chars = CharOffsets::new(text);
        for (number, sentence) in segment(text).enumerate() {
            if stop.is_asked() {
                return Err(Error::Interrupted);
            }
            self.room = self.room.checked_sub(sentence.text.len()).ok_or_else(|| {
                Error::InvalidSetting(format!(
                    "the text of row {row} is larger than 2 GiB, the most that a column holds"
                ))
            })?;
            let Span { start, end } = match offsets {
                Offsets::Str => chars.span(sentence.span),
                Offsets::Bytes => sentence.span,
            };
            for (place, value) in self.places.iter_mut().zip([row, number, start, end]) {
                place.append_value(value as i64);
            }
            self.text.append_value(sentence.text);
            self.push_labels(Some(labeller.label(sentence.text)));
        }
        Ok(())
    }

    /// A row that holds nothing but its number, for a text that is null.
    fn push_null(&mut self, row: usize) {
        self.places[0].append_value(row as i64);
        self.places[1..].iter_mut().for_each(Int64Builder::append_null);
        self.text.append_null();
        self.push_labels(None);
    }

    fn push_labels(&mut self, prediction: Option<(LabelSet, &[f64])>) {
        if let Some((labels, probabilities)) = prediction {
            for name in self.classifier.schema().names_of(labels) {
                self.labels.values().append_value(name);
            }
            let columns = self.probabilities.iter_mut().zip(probabilities);
            columns.for_each(|(column, &p)| column.append_value(p));
        } else {
            self.probabilities.iter_mut().for_each(Float64Builder::append_null);
        }
        self.labels.append(prediction.is_some());
    }

    fn finish(mut self, schema: &SchemaRef, segmented: bool) -> Result<RecordBatch, Error> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        if segmented {
            arrays.extend(self.places.iter_mut().map(|place| Arc::new(place.finish()) as ArrayRef));
            arrays.push(Arc::new(self.text.finish()));
        }
        arrays.push(Arc::new(self.labels.finish()));
        arrays.extend(self.probabilities.iter_mut().map(|p| Arc::new(p.finish()) as ArrayRef));
        RecordBatch::try_new(schema.clone(), arrays).map_err(|e| Error::InvalidSetting(e.to_string()))
    }
}
