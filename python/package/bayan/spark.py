"""Labels the texts of a Spark DataFrame on all machines of a cluster; needs PySpark 3.3 or later.

Enters: a DataFrame. Leaves: a DataFrame, lazily, as Spark's own functions do. The work is that of :mod:`bayan.batch`, in
Spark's Python workers: the model is loaded once in each, from a path, and is never part of what Spark ships with a task.

>>> from bayan.spark import label
>>> label(spark.read.parquet("news"), text_col="body", id_col="url").write.parquet("labelled")  # doctest: +SKIP

docs/spark.md in bayan's repository tells how to bring the package to a cluster, and how large a cluster to take.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import DataFrame, functions
from pyspark.sql.types import ArrayType, DoubleType, LongType, StringType, StructField, StructType

from bayan import BayanError, batch
from bayan.batch import Columns, check_names, classifier, kept_columns

if TYPE_CHECKING:
    from pyspark.sql import Column

__all__ = ["label"]

Method = Literal["auto", "arrow_udf", "mapInArrow"]

RESULT = "_bayan"


def label(
    df: DataFrame,
    text_col: str = "text",
    id_col: Columns = None,
    segment: bool = True,
    *,
    model: str | os.PathLike[str] | None = None,
    offsets: Literal["str", "bytes"] = "str",
    method: Method = "auto",
) -> DataFrame:
    """Label the texts of a column.

    Parameters
    ----------
    df
        The rows.
    text_col, id_col, offsets
        As for :func:`bayan.batch.label_batch`.
    segment
        True: texts are cut into sentences, and the result has one row for each, none for a text without a sentence.
        False: a text counts as one sentence, and the result has exactly one row for each.
    model
        Path of a model file that the driver and every worker can read, or the name of one that
        ``SparkContext.addFile`` distributed. None: the Arabic news model of the package.
    method
        By which of Spark's functions the workers are called: ``arrow_udf`` (PySpark 4.1 and later; columns that are kept
        never leave the JVM) or ``mapInArrow`` (3.3 and later). ``auto`` takes the first that this PySpark has.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns kept, then those of :func:`bayan.batch.result_schema`. A text that is null, or is not UTF-8, has one
        row: nulls, and the reason in ``error``, which is null in all others.

    Raises
    ------
    ValueError
        If a column is missing, or has the name of a column of the result.
    TypeError
        If the texts are of another type.
    """
    chosen = _method(df, method)
    kept = kept_columns(df.columns, text_col, id_col, segment=segment)
    kind = df.schema[text_col].dataType.typeName()
    if kind not in ("string", "varchar", "char", "binary"):
        raise TypeError(f"the column {text_col!r} is of type {kind}; expected string, or binary that holds UTF-8")
    name = None if model is None else os.fspath(model)
    labels = classifier(_path(name)).labels
    fields = _fields(labels, segment)
    check_names(kept, [field.name for field in fields])
    settings = {"segment": segment, "model": name, "offsets": offsets}
    if chosen == "mapInArrow":
        columns = list(dict.fromkeys([*kept, text_col]))
        schema = StructType([*(df.schema[name] for name in kept), *fields])
        work = batches_function(labels, columns, text_col, kept, settings)
        # mapInArrow of PySpark does not find columns with a dot in their names, so they go numbered.
        return df.select(*(_column(name).alias(f"c{i}") for i, name in enumerate(columns))).mapInArrow(work, schema)
    result: Any = StructType(fields)
    arrow_udf: Any = vars(functions)["arrow_udf"]
    found = arrow_udf(array_function(labels, settings), ArrayType(result) if segment else result)(_column(text_col))
    carried = [_column(name) for name in kept]
    if segment:
        return df.select(*carried, functions.inline(found))
    labelled = df.select(*carried, found.alias(RESULT))
    return labelled.select(*carried, *(functions.col(f"{RESULT}.{_quoted(f.name)}") for f in fields))


def batches_function(
    labels: Sequence[str], columns: list[str], text_col: str, kept: list[str], settings: dict[str, Any]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does by ``mapInArrow``. ``labels``: those that the driver has; ``columns``: the names of a batch's."""

    def label_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        local = _local(labels, settings)
        for numbered in batches:
            named = pa.RecordBatch.from_arrays(numbered.columns, names=columns)
            yield from batch.label_batch(named, text_col, kept, **local).to_batches()

    return label_batches


def array_function(labels: Sequence[str], settings: dict[str, Any]) -> Callable[[pa.Array], pa.Array]:
    """What a worker does by ``arrow_udf``: texts to structs, or to lists of a struct for each sentence."""

    def label_texts(texts: pa.Array) -> pa.Array:
        return batch.label_array(texts, **_local(labels, settings))

    return label_texts


def _local(labels: Sequence[str], settings: dict[str, Any]) -> dict[str, Any]:
    """The settings as this worker needs them, after a check that it has the driver's model."""
    path = _path(settings["model"])
    if (own := classifier(path).labels) != labels:
        raise BayanError(f"the driver's model has the labels {labels}, this worker's has {own}: they are not one model")
    return {**settings, "model": path}


def _path(model: str | None) -> str | None:
    """Where the model is on this machine."""
    if model is None or os.path.exists(model):
        return model
    try:
        shipped = SparkFiles.get(model)
    except Exception:  # There is no SparkContext here, as with Spark Connect.
        return model
    return shipped if os.path.exists(shipped) else model


def _method(df: DataFrame, method: str) -> str:
    has = {"arrow_udf": hasattr(functions, "arrow_udf"), "mapInArrow": hasattr(df, "mapInArrow")}
    if method not in (*has, "auto"):
        raise ValueError(f"method is {method!r}; expected 'auto', 'arrow_udf' or 'mapInArrow'")
    for name, there in has.items():
        if there and method in (name, "auto"):
            return name
    needed = {"arrow_udf": "4.1", "mapInArrow": "3.3", "auto": "3.3"}[method]
    raise RuntimeError(f"this PySpark is too old for method {method!r}, which needs {needed}")


def _fields(labels: Sequence[str], segment: bool) -> list[StructField]:
    """:func:`bayan.batch.result_schema` in Spark's types."""
    places = [*(StructField(name, LongType()) for name in ("sentence", "start", "end")), StructField("text", StringType())]
    fields = [
        StructField("labels", ArrayType(StringType())),
        *(StructField(label, DoubleType()) for label in labels),
        StructField("error", StringType()),
    ]
    return [*places, *fields] if segment else fields


def _column(name: str) -> Column:
    return functions.col(_quoted(name))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
