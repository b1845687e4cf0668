#!/usr/bin/env bash
# Times `bayan label` side by side with `wc -w`, fastText's command line and scikit-learn on a text, one sentence or
# paragraph a line, and prints Markdown tables: speed, memory, growth with the text, words that never repeat, start-up.
#
#   benches/peers/speed.sh TEXT [--quick] [--huge] [--runs N]
#
# --quick: one run, without the large texts, scikit-learn and fastText of dim 50. --huge: also a hundred times the text
# through a pipe. Trains the peers on training-data/train when target/peers has no models of theirs (a few minutes).
set -euo pipefail
text=$(realpath "${1:?usage: benches/peers/speed.sh TEXT [--quick] [--huge] [--runs N]}")
cd "$(dirname "$0")/../.."
. benches/peers/environment.sh
install_fasttext
export LC_ALL=C.UTF-8
exec "$peers/bin/python" benches/peers/speed.py "$text" "${@:2}"
