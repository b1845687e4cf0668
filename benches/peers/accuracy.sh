#!/usr/bin/env bash
# Compares bayan with scikit-learn, fastText and the majority on the same training data and folds; prints a table.
#
#   benches/peers/accuracy.sh [TEST.jsonl|DIR]...      default: training-data/test
#
# AUTOTUNE=seconds sets how long fastText's autotune may search (default 300).
set -euo pipefail
cd "$(dirname "$0")/../.."
. benches/peers/environment.sh
exec "$peers/bin/python" benches/peers/accuracy.py "$@"
