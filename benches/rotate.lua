-- For wrk: asks for the addresses of a list in turn, and reports as one line of JSON.
--
-- BENCH_TARGETS names the list: a path a line, and after a tab the ETag that the client has.
-- BENCH_ACCEPT is the Accept header, BENCH_ENCODING the Accept-Encoding header, if any. Requests are put together before the measuring begins.

local ready = {}
local turn = 0

function init()
  local headers = { ["Accept"] = os.getenv("BENCH_ACCEPT"), ["User-Agent"] = os.getenv("BENCH_AGENT") }
  local encoding = os.getenv("BENCH_ENCODING")
  headers["Accept-Encoding"] = encoding ~= "" and encoding or nil
  headers["Host"] = wrk.headers["Host"]
  for line in io.lines(os.getenv("BENCH_TARGETS")) do
    local path, etag = line:match("^([^\t]+)\t?(.*)$")
    headers["If-None-Match"] = etag ~= "" and etag or nil
    ready[#ready + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  turn = turn % #ready + 1
  return ready[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "bytes": %d, "p99_ms": %.4f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
