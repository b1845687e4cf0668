"""Labels the sentences of Arabic news as claim, denial, threat or casualty report, with calibrated probabilities.

>>> import bayan
>>> classifier = bayan.load()
>>> [sentence] = classifier.label("ونفى المتحدث باسم الوزارة صحة هذه الأنباء.")
>>> sentence.labels
['denial']

``bayan.train`` trains on your own annotations, ``bayan.sklearn`` is the same as a scikit-learn estimator.
"""

from bayan._bayan import BayanError, Classifier, InternalError, LabelTable, __version__, load
from bayan.results import Evidence, Explanation, LabelExplanation, Sentence
from bayan.training import ConvergenceWarning, train

__all__ = [
    "BayanError",
    "Classifier",
    "ConvergenceWarning",
    "Evidence",
    "Explanation",
    "InternalError",
    "LabelExplanation",
    "LabelTable",
    "Sentence",
    "__version__",
    "load",
    "train",
]
