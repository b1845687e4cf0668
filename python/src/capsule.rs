//! Arrow data across the border, without a copy: the Arrow PyCapsule interface.
//!
//! Enters: any Python object with `__arrow_c_array__` or `__arrow_c_stream__`. Leaves: arrays, and capsules for other
//! libraries. <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>
//!
//! The only unsafe code of bayan. Memory that another library owns cannot be taken over without trusting what its
//! capsule says of it; everything else (alignment, lengths, offsets, UTF-8) is checked on import.
#![allow(unsafe_code)]

use std::ffi::CStr;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::ffi_stream::{ArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{Array, ArrayRef, RecordBatchReader, StructArray, make_array};
use arrow_schema::{ArrowError, Schema};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use crate::border::{BayanError, from_arrow};

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";
const STREAM: &CStr = c"arrow_array_stream";

/// Whether `object` speaks Arrow.
pub fn is_arrow(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    Ok(object.hasattr(intern!(py, "__arrow_c_array__"))? || object.hasattr(intern!(py, "__arrow_c_stream__"))?)
}

/// The chunks of an Arrow array, chunked array, table or stream.
///
/// # Errors
/// `TypeError` if `object` does not speak Arrow; whatever its library raises while it exports; `BayanError` for offsets
/// out of range and for strings that are not UTF-8, which other libraries let pass.
pub fn import(object: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayRef>> {
    let arrays = import_unchecked(object)?;
    for array in &arrays {
        array.to_data().validate_full().map_err(from_arrow)?;
    }
    Ok(arrays)
}

/// The chunks as they come: what their strings hold must not be looked at yet.
fn import_unchecked(object: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayRef>> {
    let py = object.py();
    if object.hasattr(intern!(py, "__arrow_c_array__"))? {
        return import_array(object).map(|array| vec![array]);
    }
    if object.hasattr(intern!(py, "__arrow_c_stream__"))? {
        return import_stream(object);
    }
    Err(PyTypeError::new_err(format!(
        "expected an Arrow array (pyarrow, polars, pandas, DuckDB, …: an object with __arrow_c_array__ or \
         __arrow_c_stream__), got {}",
        object.get_type().name()?
    )))
}

fn import_array(object: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    let exported = object.call_method0(intern!(object.py(), "__arrow_c_array__"))?;
    let (schema, array): (Bound<'_, PyCapsule>, Bound<'_, PyCapsule>) = exported.extract()?;
    let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    // SAFETY: a capsule of this name holds an `ArrowArray` by the protocol, and it lives as long as `exported`. Its
    // content is moved out, and what stays behind is marked as released, as the protocol asks of the consumer.
    let array = unsafe { FFI_ArrowArray::from_raw(array.as_ptr()) };
    if array.is_released() {
        return Err(BayanError::new_err(
            "Arrow: the array has been taken over already, it is released",
        ));
    }
    // SAFETY: likewise an `ArrowSchema`; it is only read here, and its capsule releases it.
    let schema = unsafe { schema.as_ref() };
    // SAFETY: array and schema come from one export, so the one describes the other.
    let data = unsafe { from_ffi(array, schema) }.map_err(from_arrow)?;
    Ok(make_array(data))
}

fn import_stream(object: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayRef>> {
    let exported = object.call_method0(intern!(object.py(), "__arrow_c_stream__"))?;
    let capsule = exported.cast::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: a capsule of this name holds an `ArrowArrayStream` by the protocol, and it lives as long as `exported`. Its
    // content is moved out, and what stays behind is marked as released.
    let reader = unsafe { ArrayStreamReader::from_raw(stream.as_ptr()) }.map_err(from_arrow)?;
    reader.collect::<Result<_, ArrowError>>().map_err(from_arrow)
}

/// A schema as a capsule.
///
/// # Errors
/// If the schema has no form in the C interface.
pub fn export_schema<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema).map_err(from_arrow)?;
    PyCapsule::new_with_value(py, schema, SCHEMA)
}

/// A struct array as the capsules of its schema and its data.
///
/// # Errors
/// If the schema has no form in the C interface.
pub fn export_array<'py>(
    py: Python<'py>,
    array: StructArray,
) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
    let (array, schema) = to_ffi(&array.into_data()).map_err(from_arrow)?;
    Ok((
        PyCapsule::new_with_value(py, schema, SCHEMA)?,
        PyCapsule::new_with_value(py, array, ARRAY)?,
    ))
}

/// Record batches as a stream capsule.
///
/// # Errors
/// If there is no memory for the capsule.
pub fn export_stream(py: Python<'_>, reader: Box<dyn RecordBatchReader + Send>) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}
