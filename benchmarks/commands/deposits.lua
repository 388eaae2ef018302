-- One deposit for each request, each with a new Idempotency-Key: wrk ... URL -- PREFIX ACCOUNTS
local prefix, accounts
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  prefix, accounts = args[1], tonumber(args[2])
  math.randomseed(os.time() * 1000 + number)
end

local function uuid()
  return (string.gsub("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", function()
    return string.format("%x", math.random(0, 15))
  end))
end

function request()
  local path = string.format("/api/accounts/%s%04d/deposits", prefix, math.random(0, accounts - 1))
  local headers = { ["Content-Type"] = "application/json", ["Idempotency-Key"] = uuid() }
  return wrk.format("POST", path, headers, '{"amount":"12.50","note":"load"}')
end

-- The last line of the output is JSON. Times are in microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "duration": %d, "refused": %d, "failed": %d, "p50": %d, "p99": %d}',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
end
