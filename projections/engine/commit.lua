#!lua
-- Batches of projections, one after the other: of each all of it, or nothing.
-- KEYS: the `meta` of each one's generation.
-- ARGV: for each the number of its arguments, and these: the generation's key prefix, expected checkpoint, new
--       checkpoint, fencing token, id of the batch's first event, position and id of its last one, change feed entry
--       ("" for none), its resync flag, change feed length, hash of sums ("" for none), then writes: command, key, cap,
--       number of arguments, arguments; and so on.
-- Returns for each {outcome, checkpoint found, token found}. Numbers stay decimal strings: Lua's are doubles.
local HEAD, STEP = 10, 4000 -- unpack's limit is 8,000
local SUMS = 64 -- a hash of more sums is not published
local TYPES = { HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', ZADD = 'zset', RPUSH = 'list' }

local function integer(text, digits)
  return text and #text <= digits and string.match(text, '^%-?%d+$')
end

-- Its arguments are those after `start` up to `stop`.
local function commit(meta, start, stop)
  local prefix, expected, checkpoint, token, origin, newest, changes, resync, length, sums = unpack(ARGV, start + 1, start + HEAD)
  local first = start + HEAD + 1
  local found = redis.call('HMGET', meta, 'checkpoint', 'token', 'next', 'keys', 'origin')
  local function answer(outcome) return { outcome, found[1] or '', found[2] or '' } end

  if not found[1] then return answer('missing') end
  if tonumber(found[2]) > tonumber(token) then return answer('fenced') end
  if found[3] then return answer('superseded') end
  if found[1] ~= expected then return answer('elsewhere') end
  if not string.match(checkpoint, '^%d+$') or tonumber(checkpoint) <= tonumber(expected) then
    return answer('invalid: the checkpoint ' .. checkpoint .. ' is not beyond ' .. expected)
  end

  local created = {}

  local function right_type(key, command)
    local is = redis.call('TYPE', key).ok
    if is == 'none' and command ~= 'HDEL' then created[key] = true end
    return is == 'none' or is == TYPES[command]
  end

  local function fault(command, key, count, at)
    if not TYPES[command] then return 'unknown write: ' .. tostring(command) end
    if not count or count < 1 or at + count - 1 > stop then return 'a write is incomplete' end
    if not right_type(key, command) then return key .. ' is of another type' end
    if command == 'HINCRBY' then
      local now = redis.call('HGET', key, ARGV[at]) or '0'
      if count ~= 2 or not integer(ARGV[at + 1], 18) or not integer(now, 18) then
        return key .. ' cannot add ' .. tostring(ARGV[at + 1]) .. ' to ' .. tostring(now)
      end
    elseif (command == 'HSET' or command == 'ZADD') and count % 2 ~= 0 then
      return key .. ' has a field without a value'
    elseif command == 'ZADD' then
      for i = at, at + count - 1, 2 do
        if not integer(ARGV[i], 17) or math.abs(tonumber(ARGV[i])) >= 2 ^ 53 then
          return key .. ' cannot hold the score ' .. ARGV[i]
        end
      end
    end
  end

  local at = first
  while at <= stop do
    local count = tonumber(ARGV[at + 3])
    local why = fault(ARGV[at], prefix .. tostring(ARGV[at + 1]), count, at + 4)
    if why then return answer('invalid: ' .. why) end
    at = at + 4 + count
  end
  if changes ~= '' then
    local feed = redis.call('TYPE', prefix .. 'changes').ok
    if feed ~= 'none' and feed ~= 'stream' then return answer('invalid: ' .. prefix .. 'changes is of another type') end
    if feed == 'none' then resync = '1' end -- a live generation has one, so it was lost
    local kind = sums == '' and 'none' or redis.call('TYPE', prefix .. sums).ok
    if kind ~= 'none' and kind ~= 'hash' then return answer('invalid: ' .. prefix .. sums .. ' is of another type') end
  end

  local removed = 0
  at = first
  while at <= stop do
    local command, key, cap, count = ARGV[at], prefix .. ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local last = at + 3 + count
    local existed = command == 'HDEL' and redis.call('EXISTS', key) == 1
    for i = at + 4, last, STEP do
      redis.call(command, key, unpack(ARGV, i, math.min(i + STEP - 1, last)))
    end
    if cap > 0 then redis.call('LTRIM', key, -cap, -1) end
    if existed and redis.call('EXISTS', key) == 0 then removed = removed + 1 end
    at = last + 1
  end
  local moved = { 'checkpoint', checkpoint, 'token', token }
  if origin ~= '' then
    moved[5], moved[6] = 'last', newest
    if not found[5] then moved[7], moved[8] = 'origin', origin end
  end
  redis.call('HSET', meta, unpack(moved))
  if integer(found[4], 18) then -- earlier releases did not count
    local more = -removed
    for _ in pairs(created) do more = more + 1 end
    if more ~= 0 then redis.call('HINCRBY', meta, 'keys', more) end
  end
  if changes ~= '' then
    local entry = { 'changes', changes, 'resync', resync }
    if sums ~= '' and redis.call('HLEN', prefix .. sums) <= SUMS then
      entry[5], entry[6] = 'sums', cmsgpack.pack({ sums, redis.call('HGETALL', prefix .. sums) })
    end
    redis.call('XADD', prefix .. 'changes', 'MAXLEN', '~', length, checkpoint .. '-0', unpack(entry))
  end
  return { 'done', checkpoint, token }
end

local answers, start = {}, 0
for i, meta in ipairs(KEYS) do
  local stop = start + 1 + tonumber(ARGV[start + 1])
  answers[i] = commit(meta, start + 1, stop)
  start = stop
end
return answers
