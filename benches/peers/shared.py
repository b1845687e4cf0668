"""What the comparisons with peers share: data, features, and runs that are measured. Imports nothing heavy by itself."""

import dataclasses
import datetime
import json
import os
import pathlib
import platform
import subprocess
import time

LABELS = ["claim", "denial", "threat", "casualty_report"]
TRAINING_DATA = pathlib.Path("training-data/train")
BAYAN = pathlib.Path("target/release/bayan")
FOLDER = pathlib.Path("target/peers")
FASTTEXT = FOLDER / "fasttext"


def read(path):
    """The annotations of a JSONL file or a directory of them, as dictionaries; `topic` is always there."""
    path = pathlib.Path(path)
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    rows = [json.loads(line) for file in files for line in file.open(encoding="utf8")]
    for row in rows:
        row.setdefault("topic", row["id"])
    return rows


def sklearn_features():
    """The nearest that scikit-learn has to bayan's features."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2),
    )


def write_fasttext(rows, path):
    """Annotations as fastText reads them. A sentence without a label gets one of its own, `none`."""
    with open(path, "w", encoding="utf8") as out:
        for row in rows:
            names = [f"__label__{label}" for label in row["labels"]] or ["__label__none"]
            out.write(" ".join(names) + " " + row["text"].replace("\n", " ") + "\n")


@dataclasses.dataclass
class Measured:
    """A whole process: seconds by the clock, seconds of processor time, peak resident memory in MB."""

    wall: float
    cpu: float
    peak: float


def cores(count):
    """The first cores that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    if count > len(allowed):
        raise SystemExit(f"{count} cores asked for, {len(allowed)} to be had")
    return allowed[:count]


def run(command, count=1, stdin=None, stdout=subprocess.DEVNULL):
    """Runs `command` on `count` cores and measures it. The memory is never below that of this process, which the
    system counts in, so callers must stay small (no numpy)."""
    command = [str(part) for part in command]
    allowed = os.sched_getaffinity(0)
    # The child inherits the cores: a program that sets them would be measured too.
    os.sched_setaffinity(0, cores(count))
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=stdin, stdout=stdout)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    os.sched_setaffinity(0, allowed)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"exit status {process.returncode}: {' '.join(command)}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def processor():
    """The name of the processor."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def circumstances():
    """Machine, load and date, for the head of a table."""
    load = os.getloadavg()[0]
    return f"{processor()}, {len(os.sched_getaffinity(0))} cores, load {load:.1f} at the start, {datetime.date.today()}"


def print_table(head, rows):
    """A Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
