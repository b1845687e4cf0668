//! Parquet: rows in, rows out, as columns of Arrow.
//!
//! Strings and bytes are read as views, nested ones too: a value that many rows share stays one value in memory, and
//! a row that is repeated for each of its sentences costs a reference. Files that are written name the types that the
//! columns had before.

mod builder;
mod guard;
mod pages;
mod read;
mod write;

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef};

pub use builder::Table;
pub(super) use builder::TableBuilder;
pub(super) use read::ParquetRows;
pub use write::ParquetWriter;

/// The type that a column is read as.
fn view_type(stored: &DataType) -> DataType {
    let view = |field: &FieldRef| view_field(field);
    match stored {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::List(item) => DataType::List(view(item)),
        DataType::LargeList(item) => DataType::LargeList(view(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(view(item), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(view).collect()),
        DataType::Map(entries, sorted) => DataType::Map(view(entries), *sorted),
        other => other.clone(),
    }
}

fn view_field(field: &FieldRef) -> FieldRef {
    Arc::new(Field::clone(field).with_data_type(view_type(field.data_type())))
}
