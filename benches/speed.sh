#!/usr/bin/env bash
# Times `bayan label` as a whole process against `wc -w` on a text, five runs each, and prints medians and ratios.
#
#   benches/speed.sh TEXT        one sentence or paragraph a line, UTF-8
set -euo pipefail
text=$(realpath "${1:?usage: benches/speed.sh TEXT}")
cd "$(dirname "$0")/.."
cargo build --release --quiet
export LC_ALL=C.UTF-8
bayan=target/release/bayan
median() { # seconds of the third of five runs
    for _ in 1 2 3 4 5; do
        local start end
        start=$(date +%s%N)
        "$@" >/dev/null
        end=$(date +%s%N)
        echo $((end - start))
    done | sort -n | sed -n 3p
}
megabytes=$(awk -v b="$(stat -c %s "$text")" 'BEGIN { print b / 1e6 }')
base=$(median wc -w "$text")
row() {
    local ns
    ns=$(median "${@:2}")
    awk -v n="$1" -v ns="$ns" -v base="$base" -v mb="$megabytes" \
        'BEGIN { printf "| %s | %.3f | %.0f | %.2f |\n", n, ns / 1e9, mb / (ns / 1e9), ns / base }'
}
echo "| $(nproc) cores, $(date +%Y-%m-%d), $megabytes MB | s | MB/s | time / wc -w |"
echo "|---|---|---|---|"
row "wc -w" wc -w "$text"
row "label, lines to TSV, 1 thread" "$bayan" label --threads 1 --input lines --format tsv "$text"
row "label, lines to TSV, 2 threads" "$bayan" label --threads 2 --input lines --format tsv "$text"
row "label, articles to JSONL, 1 thread" "$bayan" label --threads 1 "$text"
row "label, one sentence (start-up)" "$bayan" label tests/data/article.txt
