"""scikit-learn's whole suite of checks, through an adapter that turns rows of numbers into sentences.

``check_estimator`` runs a single check on an estimator of texts, so its success would say nothing. The adapter writes each
number as words, one for every step of a ladder that it has climbed, so that near numbers share words. Only the adapter
checks numbers; what the checks say of fitting, predicting, classes, labels and state holds for the estimator itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from bayan import BayanError
from bayan.sklearn import BayanClassifier

# How many divisions into folds are tried.
TRIES = 40
# Steps where the numbers of the checks lie: around 0, and around 100.
LADDER = np.concatenate([np.arange(-4, 4.01, 0.125), np.arange(97, 103, 0.125)])


class NumericAdapter(BayanClassifier):
    """A BayanClassifier of rows of numbers."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        return tags

    def fit(self, X: Any, y: Any, groups: Any = None) -> NumericAdapter:
        """Many checks draw labels at random, and bayan refuses scores that are no better than chance. Whether a dozen random
        labels can be guessed depends on the folds, so other folds are tried."""
        asked = self.seed
        try:
            for self.seed in range(asked, asked + TRIES):
                try:
                    return super().fit(X, y, groups)
                except BayanError as error:
                    if "no better than chance" not in str(error):
                        raise
            raise AssertionError(f"no better than chance on any of {TRIES} divisions into folds")
        finally:
            self.seed = asked

    def _texts(self, X: Any, reset: bool = False) -> Any:
        return sentences(validate_data(self, X, reset=reset))


def sentences(X: np.ndarray) -> list[str]:
    """Each row as a sentence; every row has some word."""
    words = [[f"f{letters(column)}s{letters(step)}" for step in range(len(LADDER))] for column in range(X.shape[1])]
    climbed = X[:, :, None] >= LADDER
    return [" ".join(["row", *(words[c][s] for c, s in zip(*np.nonzero(row)))]) for row in climbed]


def letters(number: int) -> str:
    """A number as letters, so that a word is one token."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


ADAPTER = NumericAdapter(
    stemmer="none", bigrams=False, char_ngrams=None, min_df=1, norm="none", log_count_ratio=None, c_grid=(10.0,), folds=5
)

EXCEPTIONS = {
    "check_class_weight_classifiers": "class_weight is the weight of a label's positive examples, not a dict of classes",
    "check_dtype_object": "draws 4 classes at random: no division scores better than chance for all, which is refused",
    "check_n_features_in_after_fitting": "draws 3 classes for 15 rows at random: refused likewise",
}


def test_the_adapter_is_checked_in_full() -> None:
    """Only the adapter claims to take numbers, and only so are all checks made."""
    assert get_tags(ADAPTER).input_tags.two_d_array and not get_tags(BayanClassifier()).input_tags.two_d_array


@parametrize_with_checks([ADAPTER], expected_failed_checks=lambda _: EXCEPTIONS, xfail_strict=True)
def test_scikit_learn_checks(estimator: NumericAdapter, check: Any) -> None:
    check(estimator)
