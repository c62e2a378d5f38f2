#!/bin/bash
# The symbol graph of a module that has been built, of which documentation is made.
#   Scripts/symbols.sh MODULE BUILD OUTPUT     BUILD is such as .build/debug
# What a module re-exports of SwoopCore counts as its own, as it does for who imports it.
set -euo pipefail
module=$1 build=$(realpath "$2") output=$(realpath "$3")
cd "$(dirname "$0")/.."

maps=()
for map in Sources/*/module.modulemap "$build"/../../checkouts/*/Sources/*/include/module.modulemap; do
  maps+=(-Xcc "-fmodule-map-file=$map")
done
swift symbolgraph-extract -module-name "$module" -I "$build/Modules" "${maps[@]}" \
  -target "$(uname -m)-unknown-linux-gnu" -minimum-access-level public -skip-synthesized-members \
  -experimental-allowed-reexported-modules=SwoopCore -output-dir "$output"
