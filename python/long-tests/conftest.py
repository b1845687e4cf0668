"""What the long tests share: a corpus, the command line's results on it, and Spark on two executor processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import corpus  # noqa: E402
import session  # noqa: E402

WORK = Path(os.environ["BAYAN_WORK"])
WHEEL = Path(os.environ["BAYAN_WHEEL"])
UNPACKED = Path(os.environ["BAYAN_UNPACKED"])
PROGRAM = os.environ["BAYAN_PROGRAM"]
SENTENCES = int(os.environ.get("BAYAN_SENTENCES", "1000000"))
LABELS = ["claim", "denial", "threat", "casualty_report"]

# Only this process: the executors' Python must find the package by what the tests ship to them.
sys.path.insert(0, str(UNPACKED))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the corpora."""
    return corpus.make(WORK, SENTENCES)


@pytest.fixture(scope="session")
def cli_rows(data: Path) -> Callable[..., pa.Table]:
    """What ``bayan label`` says of a JSONL corpus, in its order."""

    def rows(name: str, *arguments: str) -> pa.Table:
        out = WORK / f"cli-{name}.jsonl"
        command = [PROGRAM, "label", "--quiet", str(data / f"{name}.jsonl"), *arguments, "--output", str(out)]
        subprocess.run(command, check=True)
        table = pyarrow.json.read_json(out)
        out.unlink()
        return table

    return rows


def assert_equals_cli(result: pa.Table, cli: pa.Table) -> None:
    """The columns of ``result`` are what the command line printed, row for row; it prints four decimals."""
    assert result.num_rows == cli.num_rows
    assert result["id"].cast(pa.string()).equals(cli["document"]), "the same rows, each once"
    for name in {"sentence", "start", "end", "text"} & set(result.column_names):
        assert result[name].to_pylist() == cli[name].to_pylist(), name
    assert result["labels"].to_pylist() == cli["labels"].to_pylist()
    for name in LABELS:
        printed = pa.compute.struct_field(cli["probabilities"], name).to_numpy()
        assert np.abs(result[name].to_numpy() - printed).max() <= 0.5e-4 + 1e-12, name
    assert result["error"].null_count == result.num_rows


@dataclass
class Load:
    """A note of the probe."""

    pid: int
    executor: int
    model: str
    package: str


@dataclass
class Cluster:
    """Spark, and where its workers note which models they load."""

    spark: Any
    log: Path

    def loads(self) -> list[Load]:
        """The notes so far."""
        if not self.log.exists():
            return []
        fields = [line.split("\t") for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [Load(int(pid), int(executor), model, package) for pid, executor, model, package in fields]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Spark on two executor processes."""
    scratch = tmp_path_factory.mktemp("spark")
    log = scratch / "loads.tsv"
    spark = session.start(scratch, Path(os.environ["BAYAN_ARCHIVE"]), log)
    yield Cluster(spark, log)
    session.stop(spark)


def sorted_table(folder: Path, by: list[str]) -> pa.Table:
    """What Spark wrote, read without Spark, in the order of the corpus."""
    return pq.read_table(folder).sort_by([(name, "ascending") for name in by])
