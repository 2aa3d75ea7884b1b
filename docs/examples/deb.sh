#!/bin/sh
# Makes the Debian package of a program that is built already, with its manual and completions:
#
#     docs/examples/deb.sh PROFILE [what cargo deb takes]
set -eu
profile=$1
shift
target=${CARGO_TARGET_DIR:-target}
# Cargo names the folder of its profile `dev` so.
folder=$target/$(echo "$profile" | sed 's/^dev$/debug/')
extra=$folder/package
mkdir -p "$extra"
for shell in bash fish zsh; do
    "$folder/cheeseshop" completions $shell >"$extra/completions.$shell"
done
"$folder/cheeseshop" man --out "$extra/man"
cargo deb --no-build --profile "$profile" "$@"
