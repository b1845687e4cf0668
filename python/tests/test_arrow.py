"""Arrow arrays in, Arrow tables out, by every library that speaks of it."""

from __future__ import annotations

import gc
import json
import subprocess
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import bayan

LABELS = ["claim", "denial", "threat", "casualty_report"]
ROWS = ["قتل ثلاثة جنود في الهجوم. ونفت الحركة ذلك.", None, "", "...", "وصل الوزير أمس."]


def expected_rows(classifier: bayan.Classifier, rows: list[str | None], offsets: str = "str") -> list[dict[str, object]]:
    out: list[dict[str, object]] = []
    for i, text in enumerate(rows):
        if text is None:
            nothing = dict.fromkeys(["sentence", "start", "end", "text", "labels", *LABELS])
            out.append({"row": i, **nothing})
            continue
        for number, s in enumerate(classifier.label(text, offsets=offsets)):  # type: ignore[arg-type]
            place = {"row": i, "sentence": number, "start": s.start, "end": s.end}
            out.append({**place, "text": s.text, "labels": s.labels, **s.probabilities})
    return out


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())])
def test_one_row_a_sentence(classifier: bayan.Classifier, kind: pa.DataType) -> None:
    array = pa.array(ROWS, pa.string()).cast(kind) if pa.types.is_dictionary(kind) else pa.array(ROWS, kind)
    for offsets in ["str", "bytes"]:
        table = pa.table(classifier.label_arrow(array, offsets=offsets))  # type: ignore[arg-type]
        assert table.to_pylist() == expected_rows(classifier, ROWS, offsets)
    assert table.num_rows == 4
    assert table.schema.field("row").type == pa.int64() and not table.schema.field("row").nullable
    assert table.schema.field("labels").type == pa.list_(pa.string())


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_one_row_a_text(classifier: bayan.Classifier, kind: pa.DataType) -> None:
    result = classifier.label_arrow(pa.array(ROWS, kind), segment=False)
    assert len(result) == len(ROWS) and result.column_names == ["labels", *LABELS]
    table = pa.table(result)
    texts = [text for text in ROWS if text is not None]
    proba = [p if p is None else list(p) for p in [*classifier.predict_proba(texts)]]
    proba.insert(1, [None] * 4)
    assert [[row[name] for name in LABELS] for row in table.to_pylist()] == proba
    given = classifier.predict(texts).tolist()
    names = [[name for name, has in zip(LABELS, row) if has] for row in given]
    assert table["labels"].to_pylist() == [names[0], None, *names[1:]]


def test_the_command_line_says_the_same(
    classifier: bayan.Classifier, article: str, bayan_program: list[str], tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"id": str(i), "text": article + f" {i}"}) + "\n" for i in range(3)))
    run = subprocess.run([*bayan_program, "label", str(tmp_path / "in.jsonl")], capture_output=True, check=True)
    printed = [json.loads(line) for line in run.stdout.decode().splitlines()]
    texts = pa.array([f"{article} {i}" for i in range(3)])
    for ours, theirs in zip(pa.table(classifier.label_arrow(texts, offsets="bytes")).to_pylist(), printed, strict=True):
        assert str(ours["row"]) == theirs["document"]
        assert {name: ours[name] for name in ["sentence", "start", "end", "text", "labels"]}.items() <= theirs.items()
        assert all(abs(ours[name] - p) <= 0.5e-4 + 1e-12 for name, p in theirs["probabilities"].items())


def test_slices_chunks_and_empty_arrays(classifier: bayan.Classifier) -> None:
    array = pa.array(ROWS * 2)
    expected = expected_rows(classifier, (ROWS * 2)[3:8])
    assert pa.table(classifier.label_arrow(array.slice(3, 5))).to_pylist() == expected
    chunked = pa.chunked_array([array.slice(3, 2), array.slice(5, 0), array.slice(5, 3)])
    assert pa.table(classifier.label_arrow(chunked)).to_pylist() == expected
    for nothing in [pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.array([], pa.null())]:
        result = classifier.label_arrow(nothing)
        assert len(result) == 0
        assert pa.table(result).column_names == result.column_names
        assert len(pa.array(classifier.label_arrow(nothing, segment=False))) == 0
    assert pa.table(classifier.label_arrow(pa.nulls(2))).num_rows == 2
    unused = pa.DictionaryArray.from_arrays(pa.array([None, None], pa.int8()), pa.array([], pa.string()))
    assert pa.table(classifier.label_arrow(unused))["row"].to_pylist() == [0, 1]


def test_a_large_table_comes_in_batches_and_as_one_array(classifier: bayan.Classifier, article: str) -> None:
    rows = [f"{article} {i}" for i in range(2000)]
    one, many = (classifier.label_arrow(pa.array(rows), threads=n) for n in (1, 3))
    table = pa.table(one)
    assert len(table["row"].chunks) > 1 and table == pa.table(many)
    array = pa.array(one)
    assert array.type == pa.struct(list(table.schema)) and len(array) == len(one) == table.num_rows
    assert pa.Table.from_struct_array(array).to_pylist() == table.to_pylist()
    assert pa.RecordBatch.from_struct_array(array).num_rows == len(one)
    assert pa.schema(one) == table.schema


def test_the_input_may_go_and_the_result_stay(classifier: bayan.Classifier) -> None:
    array = pa.array([text or "" for text in ROWS] * 1000)
    table = pa.table(classifier.label_arrow(array))
    expected = table.to_pylist()
    del array
    gc.collect()
    assert table.to_pylist() == expected
    result = classifier.label_arrow(pa.array(ROWS))
    assert pa.table(result) == pa.table(result), "a result can be exported more than once"


def test_polars(classifier: bayan.Classifier) -> None:
    frame = pl.DataFrame({"text": ROWS})
    result = pl.DataFrame(classifier.label_arrow(frame["text"]))
    assert result.to_dicts() == expected_rows(classifier, ROWS)
    assert pl.DataFrame(classifier.label_arrow(frame)).equals(result), "a table of one column stands for it"
    labels = frame.with_columns(label=pl.Series(classifier.label_arrow(frame["text"], segment=False)))
    assert labels["label"].struct.field("labels").to_list()[0] == ["denial", "casualty_report"]


def test_pandas(classifier: bayan.Classifier) -> None:
    for series in [pd.Series(ROWS), pd.Series(ROWS, dtype=object), pd.Series(ROWS, dtype="string[pyarrow]")]:
        table = pa.table(classifier.label_arrow(series))
        assert table.to_pylist() == expected_rows(classifier, ROWS)
    frame = table.to_pandas()
    assert frame["text"].tolist()[0] == "قتل ثلاثة جنود في الهجوم."
    assert np.isnan(frame["claim"][2])


def test_duckdb(classifier: bayan.Classifier) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE news AS SELECT unnest(?) AS text", [ROWS])
    labelled = classifier.label_arrow(connection.sql("SELECT text FROM news"))
    found = connection.sql("SELECT row, text FROM labelled WHERE list_contains(labels, 'denial')").fetchall()
    assert found == [(0, "ونفت الحركة ذلك.")]


def test_a_label_cannot_hide_a_column(annotated: tuple[list[str], list[list[str]], list[str]]) -> None:
    texts, labels, _ = annotated
    model = bayan.train(texts, [["text"] if "denial" in row else [] for row in labels], c_grid=[1.0], folds=2)
    with pytest.raises(bayan.BayanError, match='the model\'s label "text" has the name of another column'):
        model.label_arrow(pa.array(["x"]))
    assert model.label_arrow(pa.array(["x"]), segment=False).column_names == ["labels", "text"]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (["a"], "expected an Arrow array .* got list"),
        (pa.array([1.5]), "expected an array of strings, got one of Float64"),
        (pa.array([b"x"]), "expected an array of strings, got one of Binary"),
        (pa.table({"a": ["x"], "b": ["y"]}), "a table of 2 columns; select the column of the texts"),
    ],
)
def test_what_holds_no_texts_is_refused(classifier: bayan.Classifier, array: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        classifier.label_arrow(array)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_bytes_that_are_not_utf8_are_refused(classifier: bayan.Classifier, kind: pa.DataType) -> None:
    offsets = np.array([0, 2], np.int64 if kind == pa.large_string() else np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"\xd9\xff")]
    array = pa.Array.from_buffers(kind, 1, buffers)
    with pytest.raises(bayan.BayanError, match="(?i)utf"):
        classifier.label_arrow(array)
    with pytest.raises(bayan.BayanError, match="(?i)utf"):
        classifier.label_arrow(pa.chunked_array([array]))


def test_a_producer_that_fails_is_reported(classifier: bayan.Classifier) -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise OSError("the disk is gone")

    class Liar:
        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return ("no", "capsules")

    with pytest.raises(OSError, match="the disk is gone"):
        classifier.label_arrow(Broken())
    with pytest.raises(TypeError):
        classifier.label_arrow(Liar())  # type: ignore[arg-type]

    def batches():
        yield pa.record_batch({"text": ["x"]})
        raise ValueError("the second batch is broken")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"text": pa.string()}), batches())
    with pytest.raises(bayan.BayanError, match="the second batch is broken"):
        classifier.label_arrow(reader)


def test_a_consumed_stream_is_refused(classifier: bayan.Classifier) -> None:
    capsule = pa.chunked_array([ROWS]).__arrow_c_stream__()

    class Twice:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return capsule

    assert len(classifier.label_arrow(Twice())) == 4
    with pytest.raises(bayan.BayanError, match="already released"):
        classifier.label_arrow(Twice())

    pair = pa.array(ROWS).__arrow_c_array__()

    class TwiceArray:
        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return pair

    assert len(classifier.label_arrow(TwiceArray())) == 4
    with pytest.raises(bayan.BayanError, match="it is released"):
        classifier.label_arrow(TwiceArray())
