// What the specs of the commands about many schemas share: tenants to migrate, and a migration held half-way.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { tenantMigrations } from '../../../src/database/migrations/tenant/index.js';
import { MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { newClient, openSchemas, type Schemas, schemasOf } from '../../schemas/support.js';
import { runHosted } from '../../support/hosted-commands.js';
import type { Outcome } from '../../support/processes.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../../support/until-waiting.js';

/** The names of the tenants' migrations. */
export const TENANT = tenantMigrations.map(({ name }) => name);

export interface Fleet {
  readonly database: TestDatabase;
  readonly schemas: Schemas;
  readonly env: Readonly<Record<string, string>>;
  cli(...args: string[]): Promise<Outcome>;
  create(...names: string[]): Promise<void>;
  clear(): Promise<void>;
  /** Takes schemas back to where nothing ran. */
  forget(...names: string[]): Promise<void>;
  /** The tables of a schema, by name; the migrations table is one of them. */
  tables(schema: string): Promise<string[]>;
  /** Makes the migration of a forgotten schema wait in its middle, until it is let go. */
  hold(schema: string): Promise<Hold>;
  close(): Promise<void>;
}

export interface Hold {
  /** Waits until a command has come so far; resolves with its backend. */
  reached(): Promise<number>;
  /** Lets it go on. */
  letGo(): Promise<void>;
}

/** Tables of a tenant that is up to date. */
export const TABLES = ['choices', 'polls', MIGRATIONS_TABLE, 'users', 'votes'];

export async function openFleet(): Promise<Fleet> {
  const { database, dataSource } = await openSchemas();
  const schemas = schemasOf(dataSource, tenantMigrations);
  const env = { DATABASE_URL: database.url };
  return {
    database,
    schemas,
    env,
    cli: (...args) => runHosted(args, env),
    async create(...names) {
      for (const name of names) await schemas.provisioner.create(newClient(name));
    },
    async clear() {
      for await (const client of schemas.registry.all()) await schemas.provisioner.drop(client);
    },
    async forget(...names) {
      for (const name of names) {
        await database.sql(`DROP SCHEMA ${name} CASCADE; CREATE SCHEMA ${name}`);
      }
    },
    async tables(schema) {
      const rows = await database.sql<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY name`,
        [schema],
      );
      return rows.map(({ name }) => name);
    },
    hold: (schema) => hold(database, schema),
    close: () => close(dataSource, database),
  };
}

/** A table's name that another transaction is about to take is waited for. */
async function hold(database: TestDatabase, schema: string): Promise<Hold> {
  const holder = new pg.Client({ connectionString: database.directUrl });
  await holder.connect();
  await holder.query(`BEGIN; CREATE TABLE ${schema}.choices ()`);
  return {
    reached: async () => {
      const [pid] = await untilWaiting(database);
      return pid as number;
    },
    letGo: () => holder.end(),
  };
}

async function close(dataSource: DataSource, database: TestDatabase): Promise<void> {
  await dataSource.destroy();
  await database.drop();
}

/** The lines of a text, without times. */
export function linesOf(text: string): string[] {
  return text
    .replaceAll(/\(\d+ ms\)/g, '(N ms)')
    .split('\n')
    .slice(0, -1);
}
