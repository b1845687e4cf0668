"""Training from lists: the same as the command line's."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import bayan

Annotated = tuple[list[str], list[list[str]], list[str]]
FAST = {"c_grid": [1.0], "folds": 2}


def test_a_trained_model_knows_its_data(annotated: Annotated) -> None:
    texts, labels, groups = annotated
    model = bayan.train(texts, labels, groups=groups, **FAST)
    assert model.labels == ["casualty", "denial"]
    assert model.info["sentences"] == len(texts) and model.info["groups"] == len(set(groups))
    predicted = model.predict(texts).tolist()
    truth = [[name in row for name in model.labels] for row in labels]
    assert sum(p == t for p, t in zip(predicted, truth)) > 0.95 * len(truth)
    # The two are found together although each has a model of its own.
    assert model.label("ونفى القائد مقتل عشرة وإصابة آخرين في المطار")[0].labels == ["casualty", "denial"]


def test_order_form_and_threads_change_nothing(annotated: Annotated) -> None:
    texts, labels, groups = annotated
    model = bayan.train(texts, labels, groups=groups, **FAST, threads=1).to_bytes()
    order = list(range(len(texts)))
    random.Random(5).shuffle(order)
    shuffled = [[column[i] for i in order] for column in annotated]
    again = bayan.train(pd.Series(shuffled[0]), shuffled[1], groups=pd.Series(shuffled[2]), **FAST, threads=3)
    assert again.to_bytes() == model
    assert bayan.train(texts, labels, groups=groups, **FAST, min_df=5).to_bytes() != model


def test_the_settings_reach_the_model(annotated: Annotated, tmp_path: Path) -> None:
    texts, labels, groups = annotated
    model = bayan.train(
        texts,
        labels,
        groups=groups,
        label_names=["denial", "casualty"],
        stemmer="none",
        char_ngrams=None,
        class_weight="balanced",
        prevalence={"denial": 0.05},
        c_grid=[0.3, 3.0],
        folds=3,
        seed=9,
    )
    assert model.labels == ["denial", "casualty"]
    assert (model.info["folds"], model.info["seed"]) == (3, 9)
    assert [fit["prevalence"] for fit in model.info["fits"]] == [0.05, None]
    assert all(fit["params"]["c"] in (0.3, 3.0) for fit in model.info["fits"])
    assert all(fit["params"]["class_weight"] == "balanced" for fit in model.info["fits"])
    kinds = {e.kind for e in model.explain(texts[0])[0].reasons["denial"].evidence}
    assert kinds == {"word", "bigram"}
    assert bayan.train(texts, labels, **FAST, class_weight=2).info["fits"][0]["params"]["class_weight"] == {"positive": 2.0}


def test_without_groups_equal_texts_stay_together(annotated: Annotated) -> None:
    texts, labels, _ = annotated
    model = bayan.train(texts * 2, labels * 2, **FAST)
    assert model.info["groups"] == len(set(texts)) and model.info["sentences"] == 2 * len(texts)


def test_fits_that_do_not_converge_are_reported(annotated: Annotated) -> None:
    texts, labels, groups = annotated
    with pytest.warns(bayan.ConvergenceWarning, match="(casualty|denial), C = 1, .*: stopped before it converged"):
        bayan.train(texts, labels, groups=groups, **FAST, max_iterations=1)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"texts": ["a", " "], "labels": [["x"], []]}, bayan.BayanError, r"texts\[1\]: the text is empty"),
        ({"texts": ["a", None]}, TypeError, r"texts\[1\] is None"),
        ({"labels": [["x"]]}, ValueError, "got 1 labels for 288 texts"),
        ({"groups": ["x"]}, ValueError, "got 1 groups for 288 texts"),
        ({"labels": ["denial"] * 288}, TypeError, r"labels\[0\] is 'denial'; expected a list of label names"),
        ({"labels": [[1]] * 288}, TypeError, r"labels\[0\] is \[1\]; expected a list of label names"),
        ({"labels": [None] * 288}, TypeError, r"labels\[0\] is None; expected a list"),
        ({"label_names": ["casualty"]}, bayan.BayanError, 'unknown label "denial"; known labels are casualty'),
        ({"label_names": ["a", "a"]}, bayan.BayanError, 'label "a" occurs twice'),
        ({"folds": 1}, bayan.BayanError, "1 folds; expected at least 2"),
        ({"folds": 500}, bayan.BayanError, "groups .* cannot make 500 folds"),
        ({"folds": "many"}, TypeError, "folds is 'many': "),
        ({"norm": "l3"}, bayan.BayanError, "norm: unknown variant `l3`, expected one of `none`, `l2`, `sqrt-length`"),
        ({"class_weight": "heavy"}, ValueError, "class_weight: unknown variant `heavy`"),
        ({"class_weight": -1}, bayan.BayanError, "class weight is -1"),
        ({"stemmer": "klingon"}, bayan.BayanError, 'unknown stemmer language "klingon"'),
        ({"char_ngrams": (3, 2)}, bayan.BayanError, "character n-grams of 3 to 2"),
        ({"c_grid": []}, bayan.BayanError, "no regularisation strength"),
        ({"c_grid": [0.0]}, bayan.BayanError, "C is 0; expected a positive number"),
        ({"prevalence": {"x": 0.1}}, bayan.BayanError, 'unknown label "x"'),
        ({"labels": [[]] * 288}, bayan.BayanError, "expected 1 to 64 labels, got 0"),
        ({"labels": [["x"]] * 288}, bayan.BayanError, "label x, without fold 0: .* are positive; expected some of both"),
        ({"threads": 99}, ValueError, "threads is 99"),
    ],
)
def test_bad_arguments_are_refused(
    annotated: Annotated, change: dict[str, object], error: type[Exception], message: str
) -> None:
    arguments: dict[str, object] = {"texts": annotated[0], "labels": annotated[1], **FAST, **change}
    with pytest.raises(error, match=message):
        bayan.train(**arguments)  # type: ignore[arg-type]


def test_the_command_line_makes_the_same_model(annotated: Annotated, tmp_path: Path, bayan_program: list[str]) -> None:
    rows = zip(*annotated)
    lines = [
        json.dumps({"id": str(i), "text": text, "labels": labels, "topic": group})
        for i, (text, labels, group) in enumerate(rows)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    model = tmp_path / "m.safetensors"
    arguments = ["train", str(tmp_path / "a.jsonl"), "--output", str(model), "--folds", "2", "--c", "1", "--quiet"]
    subprocess.run([*bayan_program, *arguments], check=True, capture_output=True)
    texts, labels, groups = annotated
    assert bayan.train(texts, labels, groups=groups, **FAST).to_bytes() == model.read_bytes()
