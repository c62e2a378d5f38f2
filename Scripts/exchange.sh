#!/bin/bash
# Exchanges files with NumPy and the safetensors package, in both directions: Python writes, Swoop
# reads and writes, Python reads; every element type, byte for byte. Needs python3 with venv
# (Scripts/setup.sh --ci) and an index of Python packages.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.build/exchange-venv
files=$PWD/.build/exchange
swift_test=${SWIFT_TEST:-swift test}

fail() {
  echo "exchange: $*" >&2
  exit 1
}

# A venv is only there once it is whole.
if [ ! -f "$environment/complete" ]; then
  rm -rf "$environment"
  python3 -m venv "$environment" || fail 'python3 cannot make a venv: Scripts/setup.sh --ci installs python3-venv'
  "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
    'numpy>=2,<3' 'safetensors>=0.5,<1' 'ml_dtypes>=0.5,<1' || fail 'NumPy and safetensors could not be fetched'
  touch "$environment/complete"
fi
"$environment/bin/python" -m pip list --disable-pip-version-check 2>/dev/null |
  awk '$1 ~ /^(numpy|safetensors|ml_dtypes)$/ { printf "exchange: %s %s\n", $1, $2 }'

rm -rf "$files"
mkdir -p "$files/swift" "$files/own"
"$environment/bin/python" Scripts/exchange.py write "$files"
SWOOP_EXCHANGE=$files $swift_test --filter ExchangeTests 2>&1 | tee .build/exchange.log |
  grep -v '^\[' || fail "Swoop failed; see .build/exchange.log"
grep -q 'written again" passed' .build/exchange.log || fail 'no test ran'
"$environment/bin/python" Scripts/exchange.py check "$files"

# Nothing partial may be left where the disk is full; the test limits the size of files for that, and
# so needs a process of its own.
SWOOP_FULL_DISK=1 $swift_test --skip-build --filter FullDiskTests 2>&1 | tee .build/full-disk.log |
  grep -v '^\[' || fail 'a full disk is not survived; see .build/full-disk.log'
grep -q 'nothing partial is left" passed' .build/full-disk.log || fail 'no test ran'
