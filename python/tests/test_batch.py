"""The batch function that Spark, Ray Data, Daft and polars run; what it does inside of them is for the long tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import bayan
from bayan import batch
from bayan.batch import label_array, label_batch, result_schema, result_type

LABELS = ["claim", "denial", "threat", "casualty_report"]
PLACES = ["sentence", "start", "end", "text"]
TEXTS = ["قتل ثلاثة جنود. ونفت الحركة ذلك.", None, "", "...", "وصل الوزير أمس."]
STRINGS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary()]


def table_of(texts: pa.Array) -> pa.Table:
    return pa.table({"id": range(len(texts)), "text": texts, "source": [f"s{i}" for i in range(len(texts))]})


def not_utf8(values: list[bytes]) -> pa.Array:
    """An array of strings that are not, as Parquet files may hold."""
    raw = pa.array(values, pa.binary())
    return pa.StringArray.from_buffers(len(raw), raw.buffers()[1], raw.buffers()[2])


@pytest.mark.parametrize("kind", [*STRINGS, pa.dictionary(pa.int32(), pa.string())])
def test_a_row_for_each_sentence(classifier: bayan.Classifier, kind: pa.DataType) -> None:
    encoded = [t.encode() if t is not None and "binary" in str(kind) else t for t in TEXTS]
    texts = pa.array(TEXTS).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(encoded, kind)
    result = label_batch(table_of(texts))
    assert result.column_names == ["id", "source", *PLACES, "labels", *LABELS, "error"]
    expected = [(0, s) for s in classifier.label(TEXTS[0])] + [(4, s) for s in classifier.label(TEXTS[4])]
    rows = [row for row in result.to_pylist() if row["error"] is None]
    assert [(row["id"], row["source"], row["text"], row["start"], row["end"]) for row in rows] == [
        (i, f"s{i}", s.text, s.start, s.end) for i, s in expected
    ]
    assert [{name: row[name] for name in LABELS} for row in rows] == [s.probabilities for _, s in expected]
    [null] = [row for row in result.to_pylist() if row["error"] is not None]
    assert (null["id"], null["error"]) == (1, "the text is null")
    assert all(null[name] is None for name in [*PLACES, "labels", *LABELS])


def test_a_row_for_each_text(classifier: bayan.Classifier) -> None:
    result = label_batch(table_of(pa.array(TEXTS)), segment=False)
    assert result.column_names == ["id", "text", "source", "labels", *LABELS, "error"]
    assert result["id"].to_pylist() == list(range(5))
    assert result["error"].to_pylist() == [None, "the text is null", None, None, None]
    [given] = classifier.predict([TEXTS[0]]).tolist()
    assert result["labels"][0].as_py() == [name for name, has in zip(LABELS, given) if has]


def test_record_batches_chunks_and_nothing() -> None:
    table = table_of(pa.array(TEXTS))
    whole = label_batch(table)
    assert label_batch(pa.concat_tables([table.slice(0, 2), table.slice(2)])).equals(whole)
    [record_batch] = table.to_batches()
    assert label_batch(record_batch).equals(whole)
    for segment in (True, False):
        empty = label_batch(table.slice(0, 0), segment=segment)
        assert empty.num_rows == 0
        assert empty.schema == label_batch(table, segment=segment).schema
        assert empty.schema.names[-len(result_schema(LABELS, segment=segment)) :] == result_schema(LABELS, segment=segment).names


def test_an_array_for_an_array() -> None:
    texts = pa.array(["x", *TEXTS]).slice(1)
    lists = label_array(texts, offsets="bytes")
    assert lists.type == result_type(LABELS, segment=True) and lists.null_count == 0
    assert [len(sentences) for sentences in lists.to_pylist()] == [2, 1, 0, 0, 1]
    flat = label_batch(table_of(texts), id_col=[], offsets="bytes")
    assert [row for sentences in lists.to_pylist() for row in sentences] == flat.to_pylist()
    structs = label_array(texts, segment=False)
    assert structs.type == result_type(LABELS, segment=False)
    assert structs.to_pylist() == label_batch(table_of(texts), id_col=[], segment=False).to_pylist()
    assert len(label_array(pa.array([], pa.string()))) == 0


def test_a_text_that_is_not_utf8_has_a_reason() -> None:
    values = ["نفى ذلك.".encode(), b"\xd9\x82\xff", "وصل الوزير.".encode()]
    reason = "the text is not valid UTF-8: byte 2: invalid start byte"
    for texts in (not_utf8(values), pa.array(values, pa.binary())):
        result = label_batch(table_of(texts), id_col="id")
        assert result["error"].to_pylist() == [None, reason, None]
        assert result["text"].to_pylist() == ["نفى ذلك.", None, "وصل الوزير."]
        assert label_array(texts, segment=False).field("error").to_pylist() == [None, reason, None]


@pytest.mark.parametrize("error", [bayan.BayanError, bayan.InternalError])
def test_a_text_that_fails_has_a_reason_and_harms_no_other(
    classifier: bayan.Classifier, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    class Fails:
        labels = LABELS

        def label_arrow(self, texts: pa.Array, **settings: Any) -> bayan.LabelTable:
            for text in texts.to_pylist():
                if text in ("3", "8"):
                    raise error(f"fails on {text}")
            return classifier.label_arrow(texts, **settings)

    monkeypatch.setattr(batch, "classifier", lambda model=None: Fails())
    result = label_batch(pa.table({"text": [str(i) for i in range(11)]}), segment=False)
    assert result["error"].to_pylist() == [f"fails on {i}" if i in (3, 8) else None for i in range(11)]
    assert [labels is None for labels in result["labels"].to_pylist()] == [i in (3, 8) for i in range(11)]


def test_what_cannot_be_right_raises() -> None:
    table = table_of(pa.array(TEXTS))
    with pytest.raises(ValueError, match="there is no column 'body'; the columns are 'id', 'text', 'source'"):
        label_batch(table, "body")
    with pytest.raises(ValueError, match="there is no column 'url'"):
        label_batch(table, id_col=["id", "url"])
    with pytest.raises(ValueError, match="2 columns 'id'"):
        label_batch(table.append_column("id", table["id"]))
    with pytest.raises(ValueError, match="the result would have two columns 'threat'"):
        label_batch(table.append_column("Threat", table["id"]))
    with pytest.raises(ValueError, match="the result would have two columns 'text'"):
        label_batch(table, "source", ["text"])
    with pytest.raises(TypeError, match="the texts are of type int64; expected strings, or binary that holds UTF-8"):
        label_batch(table.drop_columns("text"), "id")
    with pytest.raises(FileNotFoundError, match="no-such-model"):
        label_batch(table, model="no-such-model")


def test_a_model_is_loaded_once(tmp_path: Path, classifier: bayan.Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.safetensors"
    classifier.save(path)
    loads: list[object] = []
    load = bayan.load
    monkeypatch.setattr(bayan, "load", lambda path=None: loads.append(path) or load(path))
    for model in (path, str(path)):
        for _ in range(3):
            label_batch(table_of(pa.array(TEXTS)), model=model)
    assert loads == [str(path)]
