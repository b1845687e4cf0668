#!/usr/bin/env python3
"""Counts the instructions of the release build by valgrind's callgrind, and compares them with benches/instructions.json.

    cargo build --release && benches/instructions.py            exit status 1 if a count has grown by more than 25 %
    cargo build --release && benches/instructions.py --update   takes the counts as the new figures, to be committed

Counts vary by less than 1 % from run to run, whatever else the machine does. The inputs in benches/instructions are drawn from
training-data and stay as they are when it grows. Profiles stay in target/instructions, for `callgrind_annotate`.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = pathlib.Path("benches/instructions.json")
PROFILES = pathlib.Path("target/instructions")
BAYAN = pathlib.Path("target/release/bayan")
LINES = "benches/instructions/lines.txt"
ANNOTATIONS = "benches/instructions/annotations.jsonl"
# How often the text is given again, to count what warm labelling costs.
AGAIN = 20
# Growth beyond this share of the committed figure fails.
LARGEST_GROWTH = 0.25


def count(name, *arguments):
    """Instructions of one run of the program."""
    profile = PROFILES / f"{name}.out"
    command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}", BAYAN, "--quiet"]
    done = subprocess.run([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name}: exit status {done.returncode}\n{done.stderr}")
    totals = [line for line in profile.read_text().splitlines() if line.startswith("totals:")]
    return int(totals[-1].split()[1])


def counts():
    """Each figure is that of one kind of work: what another count holds already is taken off."""
    label = ["label", "--threads", "1"]
    lines, articles = [*label, "--input", "lines", "--format", "tsv"], [*label, "--input", "text"]
    article = count("article", *label, "tests/data/article.txt")
    lines_once = count("lines-once", *lines, LINES)
    articles_once = count("articles-once", *articles, LINES)
    lines_again = count("lines-again", *lines, *[LINES] * (1 + AGAIN))
    articles_again = count("articles-again", *articles, *[LINES] * (1 + AGAIN))
    with tempfile.TemporaryDirectory() as folder:
        sentence = pathlib.Path(folder, "sentence.txt")
        sentence.write_text(pathlib.Path(LINES).read_text(encoding="utf8").split("\n")[0], encoding="utf8")
        first = count("sentence", *lines, sentence)
        train = [ANNOTATIONS, "--folds", "2", "-C", "0.3", "--threads", "1", "--output", f"{folder}/model"]
        trained = count("train", "train", *train)
    return {
        "label: start-up and one sentence": first,
        "label: start-up and one article": article,
        "label: the index and a text of new words": lines_once - article,
        "label: lines to TSV, warm": lines_again - lines_once,
        "label: articles to JSONL, warm": articles_again - articles_once,
        "train": trained,
    }


def compare(found, committed):
    """Prints a line for each figure; returns those that have grown too much."""
    grown = []
    for name, instructions in found.items():
        before = committed.get(name)
        if before is None:
            print(f"{name:34} {instructions:>15,}  (no committed figure)")
            grown.append(f"{name}: no committed figure; run benches/instructions.py --update and commit it")
            continue
        change = instructions / before - 1
        print(f"{name:34} {instructions:>15,}  committed {before:>15,}  {change:+8.1%}")
        if change > LARGEST_GROWTH:
            grown.append(f"{name}: {change:+.1%} instructions, more than {LARGEST_GROWTH:+.0%}")
    return grown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help=f"write the counts to {FIGURES}")
    chosen = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("instruction counts: SKIPPED, valgrind is not installed", file=sys.stderr)
        return 0
    os.chdir(ROOT)
    if not BAYAN.exists():
        raise SystemExit(f"{BAYAN} is missing; run: cargo build --release")
    PROFILES.mkdir(parents=True, exist_ok=True)
    found = counts()
    if chosen.update:
        FIGURES.write_text(json.dumps(found, indent=2) + "\n", encoding="utf8")
    grown = compare(found, json.loads(FIGURES.read_text(encoding="utf8")))
    for line in grown:
        print(line, file=sys.stderr)
    if grown:
        print("if that is intended, run benches/instructions.py --update and say why in the commit", file=sys.stderr)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
