"""What several tests use."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pytest

import bayan

ROOT = Path(__file__).resolve().parents[2]

CITIES = ["الساحل", "المدينة", "الميناء", "الجبل", "الحدود", "السوق", "المطار", "القرية"]
SPEAKERS = ["المتحدث", "الوزير", "القائد", "المحافظ", "المدير", "الناطق"]
PATTERNS = [
    (["denial"], "ونفى {speaker} صحة الأنباء عن هجوم في {city}"),
    (["denial"], "وأكد {speaker} أن لا صحة لما قيل عن {city}"),
    (["casualty"], "قتل ثلاثة وأصيب خمسة في انفجار هز {city} كما روى {speaker}"),
    (["casualty", "denial"], "ونفى {speaker} مقتل عشرة وإصابة آخرين في {city}"),
    ([], "زار {speaker} معرض الكتاب في {city} أمس"),
    ([], "افتتح {speaker} طريقا جديدا يصل {city} بالعاصمة"),
]


@pytest.fixture(scope="session")
def classifier() -> bayan.Classifier:
    return bayan.load()


@pytest.fixture(scope="session")
def article() -> str:
    return (ROOT / "tests/data/article.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def annotated() -> tuple[list[str], list[list[str]], list[str]]:
    """288 sentences, their labels, and their groups."""
    rows = list(itertools.product(PATTERNS, CITIES, SPEAKERS))
    texts = [pattern.format(city=city, speaker=speaker) for (_, pattern), city, speaker in rows]
    return texts, [list(labels) for (labels, _), _, _ in rows], [city for _, city, _ in rows]


@pytest.fixture(scope="session")
def bayan_program() -> list[str]:
    """The command line, built by cargo if it is not; its results are what the package's are compared with."""
    subprocess.run(["cargo", "build", "--quiet"], cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    return [str(Path(target) / "debug" / "bayan")]
