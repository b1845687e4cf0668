#!/usr/bin/env bash
# Times training: bayan against scikit-learn's liblinear on the same 12,000 sentences, folds and grid of C, on one core or
# several; then bayan's time and memory as the data grows to 200,000 sentences. Prints Markdown tables.
#
#   benches/peers/training.sh [--quick] [--skip compare|growth] [--sizes N...] [--grid C...] [--cores N...]
set -euo pipefail
cd "$(dirname "$0")/../.."
. benches/peers/environment.sh
exec "$peers/bin/python" benches/peers/training.py "$@"
