// What a creation leaves when its process is killed: never a tenant, and a schema that the next creation, or the doctor,
// removes.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { createTenantDataSource, MIGRATIONS_TABLE } from 'nest-tenant-schemas';
import { until } from 'test-support/poll.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { untilWaiting } from '../support/until-waiting.js';
import { collect, doctorFor } from '../schemas/doctor/doctor-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { clone, findings, T } from './support.js';

const ONE = migration(1, `CREATE TABLE ${T}.one (id int)`);
const TWO = migration(2, `CREATE TABLE ${T}.two (id int)`);
const HISTORY = [ONE, TWO];
/** Far longer than the spec may take. */
const SLEEP = 'DO $$ BEGIN PERFORM pg_sleep(600); END $$';

let database: TestDatabase;
let dataSource: DataSource;
/** Of the process that is killed. */
let doomed: DataSource;

beforeEach(async () => {
  ({ database, dataSource } = await openSchemas());
  const options = dataSourceOptions({ databasePoolSize: 2, logLevel: 'error' }, database.url);
  doomed = await createTenantDataSource(options).initialize();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await doomed.destroy();
  await dataSource.destroy();
  await database.drop();
});

const sleepers = (): Promise<unknown[]> =>
  database.sql(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
  );

/** Closes the connections of a process as the kernel does for a killed process. It sends nothing afterwards. */
async function kill(): Promise<void> {
  const { master } = doomed.driver as unknown as { master: { _clients: pg.Client[] } };
  const killed = new Set<unknown>(master._clients);
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function refuse(
    this: pg.Client,
    ...args: unknown[]
  ) {
    if (killed.has(this)) return Promise.reject(new Error('killed')) as never;
    return send.apply(this, args) as never;
  });
  jest
    .spyOn(doomed.driver as never, 'obtainMasterConnection')
    .mockRejectedValue(new Error('killed') as never);
  for (const client of killed) {
    (client as { connection: pg.Connection }).connection.stream.destroy();
  }
}

/** Creates a tenant in the process that is killed once the server sleeps. */
async function createUntilKilled(
  create: (provisioner: ReturnType<typeof schemasOf>['provisioner']) => Promise<unknown>,
  history = HISTORY,
): Promise<void> {
  const creating = create(schemasOf(doomed, history).provisioner).catch((error: unknown) => error);
  await until('the statement runs', async () => (await sleepers()).length === 1);
  await kill();
  expect(await creating).toBeInstanceOf(Error);
  await until('the server has ended it', async () => (await sleepers()).length === 0, 10_000);
}

const PHASES: readonly (readonly [string, () => Promise<void>])[] = [
  [
    'the first migration',
    () =>
      createUntilKilled(
        (provisioner) => provisioner.create(newClient('acme')),
        [migration(1, SLEEP), TWO],
      ),
  ],
  [
    'a later migration',
    () =>
      createUntilKilled(
        (provisioner) => provisioner.create(newClient('acme')),
        [ONE, migration(2, SLEEP)],
      ),
  ],
  [
    'a migration that needs answers',
    () =>
      createUntilKilled(
        (provisioner) => provisioner.create(newClient('acme')),
        [ONE, migration(2, 'SELECT 1', SLEEP)],
      ),
  ],
  [
    'fill',
    () =>
      createUntilKilled((provisioner) =>
        provisioner.create(newClient('acme'), (manager) => manager.query(SLEEP)),
      ),
  ],
];

describe.each(PHASES)('Killed in %s', (_phase, killInPhase) => {
  it('leaves no tenant, and the next creation of the schema starts again', async () => {
    await killInPhase();
    expect(await traces(database)).toEqual(['schema acme']);
    const { provisioner, migrator } = schemasOf(dataSource, HISTORY);
    const visited: string[] = [];
    for await (const { schema } of migrator.migrateAll({ tenants: true })) visited.push(schema);
    for await (const { schema } of migrator.statusOfAll({ tenants: true })) visited.push(schema);
    expect(visited).toEqual([]);

    await provisioner.create(newClient('acme'));
    expect(await traces(database)).toEqual(['row acme', 'schema acme']);
    expect(await findings(dataSource, HISTORY)).toEqual([]);
  });

  it('is found by the doctor, which removes what is left', async () => {
    await killInPhase();
    const doctor = doctorFor(dataSource, HISTORY);
    const [found, ...others] = await collect(doctor);
    expect(found).toMatchObject({
      code: 'CREATE_BROKEN_OFF',
      schema: 'acme',
      remedy: 'tenant-schemas doctor --fix',
      isFixable: true,
    });
    expect(others).toEqual([]);
    expect(found && (await doctor.fix(found))).toBe(true);
    expect(await traces(database)).toEqual([]);
    expect(await collect(doctor)).toEqual([]);
  });
});

it('waits for a registry row without having made anything', async () => {
  const other = new pg.Client({ connectionString: database.directUrl });
  await other.connect();
  try {
    await other.query('BEGIN; LOCK TABLE public.clients IN ACCESS EXCLUSIVE MODE');
    const creating = schemasOf(doomed, HISTORY)
      .provisioner.create(newClient('acme'))
      .catch((error: unknown) => error);
    await until('it waits', async () => {
      const waiting = await database.sql(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length === 1;
    });
    await kill();
    expect(await creating).toBeInstanceOf(Error);
    await other.query('COMMIT');
  } finally {
    await other.end();
  }
  await schemasOf(dataSource, HISTORY).provisioner.create(newClient('acme'));
  expect(await findings(dataSource, HISTORY)).toEqual([]);
});

it('leaves no clone either', async () => {
  const source = newClient('source');
  await schemasOf(dataSource, HISTORY).provisioner.create(source);
  const copying = migration(2, SLEEP);
  const cloning = clone(doomed, [ONE, copying], source, 'acme').catch((error: unknown) => error);
  await until('the statement runs', async () => (await sleepers()).length === 1);
  await kill();
  expect(await cloning).toBeInstanceOf(Error);
  await until('the server has ended it', async () => (await sleepers()).length === 0, 10_000);
  expect(await traces(database)).toEqual(['row source', 'schema acme', 'schema source']);
  await clone(dataSource, HISTORY, source, 'acme');
  expect(await findings(dataSource, HISTORY)).toEqual([]);
});

it('does not hold a creation that is under way against anyone', async () => {
  const held = new pg.Client({ connectionString: database.directUrl });
  await held.connect();
  try {
    await held.query('SELECT pg_advisory_lock(1)');
    const slow = [ONE, migration(2, 'DO $$ BEGIN PERFORM pg_advisory_xact_lock(1); END $$')];
    const creating = schemasOf(dataSource, slow).provisioner.create(newClient('acme'));
    const isWaiting = async (): Promise<boolean> =>
      (
        await database.sql(
          `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 1`,
        )
      ).length === 1;
    await until('the creation is under way', isWaiting);
    expect(await findings(dataSource, slow.slice(0, 1))).toEqual([]);
    const second = schemasOf(dataSource, slow)
      .provisioner.create(newClient('acme', 'Other'))
      .catch((error: unknown) => error);
    await held.query('SELECT pg_advisory_unlock(1)');
    await creating;
    expect(await second).toMatchObject({ code: 'TENANT_CONFLICT' });
    expect(await traces(database)).toEqual(['row acme', 'schema acme']);
  } finally {
    await held.end();
  }
});

it('fails with a conflict when another attempt has taken the schema over', async () => {
  let marks = 0;
  let taking: Promise<unknown> | undefined;
  const loses = class extends migration(2, 'SELECT 1') {
    override async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
      marks += 1;
      await queryRunner.query('SELECT 1');
      // As the other attempt does: under the schema's lock, so once this migration is committed.
      taking = database.sql(
        `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas:acme', 0));
         COMMENT ON TABLE acme.${MIGRATIONS_TABLE} IS 'tenant-schemas create other'; COMMIT`,
      );
      await untilWaiting(database);
    }
  };
  const creation = schemasOf(dataSource, [ONE, loses, migration(3, 'SELECT 1')]).provisioner.create(
    newClient('acme'),
  );
  await expect(creation).rejects.toMatchObject({ code: 'TENANT_CONFLICT', taken: 'schema "acme"' });
  expect(marks).toBe(1);
  await taking;
  // The other attempt's schema is left alone.
  expect(await traces(database)).toEqual(['schema acme']);
});
