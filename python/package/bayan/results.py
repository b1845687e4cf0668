"""What a classifier says of sentences: plain named tuples, which can be compared, pickled and taken apart."""

from typing import NamedTuple


class Sentence(NamedTuple):
    """A labelled sentence of a text."""

    text: str
    """The sentence."""
    start: int
    """Where it begins in the text: a string index, or a byte offset if so asked."""
    end: int
    """One past its end."""
    labels: list[str]
    """The labels whose probability reaches the label's threshold, in the model's order; empty for none."""
    probabilities: dict[str, float]
    """For every label its calibrated probability, in [0, 1]."""


class Evidence(NamedTuple):
    """A feature that occurs in a sentence, and what it adds to a logit."""

    feature: str
    """A stem, two stems, or a character n-gram with ``<`` and ``>`` for the word's borders."""
    kind: str
    """``word``, ``bigram`` or ``char n-gram``."""
    contribution: float
    """What it adds to the logit, all its occurrences together."""
    spans: list[tuple[int, int]]
    """Start and end of the words it comes from, in the text."""


class LabelExplanation(NamedTuple):
    """The reasons for one label."""

    label: str
    """The label."""
    probability: float
    """Its calibrated probability, in [0, 1]."""
    threshold: float
    """The probability from which on the label is given."""
    logit: float
    """The logit before calibration: intercept and all contributions."""
    intercept: float
    """What a sentence without any known feature would get."""
    evidence: list[Evidence]
    """The features, by descending size of their contribution."""
    words: list[tuple[int, int, float]]
    """For each word its start, its end, and what it adds by all features that it takes part in, in the text's order."""


class Explanation(NamedTuple):
    """A sentence with the reasons for and against each label."""

    text: str
    """The sentence."""
    start: int
    """Where it begins in the text: a string index, or a byte offset if so asked."""
    end: int
    """One past its end."""
    labels: list[str]
    """The labels that it was given."""
    reasons: dict[str, LabelExplanation]
    """For every label its reasons."""
