-- Plays a plan (see plan.ts) in each thread, which has one connection, and checks every answer.
local threads = {}

function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end

function init(args)
  plan = dofile(args[1])
  life = id * plan.stride + plan.from
  step = 0
  wrong = 0
end

-- The n-th field of a string, from 0.
local function field(text, width, n)
  return text:sub(n * width + 1, (n + 1) * width)
end

local function start_life()
  step = 1
  local tenant = tonumber(field(plan.order, plan.order_width, life % plan.lives))
  life = life + 1
  mark = field(plan.marks, plan.mark_width, tenant):match("%S+")
  local uuid = field(plan.uuids, plan.uuid_width, tenant)
  headers = { [plan.header] = uuid }
  headers_of_json = { [plan.header] = uuid, ["Content-Type"] = "application/json" }
  poll = nil
end

function request()
  if step == 0 or step == #plan.steps then start_life() else step = step + 1 end
  -- wrk asks for one request that it never sends, so an id may be missing.
  if plan.steps[step].needs_id and not poll then start_life() end
  current = plan.steps[step]
  local path = current.path
  if poll then path = path:gsub("{id}", poll) end
  local body = current.body and current.body:gsub("{mark}", mark)
  return wrk.format(current.method, path, body and headers_of_json or headers, body)
end

function response(status, _, body)
  if status ~= current.status or (body ~= "" and not body:find(mark, 1, true)) then
    wrong = wrong + 1
  end
  if current.keeps_id then poll = body:match('"id":(%d+)') end
end

function done(summary, latency)
  local errors = summary.errors
  local count = errors.connect + errors.read + errors.write + errors.timeout
  for _, thread in ipairs(threads) do count = count + thread:get("wrong") end
  io.write(string.format(
    '\n{"requestsPerSecond":%.2f,"p50Ms":%.3f,"p99Ms":%.3f,"errors":%d}\n',
    summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    count
  ))
end
