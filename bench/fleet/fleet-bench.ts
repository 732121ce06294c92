// The measurements of the fleet's bench, on one database: the engine's, and its floor's.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../../src/audit/audit-log.js';
import { Client } from '../../src/clients/client.entity.js';
import { ClientRegistry } from '../../src/clients/registry/client-registry.js';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import {
  type MigrationClass,
  readHistory,
  SchemaMigrator,
  TENANT_SCHEMA,
  TenantProvisioner,
} from 'nest-tenant-schemas';
import {
  createMigrationsTableStatement,
  recordStatements,
} from '../../packages/nest-tenant-schemas/src/schemas/catalog/migrations-table.js';
import { MigrationRecorder } from '../../packages/nest-tenant-schemas/src/schemas/migrate/migration-recorder.js';
import { tenantTarget } from '../../packages/nest-tenant-schemas/src/schemas/catalog/schema-target.js';
import { inParallel, median, spread, timed } from '../measure.js';
import { memoryInUse } from '../memory.js';

export const CONCURRENCY = 8;

/** Tenants between two looks at the memory. */
const MEMORY_INTERVAL = 50;

/** Any tenant's: statements are made with the placeholder, as everywhere. */
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

export class FleetBench {
  private readonly registry: ClientRegistry;
  private made = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly bare: pg.Pool,
  ) {
    this.registry = new ClientRegistry(dataSource, new AuditLog({ name: 'bench', via: 'bench' }));
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
            createMigrationsTableStatement(TARGET),
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
    for (let round = 0; round < rounds; round++) {
      ours.push(await timed(() => drain(migrator.migrateAll())));
    }
    return `nothing to do in ${count} tenants: ${spread(ours)} ms`;
  }

  /** What is in use while a run goes over the tenants, looked at in its course. */
  async memory(count: number): Promise<string> {
    const { migrator } = this.engine([]);
    let done = 0;
    let [heap, resident] = [0, 0];
    for await (const { error } of migrator.migrateAll()) {
      if (error) throw error;
      done += 1;
      if (done % MEMORY_INTERVAL !== 0) continue;
      const now = memoryInUse();
      heap = Math.max(heap, now.heap);
      resident = Math.max(resident, now.resident);
    }
    return `memory with ${count} tenants: heap ${heap.toFixed(1)} MB after collection, resident ${resident.toFixed(0)} MB`;
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
    for await (const { schema } of this.registry.all()) schemas.push(schema);
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
