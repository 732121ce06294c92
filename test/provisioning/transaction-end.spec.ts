// Work in a transaction of the engine's must not end it: it is refused, or noticed and reported with what is left.
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type pg from 'pg';
import type { MigrationClass, MigrationFailedError } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { findings, migrate, T } from './support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

type Work = (queryRunner: QueryRunner) => Promise<unknown>;

function work(second: number, up: Work, down: Work = () => Promise.resolve()): MigrationClass {
  return class {
    name = `Step${1_700_000_000_000 + second * 1000}`;

    async up(queryRunner: QueryRunner): Promise<void> {
      await up(queryRunner);
    }

    async down(queryRunner: QueryRunner): Promise<void> {
      await down(queryRunner);
    }
  };
}

const ONE = migration(1, `CREATE TABLE ${T}.one (id int)`);
const FAILS = migration(3, 'SELECT 1/0');

const clientOf = async (queryRunner: QueryRunner): Promise<pg.Client> =>
  (await queryRunner.connect()) as pg.Client;

/** Ends the transaction after a table, and makes another table in one of its own. */
const ENDS: readonly (readonly [string, Work, string])[] = [
  [
    'the methods of the query runner',
    async (queryRunner) => {
      await queryRunner.query(`CREATE TABLE ${T}.p (id int)`);
      await queryRunner.commitTransaction();
      await queryRunner.startTransaction();
      await queryRunner.query(`CREATE TABLE ${T}.q (id int)`);
    },
    'COMMIT was rejected',
  ],
  [
    'raw SQL',
    async (queryRunner) => {
      await queryRunner.query(`CREATE TABLE ${T}.p (id int)`);
      await queryRunner.query('COMMIT');
      await queryRunner.query('BEGIN');
      await queryRunner.query(`CREATE TABLE ${T}.q (id int)`);
    },
    'COMMIT was rejected',
  ],
  [
    'one text',
    (queryRunner) =>
      queryRunner.query(
        `CREATE TABLE ${T}.p (id int); /* done */ commit; BEGIN; CREATE TABLE ${T}.q (id int)`,
      ),
    'COMMIT was rejected',
  ],
  [
    'a rollback',
    async (queryRunner) => {
      await queryRunner.query('SELECT 1');
      await queryRunner.rollbackTransaction();
    },
    'ROLLBACK was rejected',
  ],
  ['BEGIN', (queryRunner) => queryRunner.query('BEGIN'), 'BEGIN was rejected'],
  [
    'DO',
    (queryRunner) => queryRunner.query(`DO $$ BEGIN CREATE TABLE ${T}.p (id int); COMMIT; END $$`),
    'invalid transaction termination',
  ],
  [
    'a procedure',
    async (queryRunner) => {
      await queryRunner.query(
        `CREATE PROCEDURE ${T}.save() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$`,
      );
      await queryRunner.query(`CALL ${T}.save()`);
    },
    'invalid transaction termination',
  ],
  ['a stream', (queryRunner) => queryRunner.stream('COMMIT'), 'COMMIT was rejected'],
];

/** The same past the query runner, which nothing can refuse. */
const ENDS_UNSEEN: readonly (readonly [string, Work])[] = [
  [
    'COMMIT; BEGIN',
    async (queryRunner) => {
      await queryRunner.query(`CREATE TABLE ${T}.p (id int)`);
      await (await clientOf(queryRunner)).query('COMMIT; BEGIN');
    },
  ],
  [
    'COMMIT, and an error that it catches',
    async (queryRunner) => {
      await queryRunner.query(`CREATE TABLE ${T}.p (id int)`);
      await (await clientOf(queryRunner)).query('COMMIT');
      await queryRunner.query('SELECT 1/0');
    },
  ],
  [
    'ROLLBACK; BEGIN',
    async (queryRunner) => {
      await (
        await clientOf(queryRunner)
      ).query(`ROLLBACK; CREATE TABLE ${T}.p (id int); COMMIT; BEGIN`);
    },
  ],
];

describe.each(ENDS)('%s', (_how, ends, message) => {
  it('is refused in a new tenant, of which nothing is left', async () => {
    const { provisioner } = schemasOf(dataSource, [ONE, work(2, ends), FAILS]);
    const creation = provisioner.create(newClient('acme'));
    await expect(creation).rejects.toMatchObject({
      state: 'removed',
      migration: 'Step1700000002000',
    });
    await expect(creation).rejects.toThrow(message);
    expect(await traces(database)).toEqual([]);
    await schemasOf(dataSource, [ONE]).provisioner.create(newClient('acme'));
    expect(await findings(dataSource, [ONE])).toEqual([]);
  });

  it('is refused in an existing tenant, whose schema is as before, in both directions', async () => {
    await schemasOf(dataSource, [ONE]).provisioner.create(newClient('acme'));
    await expect(migrate(dataSource, [ONE, work(2, ends)])).rejects.toMatchObject({
      state: 'as before',
    });
    expect(await findings(dataSource, [ONE])).toEqual([]);
    const history = [ONE, work(2, () => Promise.resolve(), ends)];
    await migrate(dataSource, history);
    for await (const { error } of schemasOf(dataSource, history).migrator.revertAll({}, 1)) {
      expect(error).toMatchObject({ state: 'as before', migration: 'Step1700000002000' });
      expect(error?.message).toContain(message);
    }
    expect(await findings(dataSource, history)).toEqual([]);
  });
});

describe.each(ENDS_UNSEEN)('past the query runner: %s', (_how, ends) => {
  it('is noticed in a new tenant, of which nothing is left', async () => {
    const { provisioner } = schemasOf(dataSource, [ONE, work(2, ends), FAILS]);
    await expect(provisioner.create(newClient('acme'))).rejects.toMatchObject({ state: 'removed' });
    expect(await traces(database)).toEqual([]);
  });

  it('is noticed in an existing tenant, and the error says what is left', async () => {
    await schemasOf(dataSource, [ONE]).provisioner.create(newClient('acme'));
    const failure = await migrate(dataSource, [ONE, work(2, ends)]).catch(
      (error: unknown) => error,
    );
    expect((failure as MigrationFailedError).state).toBe('ended');
    expect((failure as Error).message).toContain('The schema keeps the changes');
    expect(await database.sql(`SELECT to_regclass('acme.p') IS NOT NULL AS kept`)).toEqual([
      { kept: true },
    ]);
  });
});

it.each([
  ['raw SQL', (manager: EntityManager): Promise<unknown> => manager.query('COMMIT')],
  [
    'the query runner',
    (manager: EntityManager): Promise<unknown> =>
      manager.queryRunner?.commitTransaction() ?? Promise.reject(new Error('No runner')),
  ],
  [
    'the connection',
    async (manager: EntityManager): Promise<unknown> =>
      (await clientOf(manager.queryRunner as QueryRunner)).query('COMMIT; BEGIN'),
  ],
])('keeps nothing of a tenant whose fill ends the transaction by %s', async (_how, end) => {
  const { provisioner } = schemasOf(dataSource, [ONE]);
  const creation = provisioner.create(newClient('acme'), async (manager) => {
    await manager.query(`INSERT INTO ${T}.one VALUES (1)`);
    await end(manager);
  });
  await expect(creation).rejects.toMatchObject({ code: 'OPERATION_REFUSED' });
  expect(await traces(database)).toEqual([]);
});

it('lets migrations and fill use savepoints and nested transactions', async () => {
  const nested = work(2, async (queryRunner) => {
    await queryRunner.query('SAVEPOINT a');
    await queryRunner.query('SELECT 1/0').catch(() => undefined);
    await queryRunner.query('ROLLBACK TO a');
    await queryRunner.startTransaction();
    await queryRunner.query(`INSERT INTO ${T}.one VALUES (1)`);
    await queryRunner.rollbackTransaction();
    await queryRunner.manager.transaction((manager) =>
      manager.query(`INSERT INTO ${T}.one VALUES (2)`),
    );
  });
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('lived'));
  await migrate(dataSource, [ONE, nested]);
  await schemasOf(dataSource, [ONE, nested]).provisioner.create(newClient('fresh'), (manager) =>
    manager.transaction((inner) => inner.query(`INSERT INTO ${T}.one VALUES (3)`)),
  );
  expect(await database.sql('SELECT id FROM lived.one')).toEqual([{ id: 2 }]);
  expect(await database.sql('SELECT id FROM fresh.one ORDER BY id')).toEqual([
    { id: 2 },
    { id: 3 },
  ]);
});

it('reports a migration outside transactions that leaves one of its own open', async () => {
  const open = class extends work(2, async (queryRunner) => {
    await queryRunner.query('BEGIN');
    await queryRunner.query(`CREATE TABLE ${T}.p (id int)`);
  }) {
    override transaction = false as const;

    override upInNewSchema(): Promise<void> {
      return Promise.resolve();
    }
  };
  await schemasOf(dataSource, [ONE]).provisioner.create(newClient('acme'));
  const migrating = migrate(dataSource, [ONE, open]);
  await expect(migrating).rejects.toMatchObject({ state: 'half done' });
  await expect(migrating).rejects.toThrow('It left a transaction open');
  expect(await database.sql(`SELECT to_regclass('acme.p') AS p`)).toEqual([{ p: null }]);
});
