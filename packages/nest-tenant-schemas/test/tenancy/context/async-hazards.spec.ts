// Asynchronous code and its tenant. Timers and promises keep the tenant. Handlers of emitters, workers of queues and shared
// batches run in the tenant of their caller, unless they set one.
import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import {
  dataSourceFor,
  type Tenant,
  tenantContext,
  TenantContextMissingError,
} from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, Note, openTenantDataSource } from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
  for (const tenant of [A, B]) await addNote(dataSource, tenant);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const readFrom = async (source: DataSource): Promise<string | undefined> =>
  (await source.getRepository(Note).find())[0]?.text;
const read = (): Promise<string | undefined> => readFrom(dataSource);

it('keeps each of many tasks in its tenant across timers, microtasks and parallel work', async () => {
  const task = async (): Promise<unknown[]> => {
    const seen = [await read()];
    await nextTurn();
    seen.push(...(await Promise.all([read(), read()])));
    seen.push(await new Promise((resolve) => setTimeout(() => resolve(read()), 1)));
    seen.push(await new Promise((resolve) => process.nextTick(() => resolve(read()))));
    return seen;
  };
  const tenants = Array.from({ length: 20 }, (_, index) => (index % 2 ? A : B));
  const seen = await Promise.all(tenants.map((tenant) => tenantContext.run(tenant, task)));
  expect(seen).toEqual(tenants.map(({ schema }) => Array.from({ length: 5 }, () => schema)));
});

/** What a handler that was registered in A reads when it is called from B. */
async function emitInB(
  register: (emitter: EventEmitter, handle: () => void) => void,
): Promise<unknown> {
  const emitter = new EventEmitter();
  return new Promise((resolve) => {
    tenantContext.run(A, () => register(emitter, () => resolve(read())));
    tenantContext.run(B, () => emitter.emit('event'));
  });
}

it('runs a handler for the emitting tenant, and a bound one for the registering tenant', async () => {
  expect(await emitInB((emitter, handle) => emitter.on('event', handle))).toBe(B.schema);
  expect(await emitInB((emitter, handle) => emitter.on('event', AsyncResource.bind(handle)))).toBe(
    A.schema,
  );
});

describe('one worker for the jobs of all tenants', () => {
  /** Runs jobs one after another in the context in which it was started. */
  async function work(jobs: AsyncIterable<() => Promise<unknown>>): Promise<unknown[]> {
    const results: unknown[] = [];
    for await (const job of jobs) results.push(await job().catch((error: unknown) => error));
    return results;
  }

  async function* jobsOf(
    make: (tenant: Tenant) => () => Promise<unknown>,
  ): AsyncGenerator<() => Promise<unknown>> {
    for (const tenant of [A, B, A]) {
      await nextTurn();
      yield tenantContext.run(tenant, () => make(tenant));
    }
  }

  const OWN = [A.schema, B.schema, A.schema];

  it('gives each job its rows by run, and by a bound handle', async () => {
    expect(await work(jobsOf((tenant) => () => tenantContext.run(tenant, read)))).toEqual(OWN);
    const byHandle = jobsOf((tenant) => {
      const handle = dataSourceFor(dataSource, tenant);
      return () => readFrom(handle);
    });
    expect(await tenantContext.run(B, () => work(byHandle))).toEqual(OWN);
  });

  it('rejects jobs without a tenant if the worker started without one', async () => {
    const refused = expect.any(TenantContextMissingError) as unknown;
    expect(await work(jobsOf(() => read))).toEqual([refused, refused, refused]);
  });

  it('control: runs them for the tenant in which the worker was started', async () => {
    const seen = await tenantContext.run(B, () => work(jobsOf(() => read)));
    expect(seen).toEqual([B.schema, B.schema, B.schema]);
  });
});
