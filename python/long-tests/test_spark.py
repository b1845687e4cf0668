"""Spark on separate executor processes: the command line's results, executors and workers that die, rows that are broken."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark import cloudpickle
from pyspark.sql import functions as F

import bayan
import bayan.spark
from bayan.spark import label

from conftest import (
    LABELS,
    SENTENCES,
    UNPACKED,
    WHEEL,
    Cluster,
    Load,
    assert_equals_cli,
    sorted_table,
)

METHODS = [name for name in ("arrow_udf", "mapInArrow") if name == "mapInArrow" or hasattr(F, "arrow_udf")]
TASKS = 48


def executors(loads: list[Load]) -> set[int]:
    """The executor processes whose workers loaded a model."""
    return {load.executor for load in loads}


def assert_two_executors_load_once_a_worker(cluster: Cluster, tasks: int) -> None:
    loads = cluster.loads()
    assert len(executors(loads)) >= 2, "two executor processes"
    assert os.getpid() not in {load.pid for load in loads}
    assert set(Counter((load.pid, load.model) for load in loads).values()) == {1}, "a worker loads a model once"
    assert len({load.pid for load in loads}) < tasks, "a worker does more than one task"
    for load in loads:
        assert load.package.endswith("bayan_package/bayan/__init__.py"), "the package that Spark shipped"
        assert str(UNPACKED) not in load.package


@pytest.mark.parametrize("method", METHODS)
def test_sentences_equal_the_command_line(
    cluster: Cluster, data: Path, cli_rows: Callable[..., pa.Table], tmp_path: Path, method: str
) -> None:
    df = cluster.spark.read.parquet(str(data / "sentences"))
    assert df.rdd.getNumPartitions() == TASKS
    out = tmp_path / "out"
    label(df, id_col="id", segment=False, method=method).write.parquet(str(out))
    result = sorted_table(out, ["id"])
    assert result.num_rows == SENTENCES
    assert result.column_names == ["id", "labels", *LABELS, "error"]
    assert_equals_cli(result, cli_rows("sentences", "--no-segment"))
    assert_two_executors_load_once_a_worker(cluster, TASKS)


@pytest.mark.parametrize("method", METHODS)
def test_articles_equal_the_command_line(
    cluster: Cluster, data: Path, cli_rows: Callable[..., pa.Table], tmp_path: Path, method: str
) -> None:
    df = cluster.spark.read.parquet(str(data / "articles"))
    out = tmp_path / "out"
    label(df, id_col="id", offsets="bytes", method=method).write.parquet(str(out))
    result = sorted_table(out, ["id", "sentence"])
    assert result.num_rows >= SENTENCES
    assert result.column_names == ["id", "sentence", "start", "end", "text", "labels", *LABELS, "error"]
    assert_equals_cli(result, cli_rows("articles"))
    assert_two_executors_load_once_a_worker(cluster, TASKS)


def stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name: the parent is the second. Empty for a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_alive(load: Load) -> bool:
    """Whether the worker still is that executor's; its number may have gone to a stranger."""
    parent = stat(load.pid)[1:2]
    return bool(parent) and stat(int(parent[0]))[1:2] == [str(load.executor)]


def busiest_worker(cluster: Cluster) -> Load | None:
    """The Python worker that is at work now; None if none is."""

    def ticks(load: Load) -> int:
        return sum(map(int, stat(load.pid)[11:13]))

    workers = [(load, ticks(load)) for load in cluster.loads() if is_alive(load)]
    time.sleep(0.1)
    worked = [(ticks(load) - before, load) for load, before in workers if is_alive(load)]
    most, busiest = max(worked, key=lambda pair: pair[0], default=(0, None))
    return busiest if most > 0 else None


class Job(threading.Thread):
    """A job that writes its result, and how far it is."""

    def __init__(self, spark: Any, name: str, write: Callable[[], None]) -> None:
        super().__init__()
        self.spark, self.group, self.write = spark, name, write
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self.spark.sparkContext.setJobGroup(self.group, self.group, False)
            self.write()
        except BaseException as error:  # The test tells it.
            self.failure = error

    def stage(self) -> Any:
        tracker = self.spark.sparkContext.statusTracker()
        jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(self.group)]
        stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
        return next((info for info in stages if info is not None and info.numTasks == TASKS), None)

    def wait_for(self, what: Callable[[Any], bool], seconds: float = 120) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.is_alive():
            if (now := self.stage()) is not None and what(now):
                return True
            time.sleep(0.05)
        return False


def kill_until_a_task_fails(job: Job, cluster: Cluster, which: Callable[[Load], int]) -> Any:
    """Kills the process that is at work; once more if it had just ended its task. Gives the stage as it is then."""
    before = job.stage().numFailedTasks
    while job.is_alive():
        if (load := busiest_worker(cluster)) is not None:
            os.kill(which(load), signal.SIGKILL)
            if job.wait_for(lambda now: now.numFailedTasks > before, 2):
                return job.stage()
    raise AssertionError(f"no task failed by a kill; the job ended with {job.failure}")


@pytest.mark.parametrize("method", METHODS)
def test_what_dies_is_done_again(
    cluster: Cluster, data: Path, cli_rows: Callable[..., pa.Table], tmp_path: Path, method: str
) -> None:
    """A Python worker and then an executor are killed in the middle of a job."""
    out = tmp_path / "out"
    df = label(cluster.spark.read.parquet(str(data / "sentences")), id_col="id", segment=False, method=method)
    job = Job(cluster.spark, f"dying by {method}", lambda: df.write.parquet(str(out)))
    job.start()
    assert job.wait_for(lambda now: now.numCompletedTasks >= 4), job.failure

    first = kill_until_a_task_fails(job, cluster, lambda load: load.pid)
    old = executors([load for load in cluster.loads() if is_alive(load)])
    second = kill_until_a_task_fails(job, cluster, lambda load: load.executor)
    assert any(not stat(executor) for executor in old)
    assert second.numCompletedTasks < TASKS, "in the middle"
    job.join(600)
    assert not job.is_alive() and job.failure is None, job.failure
    new = executors([load for load in cluster.loads() if is_alive(load)]) - old
    print(
        f"\n{method}: worker killed after {first.numCompletedTasks} of {TASKS} tasks, executor after "
        f"{second.numCompletedTasks}; {len(new)} new executors"
    )
    assert_equals_cli(sorted_table(out, ["id"]), cli_rows("sentences", "--no-segment"))


BROKEN = b"\xd9\x82\xd8 \xff"


@pytest.fixture
def mixed(cluster: Cluster, tmp_path: Path) -> Any:
    """Good rows, nulls, and a row that is not UTF-8, as another program may have written it; ids 0 to 5."""
    texts = ["نفى المتحدث ذلك. وقتل ثلاثة.", None, "", BROKEN, "...", "وصل الوزير أمس."]
    raw = pa.array([t.encode() if isinstance(t, str) else t for t in texts], pa.binary())
    strings = pa.StringArray.from_buffers(len(raw), *raw.buffers()[1:], raw.buffers()[0])
    table = pa.table({"id": range(len(texts)), "text": strings, "raw": raw, "more.columns": ["x"] * len(texts)})
    pq.write_table(table, tmp_path / "mixed.parquet")
    return cluster.spark.read.parquet(str(tmp_path / "mixed.parquet"))


@pytest.mark.parametrize("column", ["text", "raw"])
@pytest.mark.parametrize("method", METHODS)
def test_null_and_broken_rows_have_a_reason(mixed: Any, method: str, column: str) -> None:
    rows = label(mixed, column, "id", segment=False, method=method).orderBy("id").collect()
    assert [row["id"] for row in rows] == list(range(6)), "each row once"
    reasons = {1: "the text is null", 3: "the text is not valid UTF-8: byte 2: invalid continuation byte"}
    for row in rows:
        assert row["error"] == reasons.get(row["id"])
        nothing = row["id"] in reasons
        assert all((row[name] is None) == nothing for name in ["labels", *LABELS])
    assert rows[0]["labels"] == ["denial", "casualty_report"]

    rows = label(mixed, column, "id", method=method).orderBy("id", "sentence").collect()
    assert [(row["id"], row["sentence"], row["error"]) for row in rows] == [
        (0, 0, None),
        (0, 1, None),
        (1, None, reasons[1]),
        (3, None, reasons[3]),
        (5, 0, None),
    ]
    assert [row["text"] for row in rows] == ["نفى المتحدث ذلك.", "وقتل ثلاثة.", None, None, "وصل الوزير أمس."]
    assert all(rows[i][name] is None for i in (2, 3) for name in ["start", "end", "labels", *LABELS])


@pytest.mark.parametrize("method", METHODS)
def test_which_columns_are_kept(mixed: Any, method: str) -> None:
    good = mixed.filter("id IN (0, 5)")
    assert label(good, segment=False, method=method).columns == [*mixed.columns, "labels", *LABELS, "error"]
    places = ["sentence", "start", "end", "text"]
    whole = label(good, method=method)
    assert whole.columns == ["id", "raw", "more.columns", *places, "labels", *LABELS, "error"]
    assert {row["more.columns"] for row in whole.collect()} == {"x"}
    two = label(good, id_col=["more.columns", "id"], method=method)
    assert two.columns == ["more.columns", "id", *places, "labels", *LABELS, "error"]
    assert sorted(row["id"] for row in two.collect()) == [0, 0, 5]
    assert label(good.filter("id > 5"), method=method).collect() == []


def test_what_cannot_be_right_is_told_before_the_job(mixed: Any) -> None:
    with pytest.raises(ValueError, match="there is no column 'body'; the columns are 'id', 'text', 'raw'"):
        label(mixed, "body")
    with pytest.raises(ValueError, match="there is no column 'url'"):
        label(mixed, id_col="url")
    with pytest.raises(ValueError, match="two columns 'claim'"):
        label(mixed.withColumnRenamed("id", "Claim"))
    with pytest.raises(ValueError, match="two columns 'text'"):
        label(mixed, "raw")
    with pytest.raises(TypeError, match="'id' is of type (bigint|long); expected string"):
        label(mixed, "id")
    with pytest.raises(ValueError, match="method is 'pandas'"):
        label(mixed, method="pandas")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match="no-model.safetensors"):
        label(mixed, model="no-model.safetensors")


@pytest.fixture(scope="module")
def own_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"{word} {i}" for i in range(40) for word in ("نفى الناطق ذلك", "وصل الوزير أمس")]
    model = bayan.train(texts, [["denied"] if "نفى" in text else [] for text in texts], c_grid=[1.0], folds=2)
    path = tmp_path_factory.mktemp("model") / "own.safetensors"
    model.save(path)
    return path


@pytest.mark.parametrize("method", METHODS)
def test_a_model_of_ones_own_by_path_and_by_name(cluster: Cluster, mixed: Any, own_model: Path, method: str) -> None:
    cluster.spark.sparkContext.addFile(str(own_model))
    for model in (own_model, own_model.name):
        rows = label(mixed, id_col="id", segment=False, model=model, method=method).orderBy("id").collect()
        assert rows[0]["denied"] > 0.5 > rows[5]["denied"] and "claim" not in rows[0]
    assert {load.model for load in cluster.loads()} >= {str(own_model)}


def test_the_model_is_not_in_what_is_shipped_with_a_task(own_model: Path) -> None:
    settings = {"segment": True, "model": str(own_model), "offsets": "str"}
    bayan.batch.classifier(own_model)  # As the driver has it.
    for work in (
        bayan.spark.array_function(["denied"], settings),
        bayan.spark.batches_function(["denied"], ["id", "text"], "text", ["id"], settings),
    ):
        size = len(cloudpickle.dumps(work))
        print(f"\n{work.__name__}: {size} bytes; the shipped model has {len(bayan.load().to_bytes())}")
        assert size < 4096


@pytest.mark.skipif("arrow_udf" not in METHODS, reason="this PySpark has no arrow_udf")
def test_the_udf_runs_once_for_a_row(mixed: Any) -> None:
    for segment in (True, False):
        plan = label(mixed, id_col="id", segment=segment)._jdf.queryExecution().executedPlan().toString()
        assert plan.count("ArrowEvalPython") == 1 and plan.count("label_texts(") <= 2, plan


@pytest.mark.parametrize(
    ("suffix", "message"), [("whl", "No module named 'bayan'"), ("zip", "No module named 'bayan._bayan'")]
)
def test_add_py_file_of_a_wheel_does_not_work(cluster: Cluster, tmp_path: Path, suffix: str, message: str) -> None:
    """docs/spark.md says so: Spark leaves a wheel off the path, and Python loads no extension out of a zip file."""
    file = shutil.copy(WHEEL, tmp_path / f"shipped.{suffix}")

    def load(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        path = os.pathsep.join(entry for entry in sys.path if "bayan_package" not in entry)
        command = [sys.executable, "-c", "import bayan; print(bayan.load())"]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
        for batch in batches:
            yield pa.RecordBatch.from_pydict({"message": [done.stdout + done.stderr] * batch.num_rows})

    cluster.spark.sparkContext.addPyFile(str(file))
    [row] = cluster.spark.range(1).mapInArrow(load, "message string").collect()
    assert row["message"].rstrip().endswith(f"ModuleNotFoundError: {message}")
