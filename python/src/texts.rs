//! Texts as Python has them.
//!
//! Enters: a list, tuple, NumPy array, Series or any other iterable of strings, or an Arrow array. Leaves: borrowed
//! strings, nothing copied, that threads may read while the interpreter lock is released. Must not know: labels.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pyo3::exceptions::{PyException, PyKeyboardInterrupt, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PySet, PyString};

use crate::capsule;

/// Texts, and what keeps them alive.
pub enum Texts {
    /// Python strings.
    Strings(Vec<PyBackedStr>),
    /// The chunks of an Arrow array.
    Arrow(Vec<ArrayRef>),
}

impl Texts {
    /// Takes the texts of `object`; `name` is what errors call it.
    ///
    /// # Errors
    /// `TypeError` for a bare string, for what is not iterable, and for an item that is not a string.
    pub fn new(object: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() {
            return Err(PyTypeError::new_err(format!(
                "{name} is one {}; expected a list or array of strings",
                object.get_type().name()?
            )));
        }
        if capsule::is_arrow(object)? {
            match capsule::import(object) {
                Ok(chunks) => return Ok(Self::Arrow(chunks)),
                // As pandas does without pyarrow, or with a column of several types. Iterating tells which item is wrong.
                // A data frame would give the names of its columns, so it has to be Arrow.
                Err(e) if e.is_instance_of::<PyException>(object.py()) && !object.hasattr("columns")? => {}
                Err(e) => return Err(e),
            }
        }
        let refused = || {
            let what = described(object);
            PyTypeError::new_err(format!("{name} is {what}; expected a list or array of strings"))
        };
        // These have no order, or would give their keys.
        if object.is_instance_of::<PyDict>() || object.is_instance_of::<PySet>() {
            return Err(refused());
        }
        let items = object.try_iter().map_err(|_| refused())?;
        let strings = items.enumerate().map(|(i, item)| string(&item?, name, i));
        strings.collect::<PyResult<_>>().map(Self::Strings)
    }

    /// Every text, with null as `None`.
    ///
    /// # Errors
    /// `TypeError` for an Arrow array of anything but strings.
    pub fn rows(&self) -> PyResult<Vec<Option<&str>>> {
        match self {
            Self::Strings(strings) => Ok(strings.iter().map(|s| Some(&**s)).collect()),
            Self::Arrow(chunks) => {
                let mut rows = Vec::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
                for chunk in chunks {
                    rows.extend(strings(chunk)?);
                }
                Ok(rows)
            }
        }
    }

    /// Every text.
    ///
    /// # Errors
    /// As [`Texts::rows`], and `TypeError` for a null.
    pub fn all(&self, name: &str) -> PyResult<Vec<&str>> {
        let rows = self.rows()?.into_iter().enumerate();
        rows.map(|(i, text)| {
            text.ok_or_else(|| PyTypeError::new_err(format!("{name}[{i}] is null; expected a string")))
        })
        .collect()
    }
}

fn string(item: &Bound<'_, PyAny>, name: &str, i: usize) -> PyResult<PyBackedStr> {
    let Ok(text) = item.cast::<PyString>() else {
        return Err(PyTypeError::new_err(format!(
            "{name}[{i}] is {}; expected a string",
            described(item)
        )));
    };
    unicode(text, &format!("{name}[{i}]"))
}

/// The UTF-8 of a string; `name` is what errors call it.
///
/// # Errors
/// `ValueError` for a lone surrogate, which is no Unicode text.
pub fn unicode(text: &Bound<'_, PyString>, name: &str) -> PyResult<PyBackedStr> {
    PyBackedStr::try_from(text.clone()).map_err(|e| {
        if e.is_instance_of::<PyKeyboardInterrupt>(text.py()) {
            return e;
        }
        PyValueError::new_err(format!("{name} is not valid Unicode: {}", e.value(text.py())))
    })
}

/// A value as an error names it: `None`, or its type.
fn described(object: &Bound<'_, PyAny>) -> String {
    if object.is_none() {
        return "None".into();
    }
    object
        .get_type()
        .name()
        .map_or_else(|_| "of an unknown type".into(), |name| format!("of type {name}"))
}

/// The strings of an Arrow array; a table of one column stands for the column.
///
/// # Errors
/// `TypeError` for an array of anything else.
fn strings(array: &ArrayRef) -> PyResult<Vec<Option<&str>>> {
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().iter().collect()),
        DataType::LargeUtf8 => Ok(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Ok(array.as_string_view().iter().collect()),
        DataType::Null => Ok(vec![None; array.len()]),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = strings(dictionary.values())?;
            if values.is_empty() {
                return Ok(vec![None; array.len()]);
            }
            let keys = dictionary.normalized_keys();
            let value = |i: usize| (!array.is_null(i)).then(|| values[keys[i]]).flatten();
            Ok((0..array.len()).map(value).collect())
        }
        DataType::Struct(fields) if fields.len() == 1 => {
            let values = strings(array.as_struct().column(0))?;
            let values = values.into_iter().enumerate();
            Ok(values.map(|(i, value)| value.filter(|_| array.is_valid(i))).collect())
        }
        DataType::Struct(fields) => Err(PyTypeError::new_err(format!(
            "expected one column of strings, got a table of {} columns; select the column of the texts",
            fields.len()
        ))),
        other => Err(PyTypeError::new_err(format!(
            "expected an array of strings, got one of {other}"
        ))),
    }
}
