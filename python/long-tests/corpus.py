"""Makes large corpora of the training sentences: each is repeated, every time with a few words changed, by a seed.

Leaves in a folder: ``sentences/`` (Parquet, one sentence a row), ``articles/`` (five sentences a row, one a line), and each
as JSONL for the command line. Columns ``id`` and ``text``.
"""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261121
FILES = 48
IN_ARTICLE = 5


def training_rows() -> list[dict[str, object]]:
    """The annotations of ``training-data/train``."""
    files = sorted((ROOT / "training-data/train").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def perturbed(sentence: str, rng: random.Random) -> str:
    """The sentence with two neighbouring words exchanged, one dropped, and a number in the place of another."""
    words = sentence.split(" ")
    i = rng.randrange(len(words))
    change = rng.randrange(3)
    if change == 0 and i + 1 < len(words):
        words[i], words[i + 1] = words[i + 1], words[i]
    elif change == 1 and len(words) > 3:
        del words[i]
    else:
        words[i] = str(rng.randrange(10_000))
    return " ".join(words).replace("\n", " ")


def make(folder: Path, sentences: int) -> Path:
    """Makes the corpora of ``sentences`` sentences, if they are not there; they appear when they are complete."""
    done = folder / f"corpus-{sentences}"
    if done.exists():
        return done
    under_way = folder / f"corpus-{sentences}.tmp"
    shutil.rmtree(under_way, ignore_errors=True)
    rng = random.Random(SEED)
    originals = [str(row["text"]) for row in training_rows()]
    texts = [perturbed(rng.choice(originals), rng) for _ in range(sentences)]
    articles = ["\n".join(texts[i : i + IN_ARTICLE]) for i in range(0, sentences, IN_ARTICLE)]
    _write(under_way, "sentences", texts)
    _write(under_way, "articles", articles)
    under_way.rename(done)
    return done


def _write(folder: Path, name: str, texts: list[str]) -> None:
    (folder / name).mkdir(parents=True)
    ids = [f"{name[0]}{i:08}" for i in range(len(texts))]
    for i in range(FILES):
        part = slice(len(texts) * i // FILES, len(texts) * (i + 1) // FILES)
        pq.write_table(pa.table({"id": ids[part], "text": texts[part]}), folder / name / f"{i:03}.parquet")
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
        for id_, text in zip(ids, texts):
            out.write(json.dumps({"id": id_, "text": text}, ensure_ascii=False) + "\n")
