// What the fleet costs beside the floor: the same statements (row, definitions, migrations table, comment) by a bare pg
// client, one after the other in one transaction a schema, at the same concurrency, in the same run, in turn.
// The floor takes no lock and reads no migrations table.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { acquireEmbeddedPostgres } from 'embedded-postgres-server';
import { createTenantDataSource } from 'nest-tenant-schemas';
import { CONCURRENCY, FleetBench } from './fleet-bench.js';
import { parseQuick } from '../options.js';

/** Sizes of a run: tenants to create and to migrate, rounds, and the large fleet. */
const FULL = { create: 200, few: 100, migrate: 1000, large: 10_000, rounds: 5 };
const QUICK = { create: 50, few: 100, migrate: 200, large: 1000, rounds: 3 };

export async function fleet(args: readonly string[]): Promise<void> {
  const size = parseQuick(args) ? QUICK : FULL;
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  const server = await acquireEmbeddedPostgres({
    dataDir,
    settings: { fsync: 'off', max_locks_per_transaction: '256' },
  });
  const dataSource = await createTenantDataSource(
    dataSourceOptions({ databasePoolSize: CONCURRENCY, logLevel: 'error' }, server.url),
  ).initialize();
  const bare = new pg.Pool({ connectionString: server.url, max: CONCURRENCY });
  try {
    const bench = new FleetBench(dataSource, bare);
    await bench.engine([]).migrator.migrateShared();
    print(await bench.create(size.create, size.rounds));
    await bench.grow(size.few);
    print(await bench.memory(size.few));
    await bench.grow(size.migrate);
    print(await bench.addColumn(size.rounds));
    print(await bench.nothingToDo(size.migrate, size.rounds));
    await bench.grow(size.large);
    print(await bench.nothingToDo(size.large, size.rounds));
    print(await bench.memory(size.large));
  } finally {
    await bare.end();
    await dataSource.destroy();
    await server.release();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
