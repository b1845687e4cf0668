//! Rows of a Parquet file, a few at a time.

use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::guard::{fault, guarded};
use super::pages::PageLimit;
use super::view_field;
use crate::error::{Error, Place};
use crate::io::batch::{Batch, InputRecord};
use crate::io::chunks::{BATCH_BYTES, MAX_LINE_BYTES};
use crate::io::options::InputOptions;
use crate::io::tabular::{DEFAULT_ID, known};

/// How many rows are decoded at once.
const ROWS: usize = 1024;

/// An open Parquet file.
pub(in crate::io) struct ParquetRows {
    reader: ParquetRecordBatchReader,
    columns: ColumnPlan,
    decoded: Option<Decoded>,
    /// Number of the next row to be decoded.
    row: usize,
}

/// Which columns are read, as positions among those that are read.
struct ColumnPlan {
    text: usize,
    id: Option<usize>,
    /// The columns that are carried along.
    carried: Vec<usize>,
    /// Names of the carried columns and the types that they have in the file; `None` if nothing is to be carried.
    schema: Option<SchemaRef>,
}

/// Rows that have been decoded and not all handed out.
struct Decoded {
    texts: StringViewArray,
    ids: Option<StringViewArray>,
    carried: Option<RecordBatch>,
    /// Number of the first row in the file.
    first: usize,
    /// How many have been handed out.
    done: usize,
}

impl ParquetRows {
    /// Reads the end of the file and finds the columns.
    pub(in crate::io) fn open(name: &str, file: File, options: &InputOptions) -> Result<Self, Error> {
        let stored = guarded(name, Place::Whole, || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        })?;
        let schema = stored.schema().clone();
        let (columns, roots) = ColumnPlan::new(name, &schema, options)?;
        let reader = guarded(name, Place::Whole, || {
            let views: Schema = Schema::new(schema.fields().iter().map(view_field).collect::<Vec<_>>());
            let options = ArrowReaderOptions::new().with_schema(Arc::new(views));
            let metadata = ArrowReaderMetadata::try_new(stored.metadata().clone(), options)?;
            let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
            let file = PageLimit::new(file, metadata.metadata())?;
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_projection(mask)
                .with_batch_size(ROWS)
                .build()
        })?;
        Ok(Self {
            reader,
            columns,
            decoded: None,
            row: 0,
        })
    }

    /// Names and types of the columns that are carried along.
    pub(in crate::io) fn carried(&self) -> Option<SchemaRef> {
        self.columns.schema.clone()
    }

    /// The next rows, at most about [`BATCH_BYTES`] of text.
    pub(in crate::io) fn next_batch(&mut self, name: &str) -> Result<Option<Batch>, Error> {
        loop {
            if let Some(decoded) = self.decoded.as_mut().filter(|d| d.done < d.texts.len()) {
                return decoded.batch(name).map(Some);
            }
            let place = Place::Row(self.row);
            let reader = &mut self.reader;
            let next = guarded(name, place, || reader.next().transpose())?;
            let Some(batch) = next else { return Ok(None) };
            let columns = &self.columns;
            let decoded = guarded(name, place, || columns.decode(&batch, self.row))?;
            self.row += batch.num_rows();
            self.decoded = Some(decoded);
        }
    }
}

impl ColumnPlan {
    /// The plan, and the columns of the file that are to be read.
    fn new(name: &str, schema: &Schema, options: &InputOptions) -> Result<(Self, Vec<usize>), Error> {
        let find = |wanted: &str| schema.fields().iter().position(|f| f.name() == wanted);
        let missing = |wanted: &str| {
            let names = known(schema.fields().iter().map(|f| f.name()));
            fault(name, Place::Whole, format!("no column {wanted:?}{names}"))
        };
        let wrong = |at: usize, expected: &str| {
            let field = schema.field(at);
            let reason = format!(
                "column {:?} holds {}, expected {expected}",
                field.name(),
                field.data_type()
            );
            fault(name, Place::Whole, reason)
        };
        let kind = |at: usize| schema.field(at).data_type();
        let text = find(&options.text_field).ok_or_else(|| missing(&options.text_field))?;
        if !is_text(kind(text)) {
            return Err(wrong(text, "text"));
        }
        let id = match &options.id_field {
            Some(field) => Some(find(field).ok_or_else(|| missing(field))?),
            None => find(DEFAULT_ID).filter(|&at| is_id(kind(at))),
        };
        if let Some(at) = id.filter(|&at| !is_id(kind(at))) {
            return Err(wrong(at, "text or numbers"));
        }
        let mut roots: Vec<usize> = if options.carry {
            (0..schema.fields().len()).collect()
        } else {
            [Some(text), id].into_iter().flatten().collect()
        };
        roots.sort_unstable();
        roots.dedup();
        let position = |at: usize| roots.binary_search(&at).expect("a column that is read");
        let carried: Vec<usize> = roots.iter().copied().filter(|&at| at != text).map(position).collect();
        let plan = Self {
            text: position(text),
            id: id.map(position),
            schema: options.carry.then(|| {
                let fields = carried.iter().map(|&at| schema.fields()[roots[at]].clone());
                Arc::new(Schema::new(fields.collect::<Vec<_>>()))
            }),
            carried,
        };
        Ok((plan, roots))
    }

    fn decode(&self, batch: &RecordBatch, first: usize) -> Result<Decoded, ArrowError> {
        let view = |column: &ArrayRef| Ok::<_, ArrowError>(cast(column, &DataType::Utf8View)?.as_string_view().clone());
        let carried = self
            .schema
            .is_some()
            .then(|| batch.project(&self.carried))
            .transpose()?;
        Ok(Decoded {
            texts: view(batch.column(self.text))?,
            ids: self.id.map(|id| view(batch.column(id))).transpose()?,
            carried,
            first,
            done: 0,
        })
    }
}

impl Decoded {
    /// The next rows. The rows before one that is at fault are handed out first.
    fn batch(&mut self, name: &str) -> Result<Batch, Error> {
        let (from, mut bytes) = (self.done, 0);
        let mut records = Vec::new();
        while self.done < self.texts.len() && bytes < BATCH_BYTES {
            let (at, row) = (self.done, self.first + self.done);
            let text = self.texts.is_valid(at).then(|| self.texts.value(at));
            let size = text.map_or(0, str::len);
            if size > MAX_LINE_BYTES {
                if records.is_empty() {
                    let reason = format!("a text longer than {} MiB", MAX_LINE_BYTES >> 20);
                    return Err(fault(name, Place::Row(row), reason));
                }
                break;
            }
            let id = self
                .ids
                .as_ref()
                .filter(|ids| ids.is_valid(at))
                .map(|ids| ids.value(at));
            records.push(InputRecord {
                id: id.map_or_else(|| format!("{name}:{row}"), str::to_owned),
                text: text.map(str::to_owned),
            });
            bytes += size + id.map_or(0, str::len);
            self.done += 1;
        }
        let rows = self.carried.as_ref().map(|rows| rows.slice(from, self.done - from));
        Ok(Batch::Records { records, rows })
    }
}

/// Whether a column of this type can hold the text.
fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Whether a column of this type can name the rows.
fn is_id(kind: &DataType) -> bool {
    is_text(kind) || kind.is_numeric()
}
