#!/usr/bin/env bash
# Compares bayan with scikit-learn, fastText and the majority on the same training data and folds; prints a table.
#
#   benches/peers/accuracy.sh [TEST.jsonl|DIR]...      default: training-data/test
#
# Needs python3 with venv; installs the peers from their package registry into target/peers. AUTOTUNE=seconds sets
# how long fastText's autotune may search (default 300).
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --release --quiet
python3 -m venv target/peers
target/peers/bin/pip install --quiet --requirement benches/peers/requirements.txt
exec target/peers/bin/python benches/peers/accuracy.py "$@"
