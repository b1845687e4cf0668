"""Rows a second, and CPU time, of several ways to label the same sentences on Spark; see ../long-tests.sh.

All read the same Parquet rows, on two executors of one core, and drop their results (Spark's ``noop`` sink), if not named
``to Parquet``. Each is warmed up first, so that the start of processes and the loading of models do not count. The slow ones get
fewer rows; the table says how many. Wall times count only on an idle machine; CPU times, of all processes of Spark together, say more on a busy one.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, os.environ["BAYAN_UNPACKED"])

import corpus  # noqa: E402
import session  # noqa: E402

LABELS = ["claim", "denial", "threat", "casualty_report"]
FILES = 8


def fit_sklearn(path: Path) -> None:
    """The features and classifier of benches/peers/accuracy.py, trained on the training data, as a pickle."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_union

    rows = corpus.training_rows()
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2),
    )
    matrix = features.fit_transform([row["text"] for row in rows])
    models = [
        LogisticRegression(C=10.0, solver="liblinear").fit(matrix, [label in row["labels"] for row in rows])
        for label in LABELS
    ]
    path.write_bytes(pickle.dumps((features, models)))


def sklearn_udfs(path: str) -> tuple[Any, Any]:
    """A plain Python UDF (a row at a time) and a pandas UDF (a batch at a time) that call scikit-learn."""
    from pyspark.sql.functions import pandas_udf, udf

    held: list[Any] = []  # Empty when it is shipped; filled once in each worker.

    def probabilities(texts: Any) -> list[list[float]]:
        if not held:
            held.extend(pickle.loads(Path(path).read_bytes()))
        features, models = held
        matrix = features.transform(texts)
        return [list(row) for row in zip(*(model.predict_proba(matrix)[:, 1].tolist() for model in models))]

    def one(text: str) -> list[float]:
        return probabilities([text])[0]

    def many(texts):  # type: ignore[no-untyped-def]
        import pandas

        return pandas.Series(probabilities(texts.tolist()))

    import pandas

    many.__annotations__ = {"texts": pandas.Series, "return": pandas.Series}
    return udf(one, "array<double>"), pandas_udf(many, "array<double>")


def spark_ml(spark: Any) -> Callable[[Any], Any]:
    """Words, hashed into 2^18 counts, and one logistic regression for each label."""
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import HashingTF, Tokenizer

    rows = [(row["text"], *(float(label in row["labels"]) for label in LABELS)) for row in corpus.training_rows()]
    train = spark.createDataFrame(rows, ["text", *LABELS]).repartition(2).cache()
    stages = [Tokenizer(inputCol="text", outputCol="words"), HashingTF(inputCol="words", outputCol="features")]
    stages += [
        LogisticRegression(
            labelCol=label, regParam=1e-3, maxIter=30, probabilityCol=f"p_{label}", rawPredictionCol=f"r_{label}",
            predictionCol=f"is_{label}",
        )
        for label in LABELS
    ]  # fmt: skip
    model = Pipeline(stages=stages).fit(train)
    train.unpersist()
    return lambda df: model.transform(df).select("id", *(f"p_{label}" for label in LABELS))


def family() -> list[psutil.Process]:
    """The driver's JVM, the executors and their Python workers."""
    return psutil.Process().children(recursive=True)


def cpu_seconds() -> float:
    """What :func:`family` has used, with its children that have ended."""
    total = 0.0
    for process in family():
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def peak_mib(of: str) -> int:
    """The largest resident memory that a process of :func:`family` with ``of`` in its command has had."""
    peaks = [0]
    for process in family():
        try:
            if of in " ".join(process.cmdline()):
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
                peaks.append(int(status.split("VmHWM:")[1].split()[0]) // 1024)
        except (psutil.NoSuchProcess, FileNotFoundError, IndexError):
            continue
    return max(peaks)


def subset(folder: Path, scratch: Path, rows: int) -> Path:
    """The first rows of a corpus, in files of about equal size."""
    out = scratch / f"{folder.name}-{rows}"
    if not out.exists():
        out.mkdir()
        table = pa.concat_tables(pq.read_table(file) for file in sorted(folder.glob("*.parquet"))).slice(0, rows)
        for i in range(FILES):
            first = table.num_rows * i // FILES
            part = table.slice(first, table.num_rows * (i + 1) // FILES - first)
            pq.write_table(part, out / f"{i}.parquet")
    return out


def measure(
    spark: Any, name: str, folder: Path, rows: int, work: Callable[[Any], Any], scratch: Path, parquet: bool = False
) -> None:
    """Runs ``work`` and prints a line of the table. ``parquet``: the result is written, not dropped."""

    def run(rows: int) -> None:
        df = spark.read.parquet(str(subset(folder, scratch, rows)))
        result = work(df).write.mode("overwrite")
        result.parquet(str(scratch / "out")) if parquet else result.format("noop").save()

    run(max(rows // 50, 8 * FILES))
    wall, cpu = time.monotonic(), cpu_seconds()
    run(rows)
    wall, cpu = time.monotonic() - wall, cpu_seconds() - cpu
    print(f"| {name} | {rows:,} | {rows / wall:,.0f} | {1e6 * cpu / rows:,.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=int(os.environ.get("BAYAN_SENTENCES", "1000000")))
    parser.add_argument("--ml-rows", type=int, default=200_000, help="rows for Spark ML")
    parser.add_argument("--slow-rows", type=int, default=8_000, help="rows for scikit-learn")
    arguments = parser.parse_args()

    from bayan.spark import label

    data = corpus.make(Path(os.environ["BAYAN_WORK"]), arguments.rows)
    sentences, articles = data / "sentences", data / "articles"
    with tempfile.TemporaryDirectory(dir=os.environ["BAYAN_WORK"]) as folder:
        scratch = Path(folder)
        spark = session.start(scratch, Path(os.environ["BAYAN_ARCHIVE"]))
        print(f"PySpark {spark.version}; load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print("| | rows | rows/s (2 cores) | CPU µs a row |\n|---|---|---|---|")
        rows = arguments.rows
        sentences_of = f"articles of {corpus.IN_ARTICLE} sentences"
        for method in ("arrow_udf", "mapInArrow"):
            for parquet in (False, True):
                name = f"bayan, {method}, {{}}{', to Parquet' if parquet else ''}"
                measure(
                    spark, name.format("sentences"), sentences, rows,
                    lambda df: label(df, id_col="id", segment=False, method=method), scratch, parquet,
                )  # fmt: skip
                measure(
                    spark, name.format(sentences_of), articles, rows // corpus.IN_ARTICLE,
                    lambda df: label(df, id_col="id", method=method), scratch, parquet,
                )  # fmt: skip
        measure(spark, "only reading the sentences", sentences, rows, lambda df: df.select("id", "text"), scratch)
        worker, jvm = peak_mib("pyspark.daemon"), peak_mib("CoarseGrainedExecutorBackend")
        measure(spark, "Spark ML, HashingTF + LogisticRegression", sentences, arguments.ml_rows, spark_ml(spark), scratch)
        fit_sklearn(scratch / "sklearn.pickle")
        one, many = sklearn_udfs(str(scratch / "sklearn.pickle"))
        slow = arguments.slow_rows
        measure(spark, "scikit-learn, pandas UDF", sentences, slow, lambda df: df.select("id", many("text")), scratch)
        measure(spark, "scikit-learn, Python UDF", sentences, slow, lambda df: df.select("id", one("text")), scratch)
        print(f"\nPeak memory with bayan: {worker} MiB in a Python worker, {jvm} MiB in an executor's JVM (-Xmx 1 GiB)")
        session.stop(spark)


if __name__ == "__main__":
    main()
