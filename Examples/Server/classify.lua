-- For wrk: every request another test image, and one line of figures for measure.sh.
-- The table of the bodies is the first argument after --; `Server requests` prints it.

local requests = {}
local last = 0

function init(args)
  local headers = { ["Content-Type"] = "text/plain" }
  for index, body in ipairs(dofile(args[1])) do
    requests[index] = wrk.format("POST", "/classify", headers, body)
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

-- Requests, microseconds, failures, and the median and 99th percentile of the latency.
function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
    failures, latency:percentile(50), latency:percentile(99)))
end
