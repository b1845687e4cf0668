"""Speed and memory of whole processes, bayan against its peers; see speed.sh."""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

from shared import BAYAN, FASTTEXT, FOLDER, Measured, circumstances, cores, print_table, run

MODELS = "benches/peers/speed_models.py"
WC = "`wc -w`"
TSV = "bayan, lines to TSV, 1 thread"
# How much of the text scikit-learn gets; its time is scaled to the whole.
SKLEARN_BYTES = 500_000
LETTERS = [chr(code) for code in range(0x628, 0x63B)] + [chr(code) for code in range(0x641, 0x64B)]
LABEL = [BAYAN, "--quiet", "label"]
LINES = ["--input", "lines", "--format", "tsv"]
ARTICLES = ["--input", "text", "--format", "jsonl"]


def made(kind, *arguments, path):
    """A peer's model, trained when it is not there."""
    if not path.exists():
        print(f"training {path}", file=sys.stderr)
        subprocess.run([sys.executable, MODELS, kind, *arguments, str(path)], check=True)
    return path


def fasttext(dim, text):
    """Prints the best label only, which flatters it: bayan prints all four probabilities."""
    model = made("fasttext", str(dim), path=FOLDER / f"fasttext-{dim}.bin")
    return run([FASTTEXT, "predict-prob", model, text, 1])


def sklearn(text):
    """One run on a part of the text, scaled to the whole."""
    model = made("sklearn", path=FOLDER / "sklearn-speed.pickle")
    command = ["taskset", "--cpu-list", str(cores(1)[0]), sys.executable, MODELS, "time", model, text]
    done = subprocess.run([*command, str(SKLEARN_BYTES)], check=True, capture_output=True, text=True)
    wall, cpu, size = map(float, done.stdout.split())
    scale = text.stat().st_size / size
    return Measured(wall * scale, cpu * scale, None)


def label(text, threads=1, options=LINES):
    return run([*LABEL, "--threads", threads, *options, text], threads)


def interleaved(jobs, runs):
    """Runs every job `runs` times, in turn, after one round that is not counted; medians by name."""
    results = {name: [] for name in jobs}
    for turn in range(-1, runs):
        for name, job in jobs.items():
            if sys.stderr.isatty():
                print(f"\r\033[Krun {turn + 1} of {runs}: {name}\r", end="", file=sys.stderr, flush=True)
            results[name].append(job())
    return {name: median(measured[1:]) for name, measured in results.items()}


def median(runs):
    peaks = [run.peak for run in runs if run.peak is not None]
    return Measured(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        statistics.median(peaks) if peaks else None,
    )


def print_results(results, megabytes):
    """Times, and ratios to `wc -w` and to bayan, by the clock and by processor time."""
    base, ours = results[WC], results[TSV]
    head = ["", "s", "MB/s", "/ `wc -w`", "/ bayan TSV", "processor s", "/ `wc -w`", "/ bayan TSV", "peak MB"]
    rows = []
    for name, m in results.items():
        wall = f"{m.wall:.3f}", f"{megabytes / m.wall:.1f}", f"{m.wall / base.wall:.2f}", f"{m.wall / ours.wall:.2f}"
        cpu = f"{m.cpu:.3f}", f"{m.cpu / base.cpu:.2f}", f"{m.cpu / ours.cpu:.2f}"
        rows.append([name, *wall, *cpu, f"{m.peak:.0f}" if m.peak else ""])
    print_table(head, rows)


def piped(text, times, threads):
    """Lines to TSV of the text so many times, through a pipe."""
    with subprocess.Popen(["cat", *[text] * times], stdout=subprocess.PIPE) as feeder:
        measured = run([*LABEL, "--threads", threads, *LINES], threads, stdin=feeder.stdout)
        feeder.stdout.close()
    return measured


def never_repeating(path, size):
    """Lines of 20 words of eight letters that all differ: a counter, spread by an odd factor, in base 29."""
    count, written = 0, 0
    modulus = len(LETTERS) ** 8
    with open(path, "w", encoding="utf8") as out:
        while written < size:
            words = []
            for _ in range(20):
                number, word = count * 305_175_781_247 % modulus, ""
                for _ in range(8):
                    number, letter = divmod(number, len(LETTERS))
                    word += LETTERS[letter]
                words.append(word)
                count += 1
            written += out.write(" ".join(words) + "\n") * 2


def bayan_jobs(text, two):
    """bayan's ways through a text, and `wc -w`."""
    jobs = {
        WC: lambda: run(["wc", "-w", text]),
        TSV: lambda: label(text),
        "bayan, articles to JSONL, 1 thread": lambda: label(text, options=ARTICLES),
    }
    if two:
        jobs["bayan, lines to TSV, 2 threads"] = lambda: label(text, 2)
        jobs["bayan, articles to JSONL, 2 threads"] = lambda: label(text, 2, ARTICLES)
    return jobs


def speed(text, chosen, two):
    jobs = bayan_jobs(text, two)
    jobs["bayan, lines to JSONL, 1 thread"] = lambda: label(text, options=["--input", "lines"])
    for dim in chosen.dims:
        jobs[f"fastText `predict-prob`, dim {dim}"] = lambda dim=dim: fasttext(dim, text)
    if not chosen.quick:
        jobs["scikit-learn (a part, scaled; without loading)"] = lambda: sklearn(text)
    results = interleaved(jobs, chosen.runs)
    megabytes = text.stat().st_size / 1e6
    print(f"\n### {megabytes:.1f} MB, medians of {chosen.runs} interleaved runs of whole processes, one core a thread\n")
    print_results(results, megabytes)


def scaling(text, chosen, two, folder):
    large = folder / "large.txt"
    with open(large, "wb") as out:
        subprocess.run(["cat", *[text] * 10], stdout=out, check=True)
    results = interleaved({"once": lambda: label(text), **bayan_jobs(large, two)}, chosen.runs)
    large.unlink()
    once, ours = results.pop("once"), results[TSV]
    megabytes = text.stat().st_size / 1e5
    ratios = f"{ours.wall / once.wall:.2f} times its time by the clock, {ours.cpu / once.cpu:.2f} by processor time"
    print(f"\n### The text ten times, {megabytes:.1f} MB: lines to TSV {ratios}\n")
    print_results(results, megabytes)


def memory(text, chosen, two):
    print("\n### Peak memory in MB, lines to TSV through a pipe\n")
    threads = [1, 2] if two else [1]
    rows = []
    for times in [1, 10, 100] if chosen.huge else [1, 10]:
        peaks = [f"{piped(text, times, count).peak:.1f}" for count in threads]
        rows.append([f"{text.stat().st_size * times / 1e6:,.0f} MB", *peaks])
    print_table(["", *(f"{count} threads" if count > 1 else "1 thread" for count in threads)], rows)


def vocabulary(text, chosen, folder):
    """Time of the first eighth, quarter, half of the text and of all of it, with the number of distinct words."""
    parts = {}
    for share in [8, 4, 2]:
        parts[share] = folder / f"part-{share}.txt"
        with open(parts[share], "wb") as out, open(text, "rb") as source:
            while out.tell() < text.stat().st_size / share:
                out.write(source.readline())
    parts[1] = text
    results = interleaved({share: lambda p=path: label(p) for share, path in parts.items()}, chosen.runs)
    print("\n### Growth with the text and its vocabulary, lines to TSV, 1 thread\n")
    rows = []
    for share, path in parts.items():
        count, distinct = count_words(path)
        wall, cpu = results[share].wall, results[share].cpu
        cells = f"{wall:.3f}", f"{cpu:.3f}", f"{1e9 * cpu / count:.0f}"
        rows.append([f"{path.stat().st_size / 1e6:.1f}", f"{count:,}", f"{distinct:,}", *cells])
    print_table(["MB", "words", "distinct words", "s", "processor s", "processor ns / word"], rows)


def count_words(path):
    """Words and distinct words, counted in a process of its own, so that its memory is not taken for that of others."""
    script = "import sys; w = open(sys.argv[1], encoding='utf8').read().split(); print(len(w), len(set(w)))"
    done = subprocess.run([sys.executable, "-c", script, path], check=True, capture_output=True, text=True)
    return tuple(map(int, done.stdout.split()))


def adversarial(chosen, folder):
    path = folder / "never.txt"
    never_repeating(path, 2_000_000 if chosen.quick else 16_000_000)
    jobs = {
        WC: lambda: run(["wc", "-w", path]),
        TSV: lambda: label(path),
        "fastText `predict-prob`, dim 10": lambda: fasttext(10, path),
    }
    megabytes = path.stat().st_size / 1e6
    results = interleaved(jobs, chosen.runs)
    print(f"\n### {megabytes:.1f} MB of words that never repeat\n")
    print_results(results, megabytes)


def start_up(chosen, folder):
    path = folder / "short.txt"
    path.write_text("ونفى المتحدث باسم الوزارة صحة هذه الأنباء.\n", encoding="utf8")
    jobs = {"bayan": lambda: label(path), "`true`, a program that does nothing": lambda: run(["true"])}
    for dim in chosen.dims:
        jobs[f"fastText, dim {dim}"] = lambda dim=dim: fasttext(dim, path)
    results = interleaved(jobs, max(chosen.runs, 11))
    print("\n### From process start to process end with one sentence\n")
    rows = [[name, f"{1e3 * m.wall:.1f}", f"{1e3 * m.cpu:.1f}", f"{m.peak:.0f}"] for name, m in results.items()]
    print_table(["", "ms", "processor ms", "peak MB"], rows)


def arguments():
    parser = argparse.ArgumentParser(prog="benches/peers/speed.sh", description=__doc__)
    parser.add_argument("text", type=pathlib.Path, help="UTF-8, one sentence or paragraph a line")
    parser.add_argument("--runs", type=int, help="runs of each command that are counted [default: 5; 1 with --quick]")
    parser.add_argument("--quick", action="store_true", help="one run, no large texts, no scikit-learn, no dim 50")
    parser.add_argument("--huge", action="store_true", help="also a hundred times the text, through a pipe")
    chosen = parser.parse_args()
    chosen.runs = chosen.runs or (1 if chosen.quick else 5)
    chosen.dims = [10] if chosen.quick else [10, 50]
    return chosen


def main():
    chosen = arguments()
    two = len(os.sched_getaffinity(0)) > 1
    if not two:
        print("one core only: no runs with two threads", file=sys.stderr)
    print(circumstances())
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        folder = pathlib.Path(name)
        speed(chosen.text, chosen, two)
        start_up(chosen, folder)
        adversarial(chosen, folder)
        vocabulary(chosen.text, chosen, folder)
        if not chosen.quick:
            scaling(chosen.text, chosen, two, folder)
        memory(chosen.text, chosen, two)
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"\nPeak memory below {floor:.0f} MB, that of the measuring process, cannot be told apart.")


if __name__ == "__main__":
    main()
