// What the specs on generated migrations share: a login that owns the scratch databases, and short functions to
// generate with.
import { randomBytes } from 'node:crypto';
import { transformSync } from '@swc/core';
import type { EntitySchema, QueryRunner } from 'typeorm';
import {
  type GeneratedMigration,
  generateMigration,
  type MigrationClass,
  type MigrationHistoryName,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { ENTITIES, type Row } from './generate-entities.js';

export const NOW = 1_700_000_000_000;

export let database: TestDatabase;
/** Owns the scratch databases of this file: other processes generate on the same server. */
export let role: string;
export let url: string;

/** Registers what a spec file on generation needs around its tests. */
export function useGenerator(): void {
  beforeAll(async () => {
    database = await createTestDatabase();
    role = await createRole('CREATEDB');
    url = urlOf(role);
  });

  afterEach(async () => {
    expect(await scratchDatabases()).toEqual([]);
  });

  afterAll(async () => {
    await database.sql(`DROP ROLE ${role}`);
    await database.drop();
  });
}

export async function createRole(attributes: string): Promise<string> {
  const name = `nts_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await database.sql(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' ${attributes}`);
  return name;
}

export function urlOf(login: string): string {
  return Object.assign(new URL(database.directUrl), {
    username: login,
    password: login,
  }).toString();
}

export async function scratchDatabases(): Promise<string[]> {
  const rows = await database.sql<{ datname: string }>(
    `SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = $1`,
    [role],
  );
  return rows.map(({ datname }) => datname);
}

export interface State {
  readonly entities?: (EntitySchema<Row> | (new () => object))[];
  readonly shared?: readonly MigrationClass[];
  readonly tenant?: readonly MigrationClass[];
}

export function generate(
  history: MigrationHistoryName,
  { entities = ENTITIES, shared = [], tenant = [] }: State = {},
  name = 'AddSurveys',
): Promise<GeneratedMigration | undefined> {
  const options = { url, entities, sharedMigrations: shared, tenantMigrations: tenant };
  return generateMigration(history, name, options, NOW);
}

export async function generated(
  ...args: Parameters<typeof generate>
): Promise<GeneratedMigration & { readonly Migration: MigrationClass }> {
  const result = await generate(...args);
  if (!result) throw new Error('Nothing was generated.');
  return { ...result, Migration: evaluate(result) };
}

/** The class that the source declares. */
export function evaluate({ name, source }: GeneratedMigration): MigrationClass {
  const { code } = transformSync(source, {
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  const exported: Record<string, MigrationClass> = {};
  new Function('exports', code)(exported);
  const Migration = exported[name];
  if (!Migration) throw new Error(`The source does not export ${name}.`);
  return Migration;
}

export function statementsOf({ source }: GeneratedMigration): string[] {
  return [...source.matchAll(/`(.*)`/g)].map(([, statement = '']) => statement);
}

/** A migration written by hand. */
export function migration(
  name: string,
  up: (queryRunner: QueryRunner) => Promise<unknown>,
): MigrationClass {
  return class {
    readonly name = name;
    async up(queryRunner: QueryRunner): Promise<void> {
      await up(queryRunner);
    }
    async down(): Promise<void> {}
  };
}
