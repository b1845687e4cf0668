# Sourced by the comparisons, in the project's directory: bayan's release build, and the peers from their package registry
# in target/peers: a virtual environment, and fastText's own command line.
#
# Needs python3 with venv, pip, and a C++ compiler (c++) for fastText.
peers=target/peers
cargo build --release --quiet
[ -x "$peers/bin/python" ] || python3 -m venv "$peers"
"$peers/bin/pip" install --quiet --requirement benches/peers/requirements.txt

# Parallel work is shared out by the comparisons themselves; threads of the linear algebra under it only get in the way.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# fastText's source package holds the sources of its command line; the flags are those of fastText's Makefile.
fasttext_version=0.9.3
install_fasttext() {
    [ -x "$peers/fasttext" ] && return
    local sources=$peers/fasttext-$fasttext_version
    "$peers/bin/pip" download --quiet --no-deps --no-binary fasttext --dest "$peers" "fasttext==$fasttext_version"
    tar -xzf "$sources.tar.gz" -C "$peers"
    c++ -pthread -std=c++17 -march=native -O3 -funroll-loops -DNDEBUG "$sources"/src/*.cc -o "$peers/fasttext.part"
    mv "$peers/fasttext.part" "$peers/fasttext"
}
