#!/bin/sh
# Measures the server in its modes with wrk on loopback, side by side, and prints one table.
#   Examples/Server/measure.sh
# From the environment: ROUNDS (3), DURATION of a run in seconds (3), CONNECTIONS ("1 16 64 256"),
# THREADS of the pool (one a core), DEVICE (what --device takes).
# Ends with 0 if the modes gave bitwise the same answers before and no request failed.
set -eu

rounds=${ROUNDS:-3}
duration=${DURATION:-3}
connections=${CONNECTIONS:-1 16 64 256}
threads=${THREADS:-$(nproc)}
modes='per-op pool coalesced nothing'
here=$(cd "$(dirname "$0")" && pwd)

fail() {
  echo "measure: $*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The load generator, and what asks for the statistics.
missing=''
for program in wrk curl; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
  echo "measure: installing with apt-get:$missing"
  as_root apt-get update || echo 'measure: apt-get update failed; going on with the lists at hand' >&2
  # Unquoted: one argument a package.
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing ||
    fail "these programs are missing:$missing"
fi
"$here/../../Scripts/setup.sh"

swift build -c release --package-path "$here" --product Server
server=$(swift build -c release --package-path "$here" --show-bin-path)/Server

load_before=$(cut -d' ' -f1 /proc/loadavg)
scratch=$(mktemp -d)
processes=''
# shellcheck disable=SC2329,SC2086
clean_up() {
  [ -z "$processes" ] || kill $processes 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

"$server" requests > "$scratch/digits.lua"

# All servers run all the time; one without requests sleeps.
for mode in $modes; do
  "$server" --mode "$mode" --port 0 --threads "$threads" ${DEVICE:+--device "$DEVICE"} \
    > "$scratch/$mode.log" &
  processes="$processes $!"
  echo $! > "$scratch/$mode.process"
done

url() {
  sed -n 's/.*listening at //p' "$scratch/$1.log"
}

for mode in $modes; do
  tries=0
  until [ -n "$(url "$mode")" ] && curl -sf "$(url "$mode")/health" >/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "the server with --mode $mode does not answer"
    sleep 0.1
  done
  sed 's/^/measure: /' "$scratch/$mode.log"
done

# Not "nothing", which recognises nothing.
ports=''
for mode in per-op pool coalesced; do ports="$ports $(url "$mode" | sed 's/.*://')"; done
# shellcheck disable=SC2086
"$server" check $ports

# load MODE CONNECTIONS SECONDS: one line of figures.
load() {
  wrk -t1 -c"$2" -d"${3}s" --latency -s "$here/classify.lua" "$(url "$1")" -- "$scratch/digits.lua" \
    > "$scratch/wrk.log" || fail "wrk failed: $(cat "$scratch/wrk.log")"
  sed -n 's/^figures //p' "$scratch/wrk.log"
}

# statistic MODE NAME: a number of /statistics, 0 if the mode has none of the name.
statistic() {
  found=$(curl -sf "$(url "$1")/statistics" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p")
  echo "${found:-0}"
}

for mode in $modes; do load "$mode" 64 2 >/dev/null; done

# Modes inside, so that whatever disturbs the machine for a while disturbs all of them.
round=0
while [ $round -lt "$rounds" ]; do
  round=$((round + 1))
  for count in $connections; do
    for mode in $modes; do
      [ ! -t 2 ] || printf '\rmeasure: round %s of %s, %s connections, %-9s' \
        "$round" "$rounds" "$count" "$mode" >&2
      calls=$(statistic "$mode" calls)
      batches=$(statistic "$mode" batches)
      figures=$(load "$mode" "$count" "$duration")
      echo "$mode $count $figures $(($(statistic "$mode" calls) - calls))" \
        "$(($(statistic "$mode" batches) - batches))" >> "$scratch/figures"
    done
  done
done
[ ! -t 2 ] || printf '\r%60s\r' '' >&2

# SIGTERM must end each server by itself, with 0.
for mode in $modes; do
  process=$(cat "$scratch/$mode.process")
  kill -TERM "$process"
  wait "$process" || fail "the server with --mode $mode ended with an error"
done
processes=''

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo
echo "$(nproc) cores ($processor) for wrk and the server together;" \
  "LP_NUM_THREADS ${LP_NUM_THREADS:-not set}; load average before $load_before"
echo "medians of $rounds rounds of $duration s; pool: $threads threads;" \
  "nothing: HTTP without any computing"
echo
awk -v modes="$modes" -v connections="$connections" '
  # The figures of a mode and a number of connections, sorted; returns how many.
  function sorted(values, key, name,   n, i, j, value) {
    n = count[key]
    for (i = 1; i <= n; i++) {
      value = all[name, key, i]
      for (j = i - 1; j >= 1 && values[j] > value; j--) values[j + 1] = values[j]
      values[j + 1] = value
    }
    return n
  }
  function median(values, n) {
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
  }
  NF != 9 { print "measure: a run gave no figures" > "/dev/stderr"; bad = 1; next }
  {
    key = $1 " " $2; n = ++count[key]
    all["rate", key, n] = $3 * 1e6 / $4
    all["p50", key, n] = $6 / 1e3; all["p99", key, n] = $7 / 1e3
    calls[key] += $8; batches[key] += $9; failures += $5
  }
  END {
    row = "%-11s %-10s %10s  %-15s %9s %9s %11s\n"
    printf row, "connections", "mode", "requests/s", "(min - max)", "p50 ms", "p99 ms", "mean batch"
    size = split(connections, counts, " "); width = split(modes, names, " ")
    for (c = 1; c <= size; c++) for (m = 1; m <= width; m++) {
      key = names[m] " " counts[c]; n = sorted(rates, key, "rate")
      range = sprintf("(%.0f - %.0f)", rates[1], rates[n])
      rate = sprintf("%.0f", median(rates, n))
      sorted(p50, key, "p50"); sorted(p99, key, "p99")
      batch = batches[key] ? sprintf("%.1f", calls[key] / batches[key]) : \
        names[m] == "nothing" ? "-" : "1"
      printf row, counts[c], names[m], rate, range, sprintf("%.2f", median(p50, n)), \
        sprintf("%.2f", median(p99, n)), batch
    }
    if (failures) print "measure: " failures " requests failed" > "/dev/stderr"
    exit (failures || bad) ? 1 : 0
  }' "$scratch/figures"
