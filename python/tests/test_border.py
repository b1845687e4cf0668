"""Panics, interrupts, the interpreter lock, forks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import bayan
from bayan import _bayan

LINE = "قالت الوزارة إن ثلاثة قتلوا في الهجوم رقم {}، ونفت الحركة ذلك. "


@pytest.mark.parametrize("on_a_thread", [False, True])
def test_a_panic_is_an_ordinary_exception(on_a_thread: bool, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(bayan.InternalError, match=r"please report it: asked to \(.*lib\.rs:\d+") as caught:
        _bayan._panic(on_a_thread)
    assert isinstance(caught.value, RuntimeError)
    assert capfd.readouterr() == ("", "")


INTERRUPTED = """
import bayan, os, signal, threading, time
classifier = bayan.load()
line = {line!r}
work = {work}
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
began = time.monotonic()
try:
    work()
except KeyboardInterrupt:
    print("interrupted")
else:
    print("finished after", time.monotonic() - began)
"""


@pytest.mark.parametrize(
    "work",
    [
        # Each would take far longer than the half second until the signal comes.
        "lambda texts=[line.format(i) * 300 for i in range(10_000)]: classifier.predict_proba(texts, threads=1)",
        "lambda text=''.join(line.format(i) for i in range(2_000_000)): classifier.label(text)",
        "lambda text=''.join(line.format(i) for i in range(50_000)): classifier.explain(text)",
        "lambda: bayan.train([line.format(i) for i in range(40_000)], [['x'] * (i % 2) for i in range(40_000)])",
    ],
    ids=["predict_proba", "label", "explain", "train"],
)
def test_an_interrupt_stops_long_work(work: str) -> None:
    program = INTERRUPTED.format(line=LINE, work=work)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert run.stdout.strip() == "interrupted", run.stdout + run.stderr


def test_a_handler_that_raises_nothing_stops_nothing(classifier: bayan.Classifier) -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        texts = [LINE.format(i) * 20 for i in range(4000)]
        assert len(classifier.predict_proba(texts, threads=1)) == len(texts)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert seen == [signal.SIGALRM]


def test_other_threads_run_meanwhile(classifier: bayan.Classifier) -> None:
    texts = [LINE.format(i) * 20 for i in range(4000)]
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    ticker = threading.Thread(target=tick)
    ticker.start()
    before = ticks
    classifier.predict_proba(texts, threads=1)
    during = ticks - before
    done.set()
    ticker.join()
    # With the lock held there would be none, or the one of a switch.
    assert during >= 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_can_label(classifier: bayan.Classifier) -> None:
    texts = [LINE.format(i) for i in range(3000)]
    expected = classifier.predict(texts, threads=2).tolist()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_labelled, [texts] * 4) == [expected] * 4


def _labelled(texts: list[str]) -> list[list[bool]]:
    return FORKED.predict(texts, threads=2).tolist()


FORKED = bayan.load()
