"""Labels record batches of pyarrow: the function that Spark, Ray Data, Daft and polars are given to run.

Enters: a batch with a column of texts, and the path of a model. Leaves: the same rows, or one row for each sentence, with
labels, probabilities, and an ``error`` for a row that could not be labelled. Must not know: which engine calls it.

The engines pickle only the arguments. The model stays out of them: :func:`classifier` loads it in the process that works,
once. Needs pyarrow and NumPy.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from os import PathLike, fspath
from typing import Any, Literal

import numpy as np
import pyarrow as pa

import bayan

__all__ = ["classifier", "label_array", "label_batch", "result_schema", "result_type"]

Columns = str | Sequence[str] | None

NULL = "the text is null"

_loading = threading.Lock()
_loaded: dict[str | None, bayan.Classifier] = {}


def classifier(model: str | PathLike[str] | None = None) -> bayan.Classifier:
    """The classifier of the model file at ``model`` (None: the Arabic news model of the package), loaded once in a process."""
    path = None if model is None else fspath(model)
    with _loading:
        if path not in _loaded:
            _loaded[path] = bayan.load(path)
        return _loaded[path]


def label_batch(
    batch: Any,
    text_col: str = "text",
    id_col: Columns = None,
    *,
    segment: bool = True,
    model: str | PathLike[str] | None = None,
    offsets: Literal["str", "bytes"] = "str",
    threads: int = 1,
) -> Any:
    """Label the texts of a column. A text that cannot be labelled gives a row with the reason; it stops nothing.

    Parameters
    ----------
    batch : pyarrow.RecordBatch or pyarrow.Table
        The rows.
    text_col
        The column of the texts: strings, or binary that holds UTF-8.
    id_col
        The column or columns to keep. None: all; of them, where texts are cut, all but the texts themselves.
    segment
        True: texts are cut into sentences, and the result has one row for each, none for a text without a sentence.
        False: a text counts as one sentence, and the result has exactly one row for each, in order.
    model
        Path of a model file, on the machine where this runs.
    offsets
        In what ``start`` and ``end`` are counted: characters (``str``) or bytes of UTF-8.
    threads
        How many threads work; 0 means one for each core. Engines that start a process for each core want 1.

    Returns
    -------
    pyarrow.Table
        The columns kept, then those of :func:`result_schema`.

    Raises
    ------
    ValueError
        If a column is missing, or has the name of a column of the result.
    TypeError
        If the texts are of another type.
    """
    kept = kept_columns(batch.schema.names, text_col, id_col, segment=segment)
    fields = result_schema(classifier(model).labels, segment=segment)
    check_names(kept, fields.names)
    schema = pa.schema([*(batch.schema.field(name) for name in kept), *fields])
    batches = batch.to_batches() if isinstance(batch, pa.Table) else [batch]
    tables = []
    for part in batches:
        rows, labelled = _label(part[text_col], segment=segment, model=model, offsets=offsets, threads=threads)
        carried = part.select(kept)
        arrays = (carried if rows is None else carried.take(rows)).columns
        tables.append(pa.table([*arrays, *labelled.columns], schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def label_array(
    texts: Any,
    *,
    segment: bool = True,
    model: str | PathLike[str] | None = None,
    offsets: Literal["str", "bytes"] = "str",
    threads: int = 1,
) -> Any:
    """Label an array of texts into an array of the same length, for engines whose functions make one column of another.

    ``texts`` is a ``pyarrow.Array``, other parameters as for :func:`label_batch`; the array is of :func:`result_type`.
    """
    rows, table = _label(texts, segment=segment, model=model, offsets=offsets, threads=threads)
    arrays = [column.combine_chunks() for column in table.columns]
    structs = pa.StructArray.from_arrays(arrays, fields=list(table.schema))
    if rows is None:
        return structs
    starts = np.searchsorted(rows.to_numpy(), np.arange(len(texts) + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), structs)


def _label(
    texts: Any, *, segment: bool, model: str | PathLike[str] | None, offsets: Literal["str", "bytes"], threads: int
) -> tuple[Any, Any]:
    """Labels an array. Gives the table of :func:`result_schema`, and for each of its rows the position of its text
    (int64 array; None if they are the same)."""
    found = classifier(model)

    def work(texts: Any) -> bayan.LabelTable:
        return found.label_arrow(texts, segment=segment, offsets=offsets, threads=threads)

    texts, reasons = _readable(texts)
    try:
        labelled = work(texts)
    except (bayan.BayanError, bayan.InternalError):
        failing = _failing(work, texts, 0)
        texts = _without(texts, failing)
        reasons |= failing
        labelled = work(texts)
    table = pa.table(labelled)
    rows = table["row"].combine_chunks() if segment else None
    table = table.drop_columns(["row"]) if segment else table
    return rows, table.append_column(pa.field("error", pa.string()), _errors(texts, reasons, rows))


def kept_columns(names: Sequence[str], text_col: str, id_col: Columns, *, segment: bool) -> list[str]:
    """Which of the columns ``names`` stay in the result.

    Raises
    ------
    ValueError
        If one that is asked for is missing or is there twice.
    """
    if id_col is None:
        kept = [name for name in names if not (segment and name == text_col)]
    else:
        kept = [id_col] if isinstance(id_col, str) else list(id_col)
    for name in dict.fromkeys([text_col, *kept]):
        if (count := list(names).count(name)) != 1:
            what = "no column" if count == 0 else f"{count} columns"
            raise ValueError(f"there is {what} {name!r}; the columns are {', '.join(map(repr, names))}")
    return kept


def result_schema(labels: Sequence[str], *, segment: bool) -> Any:
    """The columns that labelling adds: where texts are cut ``sentence`` (its number in the text, from 0), ``start``,
    ``end`` and ``text``; then ``labels`` (list of string), one double for each label, and ``error`` (null where all is well)."""
    places = [*((name, pa.int64()) for name in ("sentence", "start", "end")), ("text", pa.string())]
    fields = [("labels", pa.list_(pa.string())), *((label, pa.float64()) for label in labels), ("error", pa.string())]
    return pa.schema([*places, *fields] if segment else fields)


def result_type(labels: Sequence[str], *, segment: bool) -> Any:
    """The type of :func:`label_array`: a struct of the fields of :func:`result_schema`, where texts are cut a list of one
    for each sentence."""
    struct = pa.struct(list(result_schema(labels, segment=segment)))
    return pa.list_(struct) if segment else struct


def check_names(kept: Sequence[str], added: Sequence[str]) -> None:
    """Raises ``ValueError`` if two columns would have one name, upper and lower case alike as SQL has it."""
    seen: set[str] = set()
    for name in [*kept, *added]:
        if name.lower() in seen:
            raise ValueError(f"the result would have two columns {name!r}; rename yours, or leave it out by id_col")
        seen.add(name.lower())


def _readable(texts: Any) -> tuple[Any, dict[int, str]]:
    """The texts as strings that are valid UTF-8; others are null, with a reason for each. Spark and Parquet check nothing."""
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    kind = texts.type
    strings = (pa.types.is_string(kind), pa.types.is_large_string(kind), pa.types.is_string_view(kind))
    binary = (pa.types.is_binary(kind), pa.types.is_large_binary(kind), pa.types.is_binary_view(kind))
    if pa.types.is_null(kind):
        return texts, {}
    if not any(strings) and not any(binary):
        raise TypeError(f"the texts are of type {kind}; expected strings, or binary that holds UTF-8")
    try:
        if any(binary):
            return texts.cast(pa.large_string()), {}
        texts.validate(full=True)
        return texts, {}
    except pa.ArrowInvalid:
        values: list[str | None] = []
        reasons: dict[int, str] = {}
        for row, value in enumerate(texts.cast(pa.large_binary())):
            try:
                values.append(value.as_py().decode() if value.is_valid else None)
            except UnicodeDecodeError as error:
                values.append(None)
                reasons[row] = f"the text is not valid UTF-8: byte {error.start}: {error.reason}"
        return pa.array(values, pa.large_string()), reasons


def _failing(work: Any, texts: Any, first: int) -> dict[int, str]:
    """The rows that ``work`` cannot do, found by halving, and why."""
    try:
        work(texts)
        return {}
    except (bayan.BayanError, bayan.InternalError) as error:
        if len(texts) == 1:
            return {first: str(error)}
        half = len(texts) // 2
        return _failing(work, texts[:half], first) | _failing(work, texts[half:], first + half)


def _without(texts: Any, rows: dict[int, str]) -> Any:
    mask = np.zeros(len(texts), dtype=bool)
    mask[list(rows)] = True
    return pa.compute.if_else(pa.array(mask), pa.scalar(None, texts.type), texts)


def _errors(texts: Any, reasons: dict[int, str], rows: Any) -> Any:
    """The column ``error``."""
    if texts.null_count == 0:
        return pa.nulls(len(texts) if rows is None else len(rows), pa.string())
    by_row = np.full(len(texts), None, dtype=object)
    by_row[texts.is_null().to_numpy(zero_copy_only=False)] = NULL
    for row, reason in reasons.items():
        by_row[row] = reason
    errors = pa.array(by_row, pa.string())
    return errors if rows is None else errors.take(rows)
