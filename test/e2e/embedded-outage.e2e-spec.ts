// The embedded server is killed under two running applications of one DATA_DIR: requests are 503 for a moment, then work
// again, and each application logs one line when the outage begins and one when it ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverPid } from 'test-support/inspect.js';
import { until } from 'test-support/poll.js';
import { type RunningServer, SERVER_KEY, startServer } from '../support/processes.js';

let dataDir: string;
let servers: RunningServer[];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  servers = [await startServer({ DATA_DIR: dataDir }), await startServer({ DATA_DIR: dataDir })];
}, 240_000);

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

async function createTenant({ url }: RunningServer): Promise<string> {
  const response = await fetch(`${url}/clients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SERVER_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenant_name: 'Acme' }),
  });
  return ((await response.json()) as { tenant_uuid: string }).tenant_uuid;
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

it('both applications work again by themselves, and log one line for the outage', async () => {
  const [first] = servers;
  if (!first) throw new Error('No server runs.');
  const tenant = await createTenant(first);
  const statuses = (): Promise<number[]> =>
    Promise.all(
      servers.map(async ({ url }) => {
        const response = await fetch(`${url}/polls`, { headers: { 'X-Request-ID': tenant } });
        return response.status;
      }),
    );
  expect(await statuses()).toEqual([200, 200]);
  const pid = await serverPid(dataDir);
  process.kill(pid ?? 0, 'SIGKILL');
  const seen = new Set<number>();
  await until('both applications answer', async () => {
    const next = await serverPid(dataDir);
    const now = await statuses();
    for (const status of now) seen.add(status);
    return next !== undefined && next !== pid && now.every((status) => status === 200);
  });
  expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  const outputs: string[] = [];
  for (const server of servers) outputs.push((await server.stop('SIGTERM')).out);
  const all = outputs.join('');
  expect(count(all, /the embedded PostgreSQL has ended, starting it again/g)).toBe(1);
  expect(count(all, /started PostgreSQL/g)).toBe(2);
  for (const out of outputs) {
    expect(count(out, /Lost the tenant change listener/g)).toBe(1);
    expect(count(out, /Postgres pool raised an error/g)).toBeLessThanOrEqual(1);
  }
  expect(await serverPid(dataDir)).toBeUndefined();
}, 240_000);
