"""Time and memory of training, against scikit-learn's liblinear and for growing data; see training.sh."""

import argparse
import hashlib
import json
import pathlib
import random
import sys
import tempfile

from shared import BAYAN, LABELS, TRAINING_DATA, circumstances, cores, print_table, read, run, sklearn_features

GRID = [0.03, 0.1, 0.3, 1.0, 3.0]
FOLDS = 5
SEED = 1
COMPARED = 12_000


def key(name, seed=SEED):
    """bayan's order among topics of one size: SHA-256 of seed and name."""
    return hashlib.sha256(seed.to_bytes(8, "little") + name.encode()).digest()


def whole_topics(rows, least):
    """Topics in the order of their hashes until there are `least` sentences."""
    by_topic = {}
    for row in rows:
        by_topic.setdefault(row["topic"], []).append(row)
    chosen = []
    for topic in sorted(by_topic, key=key):
        if len(chosen) >= least:
            break
        chosen += by_topic[topic]
    return chosen


def perturbed(rows, size, seed=SEED):
    """`size` different sentences: the corpus again and again, from the second time on with words dropped and swapped."""
    rng = random.Random(seed)
    seen, turn = set(), 0
    while True:
        for row in rows:
            words = row["text"].split()
            if turn:
                words = [word for word in words if rng.random() >= 0.1]
                for j in range(len(words) - 1):
                    if rng.random() < 0.1:
                        words[j], words[j + 1] = words[j + 1], words[j]
            text = " ".join(words)
            if text and text not in seen:
                seen.add(text)
                yield {**row, "id": f"{row['id']}-{turn}", "text": text, "topic": f"{row['topic']}-{turn}"}
            if len(seen) == size:
                return
        turn += 1


def write(rows, path):
    with open(path, "w", encoding="utf8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def bayan_train(data, threads, grid, folder, extra=()):
    command = [BAYAN, "--quiet", "train", data, "--labels", ",".join(LABELS), "--output", f"{folder}/model"]
    command += ["--folds", FOLDS, "--seed", SEED, "--c", ",".join(map(str, grid)), "--threads", threads, *extra]
    return run(command, threads)


def grouped_folds(topics):
    """The folds that `bayan train` makes."""
    sizes = {topic: topics.count(topic) for topic in set(topics)}
    filled, fold_of = [0] * FOLDS, {}
    for topic in sorted(sizes, key=lambda topic: (-sizes[topic], key(topic))):
        fold_of[topic] = fold = filled.index(min(filled))
        filled[fold] += sizes[topic]
    return [fold_of[topic] for topic in topics]


def sklearn_scores(texts, truths, folds, grid):
    """Out-of-fold scores for each C; features are fitted on the training part, as in bayan."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    scores = np.zeros((len(grid), *truths.shape))
    for fold in range(FOLDS):
        fitted, held_out = folds != fold, folds == fold
        features = sklearn_features()
        matrix = features.fit_transform(texts[fitted])
        unseen = features.transform(texts[held_out])
        for i, c in enumerate(grid):
            model = OneVsRestClassifier(LogisticRegression(C=c, solver="liblinear"))
            scores[i, held_out] = model.fit(matrix, truths[fitted]).decision_function(unseen)
    return scores


def sklearn_label(matrix, truth, scores, grid):
    """For one label the C of least log-loss after Platt calibration, the threshold of best F1, the fit on everything."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, precision_recall_curve

    columns = [column.reshape(-1, 1) for column in scores]
    calibrated = [LogisticRegression(C=1e6).fit(x, truth).predict_proba(x)[:, 1] for x in columns]
    best = min(range(len(grid)), key=lambda i: log_loss(truth, calibrated[i]))
    precision, recall, cuts = precision_recall_curve(truth, calibrated[best])
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    LogisticRegression(C=grid[best], solver="liblinear").fit(matrix, truth)
    return f"C = {grid[best]:g}, threshold {cuts[f1[:-1].argmax()]:.3f}, F1 {f1.max():.3f}"


def sklearn_train(data, jobs, grid):
    """What `bayan train` does, by scikit-learn. Labels are fitted by processes: with threads liblinear sometimes crashes."""
    import joblib
    import numpy as np

    rows = read(data)
    texts = np.array([row["text"] for row in rows], dtype=object)
    truths = np.array([[label in row["labels"] for label in LABELS] for row in rows]).astype(int)
    folds = np.array(grouped_folds([row["topic"] for row in rows]))
    with joblib.parallel_config(backend="loky", n_jobs=jobs, max_nbytes=None):
        scores = sklearn_scores(texts, truths, folds, grid)
        matrix = sklearn_features().fit_transform(texts)
        labels = range(len(LABELS))
        fits = (joblib.delayed(sklearn_label)(matrix, truths[:, k], scores[:, :, k], grid) for k in labels)
        for name, done in zip(LABELS, joblib.Parallel()(fits)):
            print(f"{name}: {done}", file=sys.stderr)


def compare(folder, grid, threads):
    rows = whole_topics(read(TRAINING_DATA), COMPARED)
    data = f"{folder}/compared.jsonl"
    write(rows, data)
    print(f"\nTraining on {len(rows)} sentences, {FOLDS} folds by topic, C of {grid}, {len(LABELS)} labels.\n")
    table = []
    for count in threads:
        peer = run([sys.executable, __file__, "--sklearn", data, "--jobs", count, "--grid", *grid], count)
        plain = bayan_train(data, count, grid, folder, ["--log-count-ratio", "none"])
        ours = bayan_train(data, count, grid, folder)
        for name, measured in [
            ("bayan train", ours),
            ("bayan train --log-count-ratio none", plain),
            ("scikit-learn, liblinear", peer),
        ]:
            ratio = f"{measured.wall / ours.wall:.2f}", f"{measured.cpu / ours.cpu:.2f}"
            table.append([name, str(count), *figures(measured), *ratio])
    head = ["", "cores", "s", "processor s", "peak MB", "time / bayan", "processor time / bayan"]
    print_table(head, table)


def figures(measured):
    return [f"{measured.wall:.1f}", f"{measured.cpu:.1f}", f"{measured.peak:.0f}"]


def grow(folder, sizes, grid, threads):
    rows = read(TRAINING_DATA)
    print(f"\n`bayan train` on the corpus repeated and perturbed, {FOLDS} folds, C of {grid}, {threads} threads.\n")
    table, previous = [], None
    for size in sizes:
        data = f"{folder}/{size}.jsonl"
        write(perturbed(rows, size), data)
        measured = bayan_train(data, threads, grid, folder)
        pathlib.Path(data).unlink()
        growth = f"{measured.cpu / previous[1] / (size / previous[0]):.2f}" if previous else ""
        table.append([f"{size:,}", *figures(measured), f"{1e3 * measured.cpu / size:.2f}", growth])
        print(" | ".join(table[-1]), file=sys.stderr, flush=True)
        previous = size, measured.cpu
    print_table(
        ["sentences", "s", "processor s", "peak MB", "processor ms / sentence", "growth of processor time / growth of data"],
        table,
    )


def arguments():
    parser = argparse.ArgumentParser(prog="benches/peers/training.sh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one C, one core, growth to 50,000 sentences only")
    parser.add_argument("--skip", choices=["compare", "growth"], help="leave one of the two tables out")
    parser.add_argument("--sizes", type=int, nargs="+", default=[25_000, 50_000, 100_000, 200_000])
    parser.add_argument("--grid", type=float, nargs="+", default=GRID, help="values of C to choose from")
    parser.add_argument("--cores", type=int, nargs="+", default=[1], help="numbers of cores to compare on; with several scikit-learn copies its data to processes")
    parser.add_argument("--sklearn", help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.grid, chosen.cores = [0.3], [1]
        chosen.sizes = [size for size in chosen.sizes if size <= 50_000]
    return chosen


def main():
    chosen = arguments()
    if chosen.sklearn:
        return sklearn_train(chosen.sklearn, chosen.jobs, chosen.grid)
    print(circumstances())
    cores(max(chosen.cores))
    with tempfile.TemporaryDirectory(dir="target") as folder:
        if chosen.skip != "compare":
            compare(folder, chosen.grid, chosen.cores)
        if chosen.skip != "growth":
            grow(folder, chosen.sizes, chosen.grid, max(chosen.cores))


if __name__ == "__main__":
    main()
