#!/usr/bin/env bash
# Builds the release wheel into target/wheels and tests it in a fresh virtual environment, without the sources in sight.
# Usage: [PROFILE=dev] python/build-and-test-wheel.sh [maturin build options, as --zig --compatibility manylinux2014]
set -euo pipefail
cd "$(dirname "$0")"
target="${CARGO_TARGET_DIR:-$PWD/../target}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/build"
"$scratch/build/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2'
"$scratch/build/bin/maturin" build --profile "${PROFILE:-release}" --out "$scratch/wheel" "$@"
wheel="$(echo "$scratch"/wheel/bayan-*.whl)"

echo "== the wheel by itself"
"${PYTHON:-python3}" -m venv "$scratch/alone"
"$scratch/alone/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps "$wheel"
# Somewhere else, so that nothing but the wheel can be imported.
cd "$scratch"
"$scratch/alone/bin/python" -I -c '
import bayan
[sentence] = bayan.load().label("ونفى المتحدث باسم الوزارة صحة هذه الأنباء.")
assert sentence.labels == ["denial"], sentence
print("bayan", bayan.__version__, "labels without any other package")'

echo "== its tests"
cd - > /dev/null
"${PYTHON:-python3}" -m venv "$scratch/tests"
"$scratch/tests/bin/pip" install --quiet --disable-pip-version-check --requirement requirements-test.txt "$wheel"
"$scratch/tests/bin/pytest" --quiet
mkdir -p "$target/wheels"
cp "$wheel" "$target/wheels/"
ls -l "$target/wheels/$(basename "$wheel")"
