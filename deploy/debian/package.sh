#!/bin/sh
# Builds the Debian package into target/debian: sh deploy/debian/package.sh
#
# Needs cargo-deb: cargo install cargo-deb --version 3.8.0 --locked
# With DATELINE set to a binary, that one is packed and nothing is compiled. Further arguments
# go to cargo-deb.
set -eu
cd "$(dirname "$0")/../.."

program=target/release/dateline
if [ -z "${DATELINE:-}" ]; then
    cargo build --release --locked
elif ! [ "$DATELINE" -ef "$program" ]; then
    mkdir -p target/release
    cp "$DATELINE" "$program"
fi

# What the program says of itself.
made=target/deb
mkdir -p "$made"
"$program" man >"$made/dateline.1"
"$program" completions bash >"$made/dateline"
"$program" completions zsh >"$made/_dateline"
"$program" completions fish >"$made/dateline.fish"

"${CARGO_DEB:-cargo-deb}" --no-build --locked "$@"
