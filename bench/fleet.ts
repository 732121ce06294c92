// What the fleet costs beside the floor: the same statements (row, definitions, ledger, comment) by a bare pg
// client, one after the other in one transaction a schema, at the same concurrency, in the same run, in turn.
// The floor takes no lock and reads no ledger.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../src/audit/audit-log.js';
import { Client } from '../src/clients/client.entity.js';
import { ClientRegistry } from '../src/clients/client-registry.js';
import { dataSourceOptions } from '../src/database/data-source-options.js';
import { acquireEmbeddedPostgres } from '../src/database/embedded/index.js';
import { sharedMigrations } from '../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../src/database/migrations/tenant/index.js';
import {
  createTenantDataSource,
  type MigrationClass,
  readHistory,
  SchemaMigrator,
  TENANT_SCHEMA,
  TenantProvisioner,
} from '../src/tenancy/index.js';
import {
  createLedgerStatement,
  recordStatements,
} from '../src/tenancy/schemas/migration-ledger.js';
import { MigrationRecorder } from '../src/tenancy/schemas/migration-recorder.js';
import { tenantTarget } from '../src/tenancy/schemas/schema-target.js';
import { inParallel, median, spread, timed } from './measure.js';

const CONCURRENCY = 8;

/** Any tenant's: statements are made with the marker, as everywhere. */
const TARGET = tenantTarget({ id: '', schema: 'any' });

function namesOf(classes: readonly MigrationClass[]): string[] {
  return readHistory(classes, 'bench').map(({ name }) => name);
}

class AddNote1799999999999 {
  async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await queryRunner.query(`ALTER TABLE "${TENANT_SCHEMA}"."polls" ADD "bench_note" text`);
  }

  async down(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await queryRunner.query(`ALTER TABLE "${TENANT_SCHEMA}"."polls" DROP COLUMN "bench_note"`);
  }
}

/** Sizes of a run: tenants to create and to migrate, rounds, and the large fleet. */
const FULL = { create: 200, migrate: 1000, large: 10_000, rounds: 5 };
const QUICK = { create: 50, migrate: 200, large: 1000, rounds: 3 };

export async function fleet(args: readonly string[]): Promise<void> {
  const size = args.includes('--quick') ? QUICK : FULL;
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
    await bench.grow(size.migrate);
    print(await bench.addColumn(size.rounds));
    print(await bench.nothingToDo(size.migrate, size.rounds));
    await bench.grow(size.large);
    print(await bench.nothingToDo(size.large, size.rounds));
  } finally {
    await bare.end();
    await dataSource.destroy();
    await server.release();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

class FleetBench {
  private readonly registry: ClientRegistry;
  private made = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly bare: pg.Pool,
  ) {
    this.registry = new ClientRegistry(
      dataSource.getRepository(Client),
      new AuditLog({ name: 'bench', via: 'bench' }),
    );
  }

  engine(more: readonly MigrationClass[]): {
    migrator: SchemaMigrator;
    provisioner: TenantProvisioner<Client>;
  } {
    const shared = readHistory(sharedMigrations, 'shared');
    const tenant = readHistory([...tenantMigrations, ...more], 'tenant');
    return {
      migrator: new SchemaMigrator(this.dataSource, this.registry, { shared, tenant }),
      provisioner: new TenantProvisioner(this.dataSource, this.registry, tenant),
    };
  }

  /** Creates and drops tenants, in turn with the floor. */
  async create(count: number, rounds: number): Promise<string> {
    const { provisioner } = this.engine([]);
    const definitions = await this.definitions(tenantMigrations);
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const clients = Array.from({ length: count }, () => this.newClient());
      ours.push(await timed(() => inParallel(clients, CONCURRENCY, (c) => provisioner.create(c))));
      await inParallel(clients, CONCURRENCY, (client) => provisioner.drop(client));
      const schemas = clients.map(({ schema }) => schema);
      const make = (schema: string): Promise<void> =>
        this.floorTransaction(
          [
            `INSERT INTO public.clients (id, name, schema) VALUES (gen_random_uuid(), '${schema}', '${schema}')`,
            `CREATE SCHEMA ${schema}`,
            createLedgerStatement(TARGET),
            ...definitions,
            ...recordStatements(TARGET, [], namesOf(tenantMigrations)),
          ],
          schema,
        );
      floor.push(await timed(() => inParallel(schemas, CONCURRENCY, make)));
      await this.bare.query('DELETE FROM public.clients WHERE schema = ANY ($1)', [schemas]);
      await inParallel(schemas, CONCURRENCY, (s) => this.bare.query(`DROP SCHEMA ${s} CASCADE`));
    }
    return report(`create ${count} tenants`, ours, floor);
  }

  /** Adds a column in every tenant and takes it away again, in turn with the floor. */
  async addColumn(rounds: number): Promise<string> {
    const { migrator } = this.engine([AddNote1799999999999]);
    const definitions = await this.definitions([AddNote1799999999999]);
    const schemas = await this.schemas();
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const options = { concurrency: CONCURRENCY };
      ours.push(await timed(() => drain(migrator.migrateAll({ tenants: true }, options))));
      await drain(migrator.revertAll({ tenants: true }, 1, options));
      const record = recordStatements(
        TARGET,
        namesOf(tenantMigrations),
        namesOf([AddNote1799999999999]),
      );
      const add = (schema: string): Promise<void> =>
        this.floorTransaction([...definitions, ...record], schema);
      floor.push(await timed(() => inParallel(schemas, CONCURRENCY, add)));
      await drain(migrator.revertAll({ tenants: true }, 1, options));
    }
    return report(`one ADD COLUMN in ${schemas.length} tenants`, ours, floor);
  }

  async nothingToDo(count: number, rounds: number): Promise<string> {
    const { migrator } = this.engine([]);
    const ours: number[] = [];
    let heap = 0;
    for (let round = 0; round < rounds; round++) {
      ours.push(await timed(() => drain(migrator.migrateAll())));
      heap = Math.max(heap, process.memoryUsage().heapUsed);
    }
    const megabytes = (heap / 1024 / 1024).toFixed(0);
    return `nothing to do in ${count} tenants: ${spread(ours)} ms, heap at most ${megabytes} MB`;
  }

  /** Creates tenants until there are so many. */
  async grow(count: number): Promise<void> {
    const { provisioner } = this.engine([]);
    const missing = Array.from({ length: count - (await this.registry.count()) }, () =>
      this.newClient(),
    );
    await inParallel(missing, CONCURRENCY, (client) => provisioner.create(client));
  }

  private async floorTransaction(statements: readonly string[], schema: string): Promise<void> {
    const client = await this.bare.connect();
    try {
      await client.query('BEGIN');
      for (const sql of statements) await client.query(sql.replaceAll(TENANT_SCHEMA, schema));
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  }

  private async definitions(classes: readonly MigrationClass[]): Promise<string[]> {
    const recorder = new MigrationRecorder(this.dataSource);
    const all: string[] = [];
    for (const { migration } of readHistory(classes, 'bench')) {
      all.push(...((await recorder.record(migration, (each, runner) => each.up(runner))) ?? []));
    }
    return all;
  }

  private async schemas(): Promise<string[]> {
    const schemas: string[] = [];
    for await (const { schema } of this.registry.schemas()) schemas.push(schema);
    return schemas;
  }

  private newClient(): Client {
    const schema = `bench_${String(this.made++).padStart(6, '0')}`;
    return Object.assign(new Client(), {
      id: randomUUID(),
      name: schema,
      schema,
      paidUntil: null,
      onTrial: false,
      access: 'open',
      suspended: false,
      createdOn: new Date(),
    });
  }
}

async function drain(run: AsyncIterable<{ error?: Error }>): Promise<void> {
  for await (const { error } of run) if (error) throw error;
}

function report(title: string, ours: readonly number[], floor: readonly number[]): string {
  const ratios = ours.map((value, round) => value / (floor[round] ?? Number.NaN));
  return (
    `${title}: ours ${spread(ours)} ms, floor ${spread(floor)} ms, ` +
    `ratio ${spread(ratios, 2)}, of the medians ${(median(ours) / median(floor)).toFixed(2)}`
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
