//! Columns into a Parquet file.

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{ArrowError, Field, FieldRef, Schema, SchemaRef};
use arrow_select::take::take;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowWriter, encode_arrow_schema};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::builder::{Table, own_fields, unused};
use super::guard::fault;
use super::view_field;
use crate::error::{Error, Place};
use crate::label::LabelSchema;

/// A row group is closed when it takes this many bytes, or that many rows.
const ROW_GROUP_BYTES: usize = 32 << 20;
const ROW_GROUP_ROWS: usize = 1 << 20;
/// About how many bytes of repeated rows are handed to the encoder at once.
const SLICE_BYTES: usize = 8 << 20;
/// The most rows that are handed to the encoder at once.
const SLICE_ROWS: usize = 4096;
/// What is put before the name of a carried column that the output has, too.
const PREFIX: &str = "input_";

/// Writes records and the columns that they carry along.
pub struct ParquetWriter<W: Write + Send> {
    path: PathBuf,
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    renamed: Vec<(String, String)>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file; errors call it `path`. `labels`: `None` where only sentences are asked for; `carried`: the
    /// columns of the input, with the types that they have there.
    ///
    /// # Errors
    /// [`Error::Io`] if nothing can be written, [`Error::InvalidInput`] if a column has a type that Parquet does not know.
    pub fn new(out: W, path: &Path, labels: Option<&LabelSchema>, carried: Option<&Schema>) -> Result<Self, Error> {
        let mut stored: Vec<FieldRef> = own_fields(labels).into_iter().map(Arc::new).collect();
        let mut written = stored.clone();
        let mut renamed = Vec::new();
        for field in carried.into_iter().flat_map(Schema::fields) {
            let taken: Vec<&str> = stored.iter().map(|f| f.name().as_str()).collect();
            let name = unused(field.name(), PREFIX, &taken);
            if name != *field.name() {
                renamed.push((field.name().clone(), name.clone()));
            }
            stored.push(Arc::new(Field::clone(field).with_name(name).with_nullable(true)));
            written.extend(stored.last().map(view_field));
        }
        let schema = Arc::new(Schema::new(written));
        let described = KeyValue::new(
            ARROW_SCHEMA_META_KEY.to_owned(),
            encode_arrow_schema(&Schema::new(stored)),
        );
        let properties = WriterProperties::builder()
            .set_created_by(concat!("bayan version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_key_value_metadata(Some(vec![described]))
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, schema.clone(), options).map_err(|e| failed(path, e))?;
        Ok(Self {
            path: path.to_path_buf(),
            writer,
            schema,
            renamed,
        })
    }

    /// Carried columns that got another name, because the output has a column of theirs: old and new name.
    pub fn renamed(&self) -> &[(String, String)] {
        &self.renamed
    }

    /// Writes records. Carried rows are repeated here, in slices of bounded size.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be written, [`Error::InvalidInput`] if they do not fit into the file.
    pub fn write(&mut self, table: &Table) -> Result<(), Error> {
        for rows in slices(table) {
            let batch = self.slice(table, rows).map_err(|e| failed(&self.path, e.into()))?;
            self.writer.write(&batch).map_err(|e| failed(&self.path, e))?;
        }
        Ok(())
    }

    fn slice(&self, table: &Table, rows: Range<usize>) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = table.own.iter().map(|c| c.slice(rows.start, rows.len())).collect();
        let indices: UInt32Array = table.rows.slice(rows.start, rows.len());
        for column in table.carried.iter().flat_map(RecordBatch::columns) {
            columns.push(take(column, &indices, None)?);
        }
        RecordBatch::try_new(self.schema.clone(), columns)
    }

    /// Ends the file and hands the inner writer back.
    ///
    /// # Errors
    /// If the end cannot be written.
    pub fn finish(self) -> Result<W, Error> {
        self.writer.into_inner().map_err(|e| failed(&self.path, e))
    }
}

/// Cuts the records where the rows that they repeat would take too much memory.
fn slices(table: &Table) -> Vec<Range<usize>> {
    let carried = table.carried.as_ref();
    let size = |row: u32| -> usize {
        let columns = carried.into_iter().flat_map(RecordBatch::columns);
        columns.map(|c| row_bytes(c, row as usize)).sum()
    };
    let (mut slices, mut start, mut bytes) = (Vec::new(), 0, 0);
    let mut known: Option<(u32, usize)> = None;
    for (at, &row) in table.rows.values().iter().enumerate() {
        let this = known
            .filter(|&(r, _)| r == row)
            .map_or_else(|| size(row), |(_, size)| size);
        known = Some((row, this));
        if at > start && (bytes + this > SLICE_BYTES || at - start >= SLICE_ROWS) {
            slices.push(start..at);
            (start, bytes) = (at, 0);
        }
        bytes += this;
    }
    if start < table.rows.len() {
        slices.push(start..table.rows.len());
    }
    slices
}

/// What one row of a column takes when it is encoded.
fn row_bytes(column: &ArrayRef, row: usize) -> usize {
    use arrow_array::cast::AsArray;
    use arrow_schema::DataType;
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().value(row).len(),
        DataType::BinaryView => column.as_binary_view().value(row).len(),
        DataType::Dictionary(_, _) => {
            let values = column.as_any_dictionary().values();
            values.get_buffer_memory_size() / values.len().max(1)
        }
        kind if kind.is_primitive() => kind.primitive_width().unwrap_or_default(),
        _ => {
            let slice = column.slice(row, 1).to_data();
            slice.get_slice_memory_size().unwrap_or(SLICE_BYTES)
        }
    }
}

/// An error of the writer: of the file, or of columns that cannot be stored.
fn failed(path: &Path, error: ParquetError) -> Error {
    let reason = match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(source) => return Error::io(path)(*source),
            Err(other) => other.to_string(),
        },
        other => other.to_string(),
    };
    fault(
        &path.display().to_string(),
        Place::Whole,
        format!("cannot be stored as Parquet: {reason}"),
    )
}
