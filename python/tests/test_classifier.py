"""Loading, labelling, explaining, and what is refused."""

from __future__ import annotations

import copy
import json
import math
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import bayan

LABELS = ["claim", "denial", "threat", "casualty_report"]
DENIAL = "ونفى المتحدث باسم الوزارة صحة هذه الأنباء."


def test_the_shipped_model_says_what_it_is(classifier: bayan.Classifier) -> None:
    assert classifier.labels == LABELS
    assert list(classifier.thresholds) == LABELS
    assert all(0 < threshold < 1 for threshold in classifier.thresholds.values())
    assert classifier.info["sentences"] > 10_000
    assert "denial" in repr(classifier) and str(classifier.info["sentences"]) in repr(classifier)
    assert bayan.__version__.count(".") == 2


def test_spans_are_string_indices_or_bytes(classifier: bayan.Classifier, article: str) -> None:
    text = "😀 " + article
    sentences = classifier.label(text)
    assert len(sentences) == len(classifier.label(article))
    assert [text[s.start : s.end] for s in sentences] == [s.text for s in sentences]
    raw = text.encode()
    by_bytes = classifier.label(text, offsets="bytes")
    assert [raw[s.start : s.end].decode() for s in by_bytes] == [s.text for s in sentences]
    assert [s[3:] for s in by_bytes] == [s[3:] for s in sentences]
    assert classifier.label("") == []


def test_labels_follow_from_probabilities_and_thresholds(classifier: bayan.Classifier, article: str) -> None:
    for sentence in classifier.label(article):
        assert list(sentence.probabilities) == LABELS
        given = [name for name, p in sentence.probabilities.items() if p >= classifier.thresholds[name]]
        assert sentence.labels == given
    [denial] = classifier.label(DENIAL)
    assert denial.labels == ["denial"] and denial.probabilities["denial"] > 0.9


def test_thresholds_can_be_replaced(classifier: bayan.Classifier) -> None:
    eager = classifier.with_thresholds({"threat": 0.0})
    assert eager.thresholds["threat"] == 0.0 and classifier.thresholds["threat"] > 0
    assert "threat" in eager.label(DENIAL)[0].labels
    with pytest.raises(bayan.BayanError, match='unknown label "x"; known labels are claim'):
        classifier.with_thresholds({"x": 0.5})
    with pytest.raises(bayan.BayanError, match="threshold 1.5 of claim; expected 0 to 1"):
        classifier.with_thresholds({"claim": 1.5})


def test_arrays_agree_with_sentences(classifier: bayan.Classifier, article: str) -> None:
    sentences = classifier.label(article)
    texts = [s.text for s in sentences]
    given, proba, odds = classifier.predict(texts), classifier.predict_proba(texts), classifier.log_odds(texts)
    assert given.dtype == bool and proba.dtype == np.float64
    assert given.shape == proba.shape == odds.shape == (len(texts), 4)
    assert proba.tolist() == [list(s.probabilities.values()) for s in sentences]
    assert [[n for n, g in zip(LABELS, row) if g] for row in given] == [s.labels for s in sentences]
    assert np.allclose(1 / (1 + np.exp(-odds)), proba)
    proba[0, 0] = 7.0  # the array is the caller's own
    assert classifier.predict_proba([]).shape == (0, 4)


def test_any_iterable_of_strings_will_do(classifier: bayan.Classifier, article: str) -> None:
    texts = article.splitlines() * 3
    expected = classifier.predict_proba(texts)
    many = [
        tuple(texts),
        iter(texts),
        np.array(texts),
        np.array(texts, dtype=object),
        pd.Series(texts),
        pd.Series(texts, dtype=object, index=range(7, 7 + len(texts))),
        pl.Series(texts),
        pa.array(texts),
        pa.chunked_array([texts[:5], texts[5:]]),
    ]
    for form in many:
        assert np.array_equal(classifier.predict_proba(form), expected), type(form)


def test_threads_change_nothing(classifier: bayan.Classifier, article: str) -> None:
    texts = [f"{line} {i}" for i in range(3000) for line in article.splitlines()[:6]]
    expected = classifier.predict_proba(texts, threads=1)
    for threads in [0, 2, 5]:
        assert np.array_equal(classifier.predict_proba(texts, threads=threads), expected)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda _: classifier.predict_proba(texts[:2000], threads=2), range(8)):
            assert np.array_equal(result, expected[:2000])


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("نص", TypeError, "texts is one str; expected a list"),
        (b"x", TypeError, "texts is one bytes"),
        (None, TypeError, "texts is None; expected a list"),
        (3, TypeError, "texts is of type int"),
        ({"a": 1}, TypeError, "texts is of type dict"),
        (["a", None], TypeError, r"texts\[1\] is None; expected a string"),
        (["a", b"b"], TypeError, r"texts\[1\] is of type bytes"),
        (["a", "\ud800"], ValueError, r"texts\[1\] is not valid Unicode"),
        (pd.Series(["a", 1]), TypeError, r"texts\[1\] is of type int"),
        (pd.Series(["a", None]), TypeError, r"texts\[1\] is null"),
        (np.array([["a"], ["b"]]), TypeError, r"texts\[0\] is of type ndarray"),
        (pa.array(["a", None]), TypeError, r"texts\[1\] is null"),
        (pa.array([1]), TypeError, "expected an array of strings, got one of Int64"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), TypeError, "a table of 2 columns; select the column"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(
    classifier: bayan.Classifier, texts: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        classifier.predict(texts)  # type: ignore[arg-type]


def test_other_arguments_are_checked(classifier: bayan.Classifier) -> None:
    with pytest.raises(TypeError):
        classifier.label(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="offsets is 'utf16'; expected 'str' or 'bytes'"):
        classifier.label("x", offsets="utf16")  # type: ignore[arg-type]
    for threads in [-1, 33]:
        with pytest.raises(ValueError, match=f"threads is {threads}; expected 0 to 32"):
            classifier.predict(["x"], threads=threads)


def test_explanations_add_up(classifier: bayan.Classifier, article: str) -> None:
    text = "😀 " + article
    explained = classifier.explain(text)
    assert [e[:4] for e in explained] == [s[:4] for s in classifier.label(text)]
    for sentence in explained[:4]:
        assert list(sentence.reasons) == LABELS
        for name, reasons in sentence.reasons.items():
            assert reasons.label == name and reasons.threshold == classifier.thresholds[name]
            total = reasons.intercept + math.fsum(e.contribution for e in reasons.evidence)
            assert total == pytest.approx(reasons.logit)
            assert (reasons.probability >= reasons.threshold) == (name in sentence.labels)
            for start, end, _ in reasons.words:
                assert sentence.start <= start < end <= sentence.end
                assert not any(c.isspace() for c in text[start:end])
    evidence = explained[0].reasons["denial"].evidence
    sizes = [abs(e.contribution) for e in evidence]
    assert sizes == sorted(sizes, reverse=True)
    spans = classifier.explain(text, offsets="bytes")[0].reasons["denial"].evidence[0].spans
    raw = text.encode()
    assert [raw[a:b].decode() for a, b in spans] == [text[a:b] for a, b in evidence[0].spans]


def test_a_classifier_can_be_stored(classifier: bayan.Classifier, tmp_path: Path) -> None:
    changed = classifier.with_thresholds({"claim": 0.125})
    path = tmp_path / "deep" / "model.safetensors"
    changed.save(path)
    copies = [
        bayan.load(path),
        bayan.load(str(path)),
        pickle.loads(pickle.dumps(changed)),
        copy.deepcopy(changed),
        bayan.Classifier.from_bytes(changed.to_bytes()),
    ]
    for other in copies:
        assert other.thresholds == changed.thresholds and other.to_bytes() == changed.to_bytes()
    assert path.read_bytes() == changed.to_bytes()


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing.safetensors: No such file"):
        bayan.load(tmp_path / "missing.safetensors")
    with pytest.raises(OSError, match=str(tmp_path)):
        bayan.load(tmp_path)
    (tmp_path / "m").write_bytes(b"nothing")
    with pytest.raises(bayan.BayanError, match="not a usable model"):
        bayan.load(tmp_path / "m")
    damaged = bytearray(bayan.load().to_bytes())
    damaged[-40] ^= 1
    with pytest.raises(ValueError, match="the checksum does not match"):
        bayan.Classifier.from_bytes(bytes(damaged))


def test_numpy_is_needed_only_for_arrays() -> None:
    program = """
import sys
sys.modules["numpy"] = None  # as if it were not installed
import bayan
classifier = bayan.load()
print(classifier.label("ونفى المتحدث باسم الوزارة صحة هذه الأنباء.")[0].labels)
try:
    classifier.predict(["x"])
except ImportError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[0] == "['denial']"
    assert "pip install numpy" in run.stdout.splitlines()[1]


def test_results_are_plain_data(classifier: bayan.Classifier) -> None:
    [sentence] = classifier.label(DENIAL)
    assert pickle.loads(pickle.dumps(sentence)) == sentence
    assert json.loads(json.dumps(sentence._asdict(), ensure_ascii=False))["labels"] == ["denial"]
