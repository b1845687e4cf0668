"""Training on annotations that are in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from bayan import _bayan
from bayan._bayan import Classifier


class ConvergenceWarning(UserWarning):
    """A fit stopped before it converged. The message names the label, the fit and the reason."""


def train(
    texts: Iterable[str],
    labels: Iterable[Iterable[str]],
    *,
    groups: Iterable[object] | None = None,
    label_names: Iterable[str] | None = None,
    stemmer: str = "arabic",
    words: bool = True,
    bigrams: bool = True,
    char_ngrams: tuple[int, int] | None = (2, 5),
    punctuation: bool = False,
    min_df: int = 2,
    idf: bool = True,
    term_frequency: Literal["count", "binary", "sublinear"] = "count",
    norm: Literal["none", "l2", "sqrt-length"] = "sqrt-length",
    c_grid: Sequence[float] = (0.03, 0.1, 0.3, 1.0, 3.0),
    criterion: Literal["log-loss", "average-precision"] = "log-loss",
    class_weight: Literal["none", "balanced"] | float | None = None,
    log_count_ratio: float | None = 1.0,
    solver: Literal["lbfgs", "linfa"] = "lbfgs",
    tolerance: float = 1e-5,
    max_iterations: int = 2000,
    prevalence: Mapping[str, float] | None = None,
    prune: float = 0.0,
    folds: int = 5,
    seed: int = 1,
    threads: int = 0,
) -> Classifier:
    """Train a classifier on annotated sentences.

    The settings are those of ``bayan train``, and the same annotations and settings give the same model, byte for byte, at
    any number of threads and in any order of the sentences.

    Parameters
    ----------
    texts
        The sentences.
    labels
        For each sentence the names of its labels; an empty list means none.
    groups
        For each sentence its topic or source. Sentences of a group stay in one fold of the cross-validation, so that the
        reported quality is that on new topics. Without groups only equal sentences stay together.
    label_names
        The labels and their order. By default those that occur, sorted.
    stemmer
        Language of the Snowball stemmer, or ``"none"``.
    words, bigrams
        Whether stems, and pairs of neighbouring stems, are features.
    char_ngrams
        Shortest and longest character n-gram within words, 1 to 8, or None.
    punctuation
        Whether quotation marks, colons, question and exclamation marks are tokens too.
    min_df
        In how many sentences a feature must occur at least.
    idf
        Whether features are weighted by inverse document frequency.
    term_frequency
        How often a feature occurs: as it is, as 1, or as 1 + ln(count).
    norm
        By what a sentence's vector is divided.
    c_grid
        Inverse regularisation strengths to choose from, for each label by itself, by cross-validation.
    criterion
        By what the strength is chosen.
    class_weight
        Weight of positive examples, negative ones counting 1: None, ``"balanced"`` or a number.
    log_count_ratio
        Smoothing of the log-count ratios that features are scaled by, or None.
    solver
        ``"lbfgs"`` on sparse rows; ``"linfa"`` on dense rows, for small data.
    tolerance
        A fit has converged when its gradient has fallen to this part of the first one.
    max_iterations
        The most iterations of a fit.
    prevalence
        For labels that are rarer or commoner in the text to come: the share of sentences that have them there. The
        label's threshold is chosen for it.
    prune
        Leave features out whose weights are all smaller than this.
    folds
        Number of cross-validation folds, at least 2.
    seed
        Seed of the folds.
    threads
        How many threads work, at most 32; 0 means one for each core.

    Returns
    -------
    Classifier
        With the table of its cross-validation in ``info["cross_validation"]``.

    Raises
    ------
    BayanError
        A setting is out of range, a sentence is empty, or the data cannot be trained on, as when a label has no positive
        sentence in some fold.
    TypeError, ValueError
        The arguments do not have the right form.

    Warns
    -----
    ConvergenceWarning
        A fit stopped before it converged.
    """
    settings = {
        "stemmer": stemmer,
        "words": words,
        "bigrams": bigrams,
        "char_ngrams": char_ngrams,
        "punctuation": punctuation,
        "min_df": min_df,
        "idf": idf,
        "term_frequency": term_frequency,
        "norm": norm,
        "c_grid": list(c_grid),
        "criterion": criterion,
        "class_weight": class_weight,
        "log_count_ratio": log_count_ratio,
        "solver": solver,
        "tolerance": tolerance,
        "max_iterations": max_iterations,
        "prevalence": prevalence,
        "prune": prune,
        "folds": folds,
        "seed": seed,
    }
    names = None if label_names is None else list(label_names)
    return _bayan.train(texts, labels, groups, names, settings, threads)
