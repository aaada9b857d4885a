-- Script for wrk: posts the bodies of a file, one a line, in turn; prints the results as JSON on the last line.
-- Arguments: the path of the requests, the file.

local requests, place = {}, 0

function init(arguments)
  local headers = { ["Content-Type"] = "application/json" }
  for body in io.lines(arguments[2]) do
    requests[#requests + 1] = wrk.format("POST", arguments[1], headers, body)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "refused": %d, "failed": %d, "seconds": %.6f, "p50": %.3f, "p95": %.3f, "p99": %.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3
  ))
end
