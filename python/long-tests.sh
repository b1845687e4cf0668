#!/usr/bin/env bash
# The tests that are too long for CI: Spark on separate executor processes, Ray Data, Daft and polars, with a wheel as a
# cluster gets it.
#
#   python/long-tests.sh [tests|spark-3.5|rates]... [-- PYTEST-OPTION...]      default: tests spark-3.5
#
#   tests      everything with the newest PySpark, Ray, Daft and polars
#   spark-3.5  Spark's tests once more with PySpark 3.5, which has only mapInArrow
#   rates      rows a second and CPU time of bayan.spark, of a Python UDF with scikit-learn, and of Spark ML
#
# Needs cargo, Python 3.10 or later with venv, Java 17, and 6 GiB of memory; installs from the package index into target/.
# BAYAN_SENTENCES (default 1000000) is the size of the corpus. BAYAN_PROGRAM, BAYAN_WHEEL: a program and a wheel that are
# built already.
set -euo pipefail
cd "$(dirname "$0")/.."

parts=()
while [[ $# -gt 0 && $1 != -- ]]; do
    case $1 in
        tests | spark-3.5 | rates) parts+=("$1") ;;
        *) echo "long-tests.sh: unknown part '$1'; expected tests, spark-3.5 or rates" >&2; exit 2 ;;
    esac
    shift
done
[[ $# -eq 0 ]] || shift
[[ ${#parts[@]} -gt 0 ]] || parts=(tests spark-3.5)

export BAYAN_WORK=$PWD/target/long-tests
mkdir -p "$BAYAN_WORK"

environment() { # FOLDER REQUIREMENTS
    [[ -x $1/bin/python ]] || python3 -m venv "$1"
    "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2"
}

main=target/long-tests-venv
environment "$main" python/long-tests/requirements.txt
if [[ -z ${BAYAN_PROGRAM:-} ]]; then
    cargo build --release --quiet
    export BAYAN_PROGRAM=${CARGO_TARGET_DIR:-$PWD/target}/release/bayan
fi
if [[ -z ${BAYAN_WHEEL:-} ]]; then
    rm -rf "$BAYAN_WORK/wheels"
    "$main/bin/maturin" build --quiet --release --locked --manifest-path python/Cargo.toml --out "$BAYAN_WORK/wheels"
    BAYAN_WHEEL=$(ls "$BAYAN_WORK"/wheels/*.whl)
    export BAYAN_WHEEL
fi
# The wheel as docs/spark.md ships it.
export BAYAN_UNPACKED=$BAYAN_WORK/unpacked BAYAN_ARCHIVE=$BAYAN_WORK/bayan-package.tar.gz
rm -rf "$BAYAN_UNPACKED"
"$main/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$BAYAN_UNPACKED" "$BAYAN_WHEEL"
tar -C "$BAYAN_UNPACKED" -czf "$BAYAN_ARCHIVE" .

versions() {
    "$1/bin/python" -m pip list --disable-pip-version-check 2>/dev/null |
        grep -iE '^(pyspark|pyarrow|ray|daft|polars|numpy|pandas|scikit-learn) ' | tr -s ' ' | paste -sd, | sed 's/^/with /; s/,/, /g'
}

for part in "${parts[@]}"; do
    echo "== $part"
    case $part in
        tests)
            versions "$main"
            "$main/bin/python" -m pytest -c python/long-tests/pytest.ini python/long-tests "$@"
            ;;
        spark-3.5)
            old=target/long-tests-venv-spark-3.5
            environment "$old" python/long-tests/requirements-spark-3.5.txt
            versions "$old"
            "$old/bin/python" -m pytest -c python/long-tests/pytest.ini python/long-tests/test_spark.py "$@"
            ;;
        rates)
            versions "$main"
            "$main/bin/python" python/long-tests/rates.py
            ;;
    esac
done
