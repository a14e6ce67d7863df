#!/usr/bin/env bash
# The one command that runs all tests: bash tests/run.sh
#
# Needs Rust and a Debian 12 with apt. What else the tests use (Python 3.11 and Node among it) is
# installed here, if it is absent: Debian packages (tests/tools/apt.txt), Python packages into .venv and
# npm packages into tests/tools/node_modules, all pinned. Stops at the first fault and says
# what to do. Never asks anything.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

begun=$SECONDS
step=""

section() {
    step="$1"
    printf '\n== %s (%ss)\n' "$step" "$((SECONDS - begun))"
}

# Says what failed, and what to do about it.
fail() {
    printf '\nFAILED: %s\n  %s\n' "$step" "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -n "$@"
    else
        fail "Run as root: $*"
    fi
}

# What tests write lies in one folder, which goes with this run however that ends. Servers that do
# not run as root must come through it, and remove what is theirs.
TMPDIR=$(mktemp -d)
export TMPDIR
chmod 1777 "$TMPDIR"
trap 'rm -rf "$TMPDIR"' EXIT

# What is still there of the tests: their folders, and processes that work in them.
left_behind() {
    find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'pytest-of-*'
    for process in /proc/[0-9]*; do
        if [[ "$(readlink "$process/cwd")" == "$TMPDIR"* ]] ||
            grep -qsF "$TMPDIR" "$process/cmdline"; then
            echo "process ${process#/proc/}: $(tr '\0' ' ' <"$process/cmdline")"
        fi
    done 2>/dev/null
}

# A test that leaves something behind fills up the disk in time.
nothing_is_left_behind() {
    # Database servers have been told to end, and take a moment.
    for _ in {1..60}; do
        [ -n "$(left_behind)" ] || return 0
        sleep 0.5
    done
    fail "Left behind: $(left_behind)"
}

section "what must be there"
command -v cargo >/dev/null || fail "cargo is missing. Install Rust 1.95 with rustfmt and clippy."
cargo --version
df -h --output=avail,target . | tail -1

section "Debian packages (tests/tools/apt.txt)"
missing=()
while read -r program package; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || missing+=("$package")
done < <(grep -v '^#' tests/tools/apt.txt)
python3.11 -c 'import ensurepip' 2>/dev/null || missing+=(python3.11-venv)
perl -MXML::Feed -e 1 2>/dev/null || missing+=(libxml-feed-perl)
if [ "${#missing[@]}" -gt 0 ]; then
    echo "installing: ${missing[*]}"
    command -v apt-get >/dev/null || fail "Install these with your package manager: ${missing[*]}"
    as_root apt-get update -qq || fail "apt-get update failed; is there a network?"
    # Some of these are servers: none may be started by its package.
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "Install these by hand: apt-get install ${missing[*]}"
fi

section "Python packages (tests/tools/requirements.txt)"
# What was installed last is kept beside it, so that a second run asks nobody.
if ! cat tests/tools/requirements*.txt | cmp -s - .venv/installed.txt; then
    python3.11 -m venv .venv || fail "Install the package python3.11-venv."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --requirement tests/tools/requirements.txt ||
        fail "pip could not install tests/tools/requirements.txt; see above."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
        --requirement tests/tools/requirements-alone.txt ||
        fail "pip could not install tests/tools/requirements-alone.txt; see above."
    cat tests/tools/requirements*.txt >.venv/installed.txt
fi

section "npm packages (tests/tools/package.json)"
if ! cmp -s tests/tools/package-lock.json tests/tools/node_modules/installed.json; then
    (cd tests/tools && npm ci --silent --no-progress) ||
        fail "npm ci failed in tests/tools; see above."
    cp tests/tools/package-lock.json tests/tools/node_modules/installed.json
fi

section "cargo-deb (target/tools)"
# Not optimised: it packs once, and compiles in half a minute so.
cargo_deb=3.8.0
if [ "$(target/tools/bin/cargo-deb --version 2>/dev/null)" != "cargo-deb $cargo_deb" ]; then
    cargo install --quiet --locked --debug --root target/tools "cargo-deb@$cargo_deb" ||
        fail "cargo could not install cargo-deb $cargo_deb; is there a network?"
fi

section "format"
cargo fmt --check || fail "Run: cargo fmt"

section "clippy"
cargo clippy --locked --all-targets --quiet -- -D warnings || fail "Mend what clippy says above."

section "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --quiet ||
    fail "Mend the docstrings named above."

section "licences of all dependencies"
.venv/bin/python -m pytest --quiet tests/licences || fail "See above; the list is in tests/licences/."

section "Rust tests"
cargo test --locked --quiet || fail "See above; one test alone: cargo test NAME"
nothing_is_left_behind

section "the program as it is shipped"
cargo build --release --locked --quiet || fail "Mend what the compiler says above."

section "real readers, crawlers, caches and browsers; clocks, catalogues and packages"
DATELINE="$PWD/target/release/dateline" \
    .venv/bin/python -m pytest --quiet tests --ignore tests/licences ||
    fail "See above; one suite alone: .venv/bin/python -m pytest tests/clients"
nothing_is_left_behind

printf '\nAll tests passed in %s seconds.\n' "$((SECONDS - begun))"
