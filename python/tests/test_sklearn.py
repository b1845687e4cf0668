"""The scikit-learn estimator on texts."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks, get_tags

import bayan
from bayan.sklearn import BayanClassifier

Annotated = tuple[list[str], list[list[str]], list[str]]
FAST = {"c_grid": (1.0,), "folds": 2}
NAMES = ["casualty", "denial"]


@pytest.fixture(scope="module")
def indicators(annotated: Annotated) -> tuple[list[str], np.ndarray]:
    texts, labels, _ = annotated
    return texts, np.array([[int(name in row) for name in NAMES] for row in labels])


@pytest.fixture(scope="module")
def classes(annotated: Annotated) -> tuple[list[str], np.ndarray]:
    """One of three classes for each text."""
    texts, labels, _ = annotated
    rows = [(text, row[0] if row else "none") for text, row in zip(texts, labels) if len(row) < 2]
    return [text for text, _ in rows], np.array([label for _, label in rows])


@pytest.mark.parametrize(
    "check",
    [
        "check_do_not_raise_errors_in_init_or_set_params",
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_estimator_tags_renamed",
        "check_get_params_invariance",
        "check_mixin_order",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_set_params",
        "check_valid_tag_types",
    ],
)
def test_the_checks_of_scikit_learn_that_need_no_input(check: str) -> None:
    getattr(estimator_checks, check)("BayanClassifier", BayanClassifier())


def test_the_tags_are_honest() -> None:
    tags = get_tags(BayanClassifier())
    assert tags.input_tags.string and tags.input_tags.one_d_array and not tags.input_tags.two_d_array
    assert tags.classifier_tags.multi_label and tags.classifier_tags.multi_class
    assert tags.target_tags.required and tags.requires_fit and not tags.non_deterministic


def test_an_indicator_matrix(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    model = BayanClassifier(**FAST)
    assert model.fit(texts, y) is model
    assert model.classes_.tolist() == [0, 1]
    predicted, proba = model.predict(texts), model.predict_proba(texts)
    assert predicted.shape == y.shape and predicted.dtype == int and set(np.unique(predicted)) <= {0, 1}
    assert f1_score(y, predicted, average="macro") > 0.95
    assert np.allclose(1 / (1 + np.exp(-model.decision_function(texts))), proba)
    thresholds = list(model.classifier_.thresholds.values())
    assert np.array_equal(predicted, proba >= thresholds)
    assert model.score(texts, y) == (predicted == y).all(axis=1).mean()
    # The same classifier as from the same texts with lists of labels.
    named = [[str(i) for i in np.flatnonzero(row)] for row in y]
    assert bayan.train(texts, named, c_grid=[1.0], folds=2).to_bytes() == model.classifier_.to_bytes()


def test_a_frame_names_the_labels_and_a_sparse_matrix_will_do(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    framed = BayanClassifier(**FAST).fit(texts, pd.DataFrame(y, columns=NAMES))
    assert framed.classes_.tolist() == NAMES and framed.classifier_.labels == NAMES
    assert np.array_equal(framed.predict(texts), BayanClassifier(**FAST).fit(texts, y).predict(texts))
    sparse = BayanClassifier(**FAST).fit(texts, scipy.sparse.csr_array(y))
    assert np.array_equal(sparse.predict_proba(texts), framed.predict_proba(texts))


def test_two_classes(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    target = np.where(y[:, 1], "yes", "no")
    model = BayanClassifier(**FAST).fit(texts, target)
    assert model.classes_.tolist() == ["no", "yes"] and model.classifier_.labels == ["yes"]
    proba, odds, predicted = model.predict_proba(texts), model.decision_function(texts), model.predict(texts)
    assert proba.shape == (len(texts), 2) and odds.shape == (len(texts),)
    assert np.allclose(proba.sum(axis=1), 1)
    assert np.array_equal(predicted == "yes", odds > 0) and np.array_equal(predicted == "yes", proba[:, 1] > 0.5)
    assert model.score(texts, target) > 0.95


def test_three_classes(classes: tuple[list[str], np.ndarray]) -> None:
    texts, y = classes
    model = BayanClassifier(**FAST).fit(texts, y)
    assert model.classes_.tolist() == ["casualty", "denial", "none"]
    proba, odds = model.predict_proba(texts), model.decision_function(texts)
    assert proba.shape == odds.shape == (len(texts), 3)
    assert np.allclose(proba.sum(axis=1), 1)
    assert np.array_equal(model.predict(texts), model.classes_[odds.argmax(axis=1)])
    assert model.score(texts, y) > 0.95


def test_any_form_of_texts(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    expected = BayanClassifier(**FAST).fit(texts, y).predict_proba(texts)
    forms = [np.array(texts), np.array(texts, dtype=object), pd.Series(texts, index=range(5, 5 + len(texts))), tuple(texts)]
    for form in forms:
        model = BayanClassifier(**FAST).fit(form, y)
        assert np.array_equal(model.predict_proba(form), expected), type(form)
    assert np.array_equal(BayanClassifier(**FAST).fit(iter(texts), y.tolist()).predict_proba(iter(texts)), expected)


def test_what_is_refused(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    model = BayanClassifier(**FAST)
    for method in [model.predict, model.predict_proba, model.decision_function]:
        with pytest.raises(NotFittedError):
            method(texts)
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        model.fit(texts, None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(texts, y[:-1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(texts, y, groups=[1, 2])
    with pytest.raises(ValueError, match="y has only one class"):
        model.fit(texts, np.zeros(len(texts)))
    with pytest.raises(ValueError, match="Unknown label type"):
        model.fit(texts, np.linspace(0, 1, len(texts)))
    with pytest.raises(bayan.BayanError, match="invalid setting: .*norm"):
        BayanClassifier(**FAST, norm="l3").fit(texts, y)
    with pytest.raises(ValueError, match="n_jobs is 0"):
        BayanClassifier(**FAST, n_jobs=0).fit(texts, y)
    with pytest.raises(TypeError, match=r"texts\[1\] is None"):
        model.fit([texts[0], None, *texts[2:]], y)
    with pytest.raises(TypeError, match="texts is one str"):
        model.fit("x" * len(texts), y)
    model.fit(texts, y)
    with pytest.raises(TypeError, match="texts is one str"):
        model.predict("نص")
    with pytest.raises(TypeError, match=r"texts\[0\] is None"):
        model.predict([None])
    with pytest.raises(TypeError, match=r"texts\[0\] is of type ndarray"):
        model.predict(np.array([["a", "b"]]))


def test_n_jobs_changes_nothing(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    models = [BayanClassifier(**FAST, n_jobs=n).fit(texts, y).classifier_.to_bytes() for n in (None, 2, -1)]
    assert models[0] == models[1] == models[2]


def test_groups_reach_the_inner_folds(annotated: Annotated, indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    groups = annotated[2]
    model = BayanClassifier(**FAST).fit(texts, y, groups=groups)
    assert model.classifier_.info["groups"] == len(set(groups))


def test_pickle_clone_and_pipeline(indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    model = BayanClassifier(**FAST).fit(texts, y)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(texts), model.predict_proba(texts))
    assert again.get_params() == model.get_params()
    fresh = clone(model)
    assert not hasattr(fresh, "classifier_") and fresh.get_params() == model.get_params()
    shout = FunctionTransformer(lambda texts: [text + " !" for text in texts])
    pipeline = Pipeline([("shout", shout), ("classify", BayanClassifier(**FAST))])
    assert f1_score(y, pipeline.fit(texts, y).predict(texts), average="macro") > 0.95


def test_model_selection(annotated: Annotated, indicators: tuple[list[str], np.ndarray]) -> None:
    texts, y = indicators
    scores = cross_val_score(BayanClassifier(**FAST), texts, y, cv=GroupKFold(2), groups=annotated[2], scoring="f1_macro")
    assert scores.shape == (2,) and scores.min() > 0.9
    folds = StratifiedKFold(2, shuffle=True, random_state=0)
    grid = {"min_df": np.array([1, 2]), "char_ngrams": [None, (2, 4)]}
    search = GridSearchCV(BayanClassifier(**FAST), grid, cv=folds, scoring="average_precision", error_score="raise")
    search.fit(texts, y[:, 0])
    assert set(search.best_params_) == set(grid) and search.best_score_ > 0.9
    assert search.predict(texts).shape == (len(texts),)
