#!/bin/bash
# Holds the programs to what they promise: bad input is one line and an exit code, nothing partial is
# left, memory stays flat, and a program may end with work in flight.
#   Tests/Programs/run.sh [BUILD]     the folder with the programs; .build/release without one
set -uo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "${1:-.build/release}")
data=$PWD/Examples/DigitsData/Data
work=$(mktemp -d)
disk=$work/disk
failures=0
trap 'umount "$disk" 2>/dev/null; rm -rf "$work"' EXIT

complain() {
  echo "programs: $*" >&2
  failures=$((failures + 1))
}

# refuses CODE PATTERN PROGRAM ARGUMENTS...: ends with the code within five minutes; what it says on the
# standard error is one line that begins with its name and has the pattern in it. After a wrong call
# (64) a second line says where help is. `keeps` says what else must be as before.
refuses() {
  local code=$1 pattern=$2 program=$3 status=0 lines=1
  shift 3
  timeout 300 "$build/$program" "$@" > "$work/out" 2> "$work/err" || status=$?
  local call="$program $*"
  [ $status -eq "$code" ] || complain "$call: exit code $status instead of $code"
  # On no terminal progress is a line of its own, now and then.
  grep -v ': \(calibrating\|warming up\|round [0-9]*\)' "$work/err" > "$work/said"
  [ "$code" -eq 64 ] && lines=2
  [ "$(wc -l < "$work/said")" -eq $lines ] || complain "$call: not $lines lines: $(cat "$work/said")"
  head -n 1 "$work/said" | grep -q "^$program: " || complain "$call: said $(cat "$work/said")"
  head -n 1 "$work/said" | grep -qe "$pattern" || complain "$call: not '$pattern' in: $(cat "$work/said")"
  if [ "$code" -eq 64 ] && [ "$(tail -n 1 "$work/said")" != "Try '$program --help'." ]; then
    complain "$call: no word of --help"
  fi
}

# nothing_left FOLDER: no file in it, hidden ones included.
nothing_left() {
  local left
  left=$(find "$1" -type f)
  [ -z "$left" ] || complain "left over: $left"
}

arguments() {
  local bad
  for bad in '--threads 0' '--threads -1' '--threads=-1' '--threads 1,,2' '--threads x' '--threads 1,1' \
    '--threads 99999999999999999999' '--batches 0' '--batches -1' '--batches=-1' \
    '--batches 9223372036854775807' '--batches 1.5' '--workload nonsense' '--workload add --workload add' \
    '--quick --full' '--nonsense' 'extra' '--json'; do
    # Unquoted: several arguments.
    # shellcheck disable=SC2086
    refuses 64 . BatchVsThread $bad
  done
  refuses 64 'there are add, linear, mlp, digits' BatchVsThread --workload nonsense
  refuses 64 'whole numbers from 1 to 65536' BatchVsThread --batches 9223372036854775807
  for bad in '--epochs 0' '--epochs -1' '--epochs 99999999999999999999' '--epochs 9223372036854775807' \
    '--batch 0' '--batch 1298' '--rate 0' '--rate nan' '--seed -1' '--nonsense' 'extra'; do
    # shellcheck disable=SC2086
    refuses 64 . Digits $bad
  done
  for bad in '' '--trees 0 README.md' '--hidden 0 README.md' '--trees 99999999999999999999 README.md'; do
    # shellcheck disable=SC2086
    refuses 64 . Trees $bad
  done
  refuses 64 'no workload \"\"' BatchVsThread --workload ''
  refuses 64 'takes a folder' BatchVsThread --data ''
  refuses 64 'takes a folder' Digits --data ''
  refuses 1 'nonsense' BatchVsThread --device nonsense
  refuses 1 'no device' BatchVsThread --device -1
  refuses 1 'nonsense' Digits --device nonsense
  refuses 1 'nonsense' Trees --device nonsense README.md
  refuses 1 'cpu' BatchVsThread --device cpu
  local program
  for program in BatchVsThread Digits Trees; do
    "$build/$program" --help > "$work/out" 2> "$work/err" || complain "$program --help: exit code $?"
    [ -s "$work/out" ] && [ ! -s "$work/err" ] || complain "$program --help says nothing, or complains"
  done
}

no_driver() {
  local VK_ICD_FILENAMES=/nonexistent VK_DRIVER_FILES=/nonexistent
  export VK_ICD_FILENAMES VK_DRIVER_FILES
  refuses 1 'mesa-vulkan-drivers' BatchVsThread --quick
  refuses 1 'mesa-vulkan-drivers' Digits
  refuses 1 'mesa-vulkan-drivers' Trees README.md
  export -n VK_ICD_FILENAMES VK_DRIVER_FILES
}

# damaged NAME: a folder with both files of the digits, to be spoiled.
damaged() {
  mkdir -p "$work/$1"
  cp "$data/digits.csv" "$data/digits-mlp.safetensors" "$work/$1"
}

# both PATTERN FOLDER: what both programs say of the images there.
both() {
  refuses 1 "$1" BatchVsThread --quick --workload digits --data "$2" --json "$work/json/x.json"
  refuses 1 "$1" Digits --epochs 1 --data "$2" --save "$work/json/x.safetensors"
  nothing_left "$work/json"
}

files() {
  mkdir -p "$work/json" "$work/empty"
  both 'digits.csv' "$work/empty"
  both 'No such file' "$work/nowhere"
  # A file where a folder is meant.
  both 'Not a directory' "$data/digits.csv"
  # Named in the environment it counts as well, whatever lies in the source tree.
  SWOOP_DATA="$work/empty" refuses 1 "$work/empty/digits.csv" BatchVsThread --quick --workload digits
  # Weights that have learnt nothing are right on every path, and no measurement of anything.
  damaged zeros && truncate -s "$(($(od -An -tu8 -N8 "$data/digits-mlp.safetensors") + 8))" \
    "$work/zeros/digits-mlp.safetensors" &&
    truncate -s "$(stat -c %s "$data/digits-mlp.safetensors")" "$work/zeros/digits-mlp.safetensors"
  refuses 1 'of the images are recognised' BatchVsThread --quick --data "$work/zeros"
  damaged short && truncate -s 100000 "$work/short/digits.csv"
  both 'digits.csv:[0-9]*: ' "$work/short"
  damaged lines && head -n 1700 "$data/digits.csv" > "$work/lines/digits.csv"
  both 'digits.csv' "$work/lines"
  damaged hole && truncate -s 0 "$work/hole/digits.csv"
  both 'digits.csv' "$work/hole"
  damaged noise && head -c 200000 /dev/urandom > "$work/noise/digits.csv"
  both 'digits.csv' "$work/noise"
  damaged folder && rm "$work/folder/digits.csv" && mkdir "$work/folder/digits.csv"
  both 'digits.csv' "$work/folder"

  local spoil
  for spoil in 'truncate -s 4' 'truncate -s 100' 'truncate -s 40000' 'truncate -s 0' 'truncate -s +1'; do
    damaged weights && $spoil "$work/weights/digits-mlp.safetensors"
    refuses 1 'digits-mlp.safetensors' BatchVsThread --quick --workload digits \
      --data "$work/weights" --json "$work/json/x.json"
  done
  damaged weights && printf '\377\377\377\377\377\377\377\177' |
    dd of="$work/weights/digits-mlp.safetensors" conv=notrunc status=none
  refuses 1 'digits-mlp.safetensors' BatchVsThread --quick --workload digits \
    --data "$work/weights" --json "$work/json/x.json"
  damaged weights && printf 'garbage' |
    dd of="$work/weights/digits-mlp.safetensors" bs=1 seek=20 conv=notrunc status=none
  refuses 1 'digits-mlp.safetensors' BatchVsThread --quick --workload digits \
    --data "$work/weights" --json "$work/json/x.json"
  nothing_left "$work/json"

  refuses 1 'No such file' Trees "$work/nowhere"
  refuses 1 'UTF-8' Trees "$work/noise/digits.csv"
  refuses 1 'directory' Trees "$work"
}

# A little that can be measured and written.
small='--quick --workload add --threads 1 --batches 1'

full_disk() {
  # shellcheck disable=SC2086
  refuses 1 'No space left' BatchVsThread $small --json /dev/full
  refuses 1 'which is a folder' BatchVsThread --json "$work"
  refuses 1 'whose folder cannot be written to' BatchVsThread --json "$work/nowhere/x.json"
  refuses 1 'Not a directory' BatchVsThread --json README.md/x.json
  refuses 1 'no file.s name' BatchVsThread --json ''
  refuses 1 'cannot be written' Trees --json /proc/x.json README.md
  local program status
  for program in devices operations; do
    status=0
    "$build/swoop" $program > /dev/full 2> "$work/err" || status=$?
    [ $status -eq 2 ] && grep -q '^swoop: cannot write the standard output: No space' "$work/err" ||
      complain "swoop $program > /dev/full: exit code $status: $(cat "$work/err")"
  done
  refuses 1 'No space left' Digits --epochs 1 --save /dev/full
  mkdir -p "$disk"
  if ! mount -t tmpfs -o size=8k tmpfs "$disk" 2> /dev/null; then
    echo 'programs: no small disk could be mounted; /dev/full has to do'
    return
  fi
  # What is there before stays as it is.
  echo before > "$disk/x.json"
  # shellcheck disable=SC2086
  refuses 1 'No space left' BatchVsThread $small --json "$disk/x.json"
  refuses 1 'No space left' Digits --epochs 1 --save "$disk/x.safetensors"
  [ "$(cat "$disk/x.json")" = before ] && [ "$(find "$disk" -type f | wc -l)" -eq 1 ] ||
    complain "on a full disk: $(find "$disk" -type f)"
}

# A bounded form of a million operations a path; the chain of one submission is the longest thing.
# One arena: a task that goes on in another thread would else take a second lot of pages, once.
memory() {
  local path operations limit
  for path in per-op recorded batched default coalesced futures arrays crowd scope refused cancelled mixed; do
    # Fifty calls of each of ten thousand tasks a portion: from there on it is seen who is ahead.
    operations=240000
    [ $path = crowd ] && operations=3000000
    limit=5
    # Ten thousand calls wait at a time, in batches of every size: the pool takes a while to have all.
    [ $path = crowd ] && limit=40
    MALLOC_ARENA_MAX=1 "$build/Endurance" memory --path $path --operations $operations --portions 6 \
      --limit $limit \
      > "$work/out" 2>&1 ||
      complain "memory: $(cat "$work/out")"
    tail -n 1 "$work/out"
  done
}

# leaving COUNT: exit codes, and no signal.
leaving() {
  local way wanted status turn
  for way in main exit error; do
    wanted=0
    [ $way = error ] && wanted=1
    for ((turn = 0; turn < $1; turn++)); do
      status=0
      timeout 60 "$build/Endurance" leave --by $way $([ $((turn % 3)) -eq 2 ] && echo --cpu) \
        > "$work/out" 2>&1 || status=$?
      [ $status -eq $wanted ] || complain "leaving by $way: exit code $status: $(cat "$work/out")"
    done
  done
}

arguments
no_driver
files
full_disk
memory
leaving "${LEAVE:-30}"
[ $failures -eq 0 ] && echo 'programs: all as they should be'
exit $((failures > 0))
