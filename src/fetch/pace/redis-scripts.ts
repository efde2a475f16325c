/**
 * The pace of hosts in Lua, for Redis: what host-state.ts and precedence.ts say in TypeScript; a test runs both on the same
 * random histories.
 */
import {
  BREAKER_FAILURES,
  BREAKER_MS,
  BUSY_RETRY_MS,
  EARLY,
  FIRST_TURN_MS,
  FORGET_SLOWDOWN_MS,
  HINT_HORIZON_MS,
  MAX_BREAKER_MS,
  MAX_SLOWDOWN_MS,
  MIN_SLOWDOWN_MS,
  RECOVERY,
  RISE,
} from './host-state.ts';
import { HOLD_MS, PASSED } from './precedence.ts';

/** A host that nobody asked for so long is a new acquaintance. */
const FORGET_MS = 2 * 86_400_000;

/** What is a time of the clock, beside the ends of slots. */
const TIMES = [
  ...['nextAt', 'blockedUntil', 'hintAt', 'promisedAt', 'promisedFor'],
  ...['heldUntil', 'heldHintAt', 'agedUntil'],
];

const COMMON = `
local key, clock = KEYS[1], ARGV[1]
local now
if clock ~= '' then now = tonumber(clock) else
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local raw, s, slots = redis.call('HGETALL', key), {}, {}
for i = 1, #raw, 2 do
  if string.sub(raw[i], 1, 5) == 'slot:' then slots[raw[i]] = tonumber(raw[i + 1])
  elseif raw[i] == 'blockedBy' then s.blockedBy = raw[i + 1]
  else s[raw[i]] = tonumber(raw[i + 1]) end
end
local function get(name) return s[name] or 0 end
local function set(name, value)
  s[name] = value
  redis.call('HSET', key, name, type(value) == 'number' and string.format('%.0f', value) or value)
end
local function distance(interval) return math.max(interval, get('crawlDelayMs'), get('slowdownMs')) end
local function touch() redis.call('PEXPIRE', key, ${FORGET_MS}) end
`;

/** A clock that was put back; what take and give begin with. */
const ON_CLOCK = `${COMMON}
local back = math.max(0, get('writtenAt') - now)
if back > 0 then
  for _, name in ipairs({ ${TIMES.map((name) => `'${name}'`).join(', ')} }) do
    if get(name) > 0 then set(name, get(name) - back) end
  end
  for name, leaseEnd in pairs(slots) do
    slots[name] = leaseEnd - back
    redis.call('HSET', key, name, string.format('%.0f', leaseEnd - back))
  end
end
set('writtenAt', now)
local promisedAt = s.promisedAt or -1
`;

export const TAKE = `${ON_CLOCK}
local slot, interval, concurrency, lease = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local rank, live = tonumber(ARGV[6]), get('heldUntil') > now
if get('agedUntil') > 0 and get('agedUntil') <= now then
  set('agedUntil', 0)
  set('passed', 0)
end
local behind = live and rank > get('heldFor')
local aged = behind and get('passed') >= ${PASSED}
local busy, firstEnd = 0, nil
for name, leaseEnd in pairs(slots) do
  if leaseEnd > now then
    busy = busy + 1
    if not firstEnd or leaseEnd < firstEnd then firstEnd = leaseEnd end
  else redis.call('HDEL', key, name) end
end
local function freeAt()
  local takenAt = firstEnd - lease
  local usual = takenAt + get('turnMs')
  if usual >= now + ${BUSY_RETRY_MS} then return usual end
  return now + math.max(${BUSY_RETRY_MS}, now - usual)
end
local gap = distance(interval)
local allowed = concurrency
if get('failures') >= ${BREAKER_FAILURES} then allowed = 1 end
local space = math.max(gap, math.floor(get('turnMs') / concurrency), ${BUSY_RETRY_MS})
local at, why
if get('blockedUntil') > now then
  at, why = get('blockedUntil'), s.blockedBy or ''
  if why == '' then why = 'throttled' end
elseif busy >= allowed then
  at, why = math.max(get('nextAt'), freeAt()), 'busy'
elseif get('nextAt') > now then
  at = get('nextAt')
  if get('slowdownMs') > math.max(interval, get('crawlDelayMs')) then why = 'slowdown'
  elseif get('crawlDelayMs') > interval then why = 'crawl-delay'
  else why = 'interval' end
elseif behind and not aged then
  at, why = now + ${BUSY_RETRY_MS}, 'urgent'
elseif get('agedUntil') > now and not behind then
  at, why = now + ${BUSY_RETRY_MS}, 'turn'
end
if not at then
  redis.call('HSET', key, 'slot:' .. slot, string.format('%.0f', now + lease))
  set('nextAt', now + gap)
  if behind then
    set('passed', 0)
    set('agedUntil', 0)
  else
    if not live then set('passed', 0) elseif get('passed') > 0 then set('passed', get('passed') + 1) end
    if get('heldUntil') > 0 and get('heldHintAt') <= now + space then set('heldUntil', 0) end
  end
  touch()
  return { 1, '0', '' }
end
local patience = gap
if why == 'busy' then patience = get('turnMs') end
local early = at - now <= patience / ${EARLY}
local first = early or promisedAt ~= get('nextAt') or get('promisedFor') <= now
local function within(told) if told > now + ${HINT_HORIZON_MS} then return at else return told end end
local told
if aged and (get('agedUntil') <= now or early) then
  told = at
  set('agedUntil', math.max(get('agedUntil'), told + ${HOLD_MS}))
elseif behind then
  set('passed', math.max(get('passed'), 1))
  told = within(math.max(at, get('hintAt')))
  set('hintAt', told + space)
  set('rowFor', rank)
else
  local equal, hint = live and rank == get('heldFor'), get('hintAt')
  local jumps = not equal and (live or (hint > now and rank < get('rowFor')))
  if equal then hint = get('heldHintAt') end
  first = first or jumps
  told = at
  if not first then told = math.max(at, hint) end
  told = within(told)
  local after = told + space
  if first and not jumps then after = math.max(hint, after) end
  local alone = not jumps and (not equal or get('hintAt') <= get('heldHintAt'))
  if alone then
    set('hintAt', after)
    set('rowFor', rank)
  end
  set('promisedAt', get('nextAt'))
  if first then set('promisedFor', told) end
  local till = told + math.max(gap, ${HOLD_MS})
  if equal then till = math.max(till, get('heldUntil')) end
  set('heldFor', rank)
  set('heldUntil', till)
  set('heldHintAt', after)
end
touch()
return { 0, string.format('%.0f', told - now), why }
`;

export const GIVE = `${ON_CLOCK}
local slot, interval, outcome = ARGV[2], tonumber(ARGV[3]), ARGV[4]
local retryAfter, ago, held = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
redis.call('HDEL', key, 'slot:' .. slot)
local function block(till, by)
  if till > get('blockedUntil') then set('blockedUntil', till); set('blockedBy', by) end
end
if outcome == 'ok' then
  set('failures', 0)
  local slower = math.floor(get('slowdownMs') * ${RECOVERY})
  if slower < ${FORGET_SLOWDOWN_MS} then slower = 0 end
  set('slowdownMs', slower)
elseif outcome == 'throttled' then
  local slowdown = math.min(2 * math.max(distance(interval), ${MIN_SLOWDOWN_MS / 2}), ${MAX_SLOWDOWN_MS})
  set('failures', 0)
  set('slowdownMs', slowdown)
  if retryAfter == '' then block(now + slowdown, 'throttled') else block(now + tonumber(retryAfter), 'retry-after') end
elseif outcome == 'down' then
  local failures = get('failures') + 1
  set('failures', failures)
  if failures >= ${BREAKER_FAILURES} then
    local pause = ${BREAKER_MS} * 2 ^ math.min(failures - ${BREAKER_FAILURES}, 10)
    block(now + math.min(pause, ${MAX_BREAKER_MS}), 'down')
  end
end
local gap = distance(interval)
set('nextAt', math.max(get('nextAt'), now - ago + gap))
if outcome ~= 'neutral' then
  local turn, known = math.max(held, held - ago + gap), get('turnMs')
  if known == 0 then known = math.max(gap, ${FIRST_TURN_MS}) end
  set('turnMs', math.min(turn, known + math.floor(known / ${RISE})))
end
touch()
return 1
`;

export const LEARN = `${COMMON}
set('crawlDelayMs', tonumber(ARGV[2]))
touch()
return 1
`;

export const PEEK = `${COMMON}
return { string.format('%.0f', now), raw }
`;
