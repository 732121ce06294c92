// What the specs of faults share: what must hold once a fault is over.
import { DataSource } from 'typeorm';
import type { TestApplication } from '../support/application.js';
import { until } from 'test-support/poll.js';
import { poolOf } from '../../packages/nest-tenant-schemas/test/tenancy/support.js';
import type { Load } from './load.js';

/** Runs SQL past the application. */
export type Sql = <Row>(text: string, values?: unknown[]) => Promise<Row[]>;

const SETTLED_WITHIN_MS = 10_000;

/** What the pool, its scheduler and the server hold for the application. */
async function holdings({ app }: TestApplication, sql: Sql) {
  const pool = poolOf(app.get(DataSource));
  const { scheduler } = pool as unknown as { scheduler: { quotas: ReadonlyMap<unknown, unknown> } };
  const [row] = await sql<{ backends: number }>(
    `SELECT count(*)::int AS backends FROM pg_catalog.pg_stat_activity
     WHERE datname = pg_catalog.current_database() AND application_name = 'nest-tenant-schemas'`,
  );
  const { totalCount, idleCount, waitingCount } = pool;
  return {
    busy: totalCount - idleCount,
    waiting: waitingCount,
    quotas: scheduler.quotas.size,
    leaked: (row?.backends ?? 0) - totalCount,
  };
}

/** Waits until everything is given back; what leaks never is. */
export async function expectNothingHeld(application: TestApplication, sql: Sql): Promise<void> {
  // The server takes a moment to end a backend whose client has gone.
  let held = await holdings(application, sql);
  const isNothing = async (): Promise<boolean> => {
    held = await holdings(application, sql);
    return Object.values(held).every((count) => count === 0);
  };
  await until('nothing held', isNothing, SETTLED_WITHIN_MS).catch(() => undefined);
  expect(held).toEqual({ busy: 0, waiting: 0, quotas: 0, leaked: 0 });
}

/** That every acknowledged write is in its tenant's schema, and nothing of anybody else's. */
export async function expectAllWritten(load: Load, sql: Sql): Promise<void> {
  for (const [tenant, written] of load.written) {
    const [client] = await sql<{ schema: string }>(
      'SELECT schema FROM public.clients WHERE id = $1',
      [tenant],
    );
    const rows = await sql<{ question: string }>(`SELECT question FROM "${client?.schema}".polls`);
    const stored = new Set(rows.map(({ question }) => question));
    expect(written.filter((question) => !stored.has(question))).toEqual([]);
    expect(Array.from(stored).filter((question) => !question.startsWith(tenant))).toEqual([]);
    expect(written.length).toBeGreaterThan(0);
  }
}
