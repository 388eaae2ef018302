#!lua flags=no-writes
-- The newest ARGV[2] values of the list KEYS[1] whose position is below ARGV[1] ("" for no bound), oldest first.
-- A value is an array of msgpack, its header one byte, that begins with its position; positions rise along the list.
local function position(index)
  local _, found = cmsgpack.unpack_one(redis.call('LINDEX', KEYS[1], index), 1)
  return found
end

local last = redis.call('LLEN', KEYS[1])
if ARGV[1] ~= '' then
  local before, low = tonumber(ARGV[1]), 0
  while low < last do
    local middle = math.floor((low + last) / 2)
    if position(middle) < before then
      low = middle + 1
    else
      last = middle
    end
  end
end
if last == 0 then return {} end
return redis.call('LRANGE', KEYS[1], math.max(0, last - tonumber(ARGV[2])), last - 1)
