"""Accuracy of bayan and its peers on the same data; see accuracy.sh."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import fasttext
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from shared import BAYAN, LABELS, TRAINING_DATA, read, sklearn_features, write_fasttext

FOLDS = 5
SKLEARN_C = [1.0, 10.0]
MODEL_COMMAND = next(
    line for line in pathlib.Path("models/README.md").read_text().splitlines() if line.startswith("bayan train ")
).split()


def read_matrix(path):
    """Texts, a truth matrix and groups of a JSONL file or a directory of them."""
    rows = read(path)
    truths = np.array([[label in row["labels"] for label in LABELS] for row in rows])
    return [row["text"] for row in rows], truths, [row["topic"] for row in rows]


def thresholds(scores, truths):
    """For each label the score from which on it is given: best F1 on out-of-fold scores."""
    best = []
    for label in range(len(LABELS)):
        candidates = np.unique(np.quantile(scores[:, label], np.linspace(0, 1, 400)))
        best.append(max(candidates, key=lambda t: f1_score(truths[:, label], scores[:, label] >= t)))
    return np.array(best)


def out_of_fold(fit_and_score, texts, truths, groups):
    scores = np.zeros(truths.shape)
    for train, held_out in GroupKFold(FOLDS).split(texts, groups=groups):
        score = fit_and_score([texts[i] for i in train], truths[train])
        scores[held_out] = score([texts[i] for i in held_out])
    return scores


def sklearn_fit(c):
    def fit_and_score(texts, truths):
        features = sklearn_features()
        matrix = features.fit_transform(texts)
        models = [LogisticRegression(C=c, solver="liblinear").fit(matrix, truths[:, k]) for k in range(len(LABELS))]
        return lambda texts: np.stack([m.decision_function(features.transform(texts)) for m in models], axis=1)

    return fit_and_score


def fasttext_rows(texts, truths):
    names = [[label for label, holds in zip(LABELS, truth) if holds] for truth in truths]
    return [{"text": text, "labels": labels} for text, labels in zip(texts, names)]


def fasttext_fit(autotune=0):
    def fit_and_score(texts, truths):
        with tempfile.TemporaryDirectory() as folder:
            train = f"{folder}/train.txt"
            if autotune:
                write_fasttext(fasttext_rows(texts[::10], truths[::10]), f"{folder}/valid.txt")
                kept = [i for i in range(len(texts)) if i % 10]
                write_fasttext(fasttext_rows([texts[i] for i in kept], truths[kept]), train)
                model = fasttext.train_supervised(
                    train, loss="ova", autotuneValidationFile=f"{folder}/valid.txt", autotuneDuration=autotune, verbose=0
                )
            else:
                write_fasttext(fasttext_rows(texts, truths), train)
                model = fasttext.train_supervised(
                    train, loss="ova", lr=0.5, epoch=25, dim=100, wordNgrams=2, minn=2, maxn=5, thread=1, verbose=0
                )

        def score(texts):
            rows = []
            for text in texts:
                found = dict(zip(*model.predict(text.replace("\n", " "), k=-1)))
                rows.append([found.get(f"__label__{label}", 0.0) for label in LABELS])
            return np.array(rows)

        return score

    return fit_and_score


def bayan(tests):
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/model"
        arguments = [a if a != "models/arabic-news.safetensors" else model for a in MODEL_COMMAND[1:]]
        subprocess.run([BAYAN, "--quiet", *arguments], check=True, stdout=subprocess.DEVNULL)
        for test in tests:
            done = subprocess.run([BAYAN, "evaluate", test, "--model", model, "--json"], check=True, capture_output=True)
            yield [label["f1"] for label in json.loads(done.stdout)["labels"]]


def row(name, by_test):
    cells = []
    for scores in by_test:
        cells += [f"**{np.mean(scores):.3f}**", *(f"{s:.3f}" for s in scores)]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    tests = sys.argv[1:] or ["training-data/test"]
    texts, truths, groups = read_matrix(TRAINING_DATA)
    test_sets = [read_matrix(test) for test in tests]
    print("| | " + " | ".join(f"macro-F1 on {pathlib.Path(t).stem} | " + " | ".join(LABELS) for t in tests) + " |")
    print("|---|" + "---|" * (len(tests) * (1 + len(LABELS))))
    row("bayan", list(bayan(tests)))
    peers = []
    candidates = {c: out_of_fold(sklearn_fit(c), texts, truths, groups) for c in SKLEARN_C}
    cuts = {c: thresholds(scores, truths) for c, scores in candidates.items()}
    c = max(SKLEARN_C, key=lambda c: f1_score(truths, candidates[c] >= cuts[c], average="macro"))
    peers.append((f"scikit-learn, C = {c:g}", sklearn_fit(c), cuts[c]))
    scores = out_of_fold(fasttext_fit(), texts, truths, groups)
    peers.append(("fastText", fasttext_fit(), thresholds(scores, truths)))
    for name, fit, cut in peers:
        score = fit(texts, truths)
        by_test = [f1_score(y, score(x) >= cut, average=None) for x, y, _ in test_sets]
        row(name, by_test)
    seconds = int(os.environ.get("AUTOTUNE", "300"))
    score = fasttext_fit(seconds)(texts, truths)
    row("fastText, autotune", [f1_score(y, score(x) >= 0.5, average=None) for x, y, _ in test_sets])
    row("always", [f1_score(y, np.ones_like(y), average=None) for _, y, _ in test_sets])


if __name__ == "__main__":
    main()
