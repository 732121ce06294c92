import autocannon from 'autocannon';
import type { Load, LoadPlan, LoadResult, Step } from './plan.js';

/** What a connection remembers from one request to the next. */
interface Walk {
  life?: number;
  mark?: string;
  poll?: string;
}

/** The generator that comes with the packages. It takes more of the machine than wrk does. */
export async function loadByAutocannon({
  url,
  plan,
  connections,
  seconds,
  from = 0,
}: Load): Promise<LoadResult> {
  let wrong = 0;
  let lives = from * connections;
  const requests = plan.steps.map((step, index): autocannon.Request => ({
    method: step.method,
    path: step.path,
    setupRequest: (request, walk: Walk) => {
      if (index === 0) startLife(walk, plan, lives++);
      return prepare(request, step, plan, walk);
    },
    onResponse: (status, body, walk: Walk) => {
      if (status !== step.status || (body !== '' && !body.includes(walk.mark ?? ''))) wrong += 1;
      if (step.keepsId) walk.poll = /"id":(\d+)/.exec(body)?.[1] ?? '';
    },
  }));
  const result = await autocannon({ url, connections, duration: seconds, requests });
  return {
    requestsPerSecond: result.requests.average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    errors: wrong + result.errors + result.timeouts,
  };
}

function startLife(walk: Walk, { order, tenants }: LoadPlan, life: number): void {
  walk.life = life;
  walk.mark = tenants[order[life % order.length] ?? 0]?.mark ?? '';
}

function prepare(
  request: autocannon.Request,
  { path, body }: Step,
  { header, order, tenants }: LoadPlan,
  { life = 0, mark = '', poll = '' }: Walk,
): autocannon.Request {
  const uuid = tenants[order[life % order.length] ?? 0]?.uuid ?? '';
  return {
    ...request,
    path: path.replace('{id}', poll),
    headers: {
      [header]: uuid,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: body.replaceAll('{mark}', mark) }),
  };
}
