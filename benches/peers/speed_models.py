"""The peers' models for speed.py, in a process of its own so that speed.py stays small.

    speed_models.py fasttext DIM MODEL     trains fastText's command line
    speed_models.py sklearn MODEL          trains scikit-learn's pipeline
    speed_models.py time MODEL TEXT BYTES  prints the seconds and bytes of labelling the first lines of a text with that
                                           pipeline; loading is not counted, which flatters it
"""

import os
import pickle
import subprocess
import sys
import tempfile
import time

from shared import FASTTEXT, LABELS, TRAINING_DATA, read, sklearn_features, write_fasttext


def fasttext(dim, path):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        write_fasttext(read(TRAINING_DATA), f"{folder}/train.txt")
        command = [FASTTEXT, "supervised", "-input", f"{folder}/train.txt", "-output", f"{folder}/model", "-dim", dim]
        command += "-loss ova -minn 2 -maxn 5 -wordNgrams 2 -lr 0.5 -epoch 25 -thread 1 -verbose 0".split()
        subprocess.run(command, check=True)
        os.replace(f"{folder}/model.bin", path)


def sklearn(path):
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    rows = read(TRAINING_DATA)
    truths = np.array([[label in row["labels"] for label in LABELS] for row in rows]).astype(int)
    model = make_pipeline(sklearn_features(), OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear")))
    model.fit([row["text"] for row in rows], truths)
    with open(f"{path}.part", "wb") as out:
        pickle.dump(model, out)
    os.replace(f"{path}.part", path)


def timed(path, text, size):
    with open(path, "rb") as file:
        model = pickle.load(file)
    lines, taken = [], 0
    with open(text, encoding="utf8") as file:
        for line in file:
            lines.append(line)
            taken += len(line.encode())
            if taken >= int(size):
                break
    start = time.perf_counter(), time.process_time()
    model.predict_proba(lines)
    print(time.perf_counter() - start[0], time.process_time() - start[1], taken)


if __name__ == "__main__":
    {"fasttext": fasttext, "sklearn": sklearn, "time": timed}[sys.argv[1]](*sys.argv[2:])
