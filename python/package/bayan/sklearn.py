"""bayan as a scikit-learn estimator; needs scikit-learn 1.6 or later.

>>> from bayan.sklearn import BayanClassifier
>>> from sklearn.model_selection import cross_val_score
>>> cross_val_score(BayanClassifier(), texts, y, scoring="f1_macro")  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import assert_all_finite, check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted

from bayan.training import train

__all__ = ["BayanClassifier"]


class BayanClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One-vs-rest logistic regression on stems, stem bigrams and character n-grams of texts, calibrated.

    ``X`` is a list, array or Series of strings, each taken as one sentence. ``y`` is an indicator matrix (one column for
    each label; a row may have several or none), or one class for each text.

    Every fit cross-validates by itself: it chooses the regularisation strength of each label, calibrates the
    probabilities and chooses thresholds on out-of-fold scores.

    Parameters
    ----------
    stemmer, words, bigrams, char_ngrams, punctuation, min_df, idf, term_frequency, norm, c_grid, criterion, \
class_weight, log_count_ratio, solver, tolerance, max_iterations, prune, folds, seed
        As for :func:`bayan.train`.
    prevalence : dict, optional
        As for :func:`bayan.train`; the keys are the names of the labels as strings.
    n_jobs : int, optional
        How many threads work; None means 1, -1 one for each core. The result does not depend on it.

    Attributes
    ----------
    classes_ : ndarray
        For one class a text: the classes, sorted. For an indicator matrix: the column names of a data frame, else
        0, 1, ….
    classifier_ : bayan.Classifier
        The fitted classifier, to be saved, or to label whole articles.
    """

    def __init__(
        self,
        *,
        stemmer: str = "arabic",
        words: bool = True,
        bigrams: bool = True,
        char_ngrams: tuple[int, int] | None = (2, 5),
        punctuation: bool = False,
        min_df: int = 2,
        idf: bool = True,
        term_frequency: str = "count",
        norm: str = "sqrt-length",
        c_grid: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0, 3.0),
        criterion: str = "log-loss",
        class_weight: str | float | None = None,
        log_count_ratio: float | None = 1.0,
        solver: str = "lbfgs",
        tolerance: float = 1e-5,
        max_iterations: int = 2000,
        prevalence: dict[str, float] | None = None,
        prune: float = 0.0,
        folds: int = 5,
        seed: int = 1,
        n_jobs: int | None = None,
    ) -> None:
        self.stemmer = stemmer
        self.words = words
        self.bigrams = bigrams
        self.char_ngrams = char_ngrams
        self.punctuation = punctuation
        self.min_df = min_df
        self.idf = idf
        self.term_frequency = term_frequency
        self.norm = norm
        self.c_grid = c_grid
        self.criterion = criterion
        self.class_weight = class_weight
        self.log_count_ratio = log_count_ratio
        self.solver = solver
        self.tolerance = tolerance
        self.max_iterations = max_iterations
        self.prevalence = prevalence
        self.prune = prune
        self.folds = folds
        self.seed = seed
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None) -> BayanClassifier:
        """Train on texts.

        Parameters
        ----------
        X : iterable of str
            The texts.
        y : array of shape (n_texts,), or indicator matrix of shape (n_texts, n_labels)
            The class of each text, or its labels.
        groups : array of shape (n_texts,), optional
            Topics or sources; texts of a group stay in one fold of the inner cross-validation.
        """
        if y is None:
            raise ValueError("BayanClassifier requires y to be passed, but the target y is None")
        texts = self._texts(X, reset=True)
        check_consistent_length(texts, y, groups)
        if getattr(getattr(y, "dtype", None), "kind", "") == "f":
            assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        self._multilabel = type_of_target(y, input_name="y") == "multilabel-indicator"
        targets, names = self._targets(y)
        given = [[name for name, has in zip(names, row) if has] for row in targets]
        settings = self.get_params(deep=False)
        del settings["n_jobs"]
        self.classifier_ = train(
            texts, given, groups=groups, label_names=names, threads=self._threads(), **settings
        )
        return self

    def _targets(self, y: Any) -> tuple[Any, list[str]]:
        """For each text which labels it has, and the labels' names. Two classes are one label: the second class."""
        if self._multilabel:
            columns = getattr(y, "columns", None)
            indicators = check_array(y, accept_sparse="csr", dtype=None, input_name="y")
            if hasattr(indicators, "toarray"):
                indicators = indicators.toarray()
            self.classes_ = np.arange(indicators.shape[1]) if columns is None else np.asarray(columns)
            return indicators.astype(bool), [str(name) for name in self.classes_]
        y = column_or_1d(y, warn=True)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has only one class, {self.classes_.tolist()}; expected at least two")
        first = 1 if len(self.classes_) == 2 else 0
        labels = np.arange(first, len(self.classes_))
        return codes[:, None] == labels, [str(name) for name in self.classes_[first:]]

    def _texts(self, X: Any, reset: bool = False) -> Any:
        """The texts, with a length; a generator is read once. ``reset``: whether this is for a fit."""
        return X if hasattr(X, "__len__") else list(X)

    def _threads(self) -> int:
        if self.n_jobs is None:
            return 1
        if self.n_jobs == -1:
            return 0
        if self.n_jobs < 1:
            raise ValueError(f"n_jobs is {self.n_jobs}; expected None, -1, or at least 1")
        return self.n_jobs

    def _log_odds(self, X: Any) -> Any:
        check_is_fitted(self)
        return self.classifier_.log_odds(self._texts(X), threads=self._threads())

    def decision_function(self, X: Any) -> Any:
        """The calibrated log-odds: of each label or class, or of the second of two classes.

        Returns an array of shape (n_texts, n_classes), or (n_texts,) for two classes.
        """
        log_odds = self._log_odds(X)
        return log_odds.ravel() if self._is_binary() else log_odds

    def predict_proba(self, X: Any) -> Any:
        """Calibrated probabilities, shape (n_texts, n_classes).

        Each label has its own for an indicator matrix; of classes, of which a text has one, they add up to 1.
        """
        check_is_fitted(self)
        probabilities = self.classifier_.predict_proba(self._texts(X), threads=self._threads())
        if self._multilabel:
            return probabilities
        if self._is_binary():
            return np.hstack([1 - probabilities, probabilities])
        total = probabilities.sum(axis=1, keepdims=True)
        return np.divide(probabilities, total, out=np.full_like(probabilities, 1 / len(self.classes_)), where=total > 0)

    def predict(self, X: Any) -> Any:
        """The labels as an indicator matrix of int, by the thresholds of ``classifier_``; or the likeliest class."""
        check_is_fitted(self)
        if self._multilabel:
            return self.classifier_.predict(self._texts(X), threads=self._threads()).astype(int)
        log_odds = self._log_odds(X)
        chosen = (log_odds.ravel() > 0).astype(int) if self._is_binary() else log_odds.argmax(axis=1)
        return self.classes_[chosen]

    def _is_binary(self) -> bool:
        return not self._multilabel and len(self.classes_) == 2
