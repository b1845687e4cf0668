"""The recipes of docs/python-recipes.md, as they stand there, and that each gives what bayan.batch gives."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bayan.batch import label_batch

from conftest import LABELS, UNPACKED

DOCS = Path(__file__).resolve().parents[2] / "docs/python-recipes.md"
ROWS = 20_000


def recipe(name: str) -> str:
    """The first block of Python under the heading ``name``."""
    section = DOCS.read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, re.S)
    assert found, f"no recipe under {name}"
    return found[1]


@pytest.fixture(scope="module")
def news(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``news/``: four Parquet files of articles, with a null among them."""
    table = pa.concat_tables(pq.read_table(file) for file in sorted((data / "articles").glob("*.parquet")))
    table = table.slice(0, ROWS)
    texts = table["text"].to_pylist()
    texts[7] = None
    table = pa.table({"id": table["id"], "body": pa.array(texts, pa.string())})
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "news").mkdir()
    for i in range(4):
        pq.write_table(table.slice(ROWS * i // 4, ROWS // 4), folder / f"news/{i}.parquet")
    return folder


def run(name: str, folder: Path) -> pa.Table:
    """Runs a recipe in a process of its own, whose only hold on the package is the unpacked wheel."""
    environment = {**os.environ, "PYTHONPATH": str(UNPACKED), "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    prologue = "import ray; ray.init(num_cpus=2, object_store_memory=200 << 20, include_dashboard=False)\n"
    code = (prologue if name == "Ray Data" else "") + recipe(name)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    files = sorted((folder / "labelled").glob("**/*.parquet")) or [folder / "labelled.parquet"]
    return pa.concat_tables(pq.read_table(file) for file in files)


def plain(table: pa.Table) -> list[dict[str, Any]]:
    order = [("id", "ascending"), ("sentence", "ascending")]
    return table.sort_by(order).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["Ray Data", "Daft", "polars"])
def test_recipe(name: str, news: Path) -> None:
    for old in news.glob("labelled*"):
        old.rename(news / f"before-{name}")
    result = run(name, news)
    expected = label_batch(pq.read_table(news / "news"), "body", "id")
    assert result.column_names == ["id", "sentence", "start", "end", "text", "labels", *LABELS, "error"]
    assert plain(result) == plain(expected)
    assert expected.num_rows > 4 * ROWS and expected["error"].null_count == expected.num_rows - 1
