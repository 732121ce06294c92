// While a source is written to, migrated, emptied or cloned twice at once, each clone is what the source was
// at one time. Controls show what comes of it otherwise.
import type { DataSource } from 'typeorm';
import pg from 'pg';
import { DeferredBegin } from '../../../packages/nest-tenant-schemas/src/connection/wire/deferred-begin.js';
import { readHistory, TenantCloner, TenantConflictError } from 'nest-tenant-schemas';
import { beforeStatements } from '../../support/sent-statements.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { until, WAITS_FOR_ADVISORY_LOCK } from './clone-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../support.js';

const history = [
  migration(
    1,
    'CREATE TABLE "__tenant__".parents (id serial PRIMARY KEY, children int NOT NULL)',
    'CREATE TABLE "__tenant__".children (id serial PRIMARY KEY, parent_id int NOT NULL REFERENCES "__tenant__".parents)',
    'CREATE TABLE "__tenant__".others (id serial PRIMARY KEY, parent_id int NOT NULL)',
  ),
];
const next = migration(2, 'ALTER TABLE "__tenant__".others ADD COLUMN added int');

/** What one transaction of the application writes. */
const WRITE = `
  WITH parent AS (INSERT INTO source.parents (children) VALUES (2) RETURNING id),
       child AS (INSERT INTO source.children (parent_id) SELECT id FROM parent, generate_series(1, 2))
  INSERT INTO source.others (parent_id) SELECT id FROM parent`;

let database: TestDatabase;
let dataSource: DataSource;
const source = newClient('source');

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
});

beforeEach(async () => {
  await schemasOf(dataSource, history).provisioner.create(source);
  await database.sql(WRITE);
});

afterEach(async () => {
  jest.restoreAllMocks();
  const { registry, provisioner } = schemasOf(dataSource, history);
  for await (const client of registry.all()) await provisioner.drop(client);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

function clone(schema: string, migrations = history): Promise<unknown> {
  const { registry } = schemasOf(dataSource, migrations);
  return new TenantCloner(dataSource, registry, readHistory(migrations, 'history')).clone(
    source,
    newClient(schema),
  );
}

/** Parents, children, parents that lack some of what was written with them, and children that lack theirs. */
async function count(schema: string): Promise<unknown> {
  const rows = await database.sql(
    `SELECT (SELECT count(*)::int FROM ${schema}.parents) AS parents,
            (SELECT count(*)::int FROM ${schema}.parents AS p
             WHERE children <> (SELECT count(*) FROM ${schema}.children WHERE parent_id = p.id)
                OR NOT EXISTS (SELECT FROM ${schema}.others WHERE parent_id = p.id)) AS partial,
            (SELECT count(*)::int FROM ${schema}.others WHERE parent_id NOT IN (SELECT id FROM ${schema}.parents)) AS orphans`,
  );
  return rows[0];
}

const COPY = /^INSERT INTO "__tenant__"\."(?:parents|children|others)"/;

it('has all of a transaction or nothing of it when others commit between its statements', async () => {
  let writes = 0;
  const spy = beforeStatements(COPY, async () => {
    writes += 1;
    await database.sql(WRITE);
  });
  await clone('target');
  spy.mockRestore();
  expect(writes).toBe(3);
  expect(await count('source')).toEqual({ parents: 4, partial: 0, orphans: 0 });
  expect(await count('target')).toEqual({ parents: 1, partial: 0, orphans: 0 });
  // Ids that the source gave meanwhile are not given again.
  expect(
    await database.sql('INSERT INTO target.parents (children) VALUES (0) RETURNING id'),
  ).toEqual([{ id: 5 }]);
});

it('control: without the snapshot it has children without their parent', async () => {
  const { hold } = DeferredBegin.prototype;
  jest.spyOn(DeferredBegin.prototype, 'hold').mockImplementation(function (
    this: DeferredBegin,
    text,
  ) {
    return hold.call(this, text.replace('REPEATABLE READ', 'READ COMMITTED'));
  });
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function weaken(
    this: pg.Client,
    ...args: unknown[]
  ) {
    const [text] = args;
    if (typeof text !== 'string' || !COPY.test(text)) return send.apply(this, args) as never;
    return database.sql(WRITE).then(() => send.apply(this, args)) as never;
  });
  await expect(clone('target')).rejects.toMatchObject({ code: '23503' });
});

it('is consistent while eight writers are at it', async () => {
  let isDone = false;
  const writers = Array.from({ length: 8 }, async () => {
    const client = new pg.Client({ connectionString: database.directUrl });
    await client.connect();
    let written = 0;
    for (; !isDone; written++) await client.query(WRITE);
    await client.end();
    return written;
  });
  for (const schema of ['first', 'second', 'third']) await clone(schema);
  isDone = true;
  const written = (await Promise.all(writers)).reduce((sum, each) => sum + each, 0);
  expect(await count('source')).toEqual({ parents: written + 1, partial: 0, orphans: 0 });
  for (const schema of ['first', 'second', 'third']) {
    expect(await count(schema)).toMatchObject({ partial: 0, orphans: 0 });
  }
});

it('starts again if a table was truncated after its snapshot, and so looks empty', async () => {
  let emptied = 0;
  const spy = beforeStatements(/^LOCK TABLE/, async () => {
    emptied += 1;
    if (emptied > 1) return;
    await database.sql(
      `TRUNCATE source.parents, source.children, source.others; ${WRITE}; ${WRITE}`,
    );
  });
  await clone('target');
  spy.mockRestore();
  expect(emptied).toBe(2);
  expect(await count('target')).toEqual({ parents: 2, partial: 0, orphans: 0 });
});

it('waits for a migration of its source, and is what the source is after it', async () => {
  const { migrator } = schemasOf(dataSource, [...history, next]);
  let cloning: Promise<unknown> | undefined;
  const spy = beforeStatements(/ADD COLUMN added/, async () => {
    if (cloning) return;
    cloning = clone('target', [...history, next]);
    await until(database, WAITS_FOR_ADVISORY_LOCK);
  });
  expect(await migrator.migrateTenant(source)).toMatchObject({ status: 'applied' });
  expect(await cloning).toEqual({
    schema: 'target',
    versions: ['Step1700000001000', 'Step1700000002000'],
  });
  spy.mockRestore();
  expect(await database.sql('SELECT parent_id, added FROM target.others')).toEqual([
    { parent_id: 1, added: null },
  ]);
});

it('keeps a migration of its source waiting, but no reader and no writer', async () => {
  const { migrator } = schemasOf(dataSource, [...history, next]);
  let migrating: Promise<unknown> | undefined;
  const spy = beforeStatements(/^INSERT INTO "__tenant__"\."others"/, async () => {
    migrating = migrator.migrateTenant(source);
    await until(database, WAITS_FOR_ADVISORY_LOCK);
    await database.sql(WRITE);
    expect(await count('source')).toEqual({ parents: 2, partial: 0, orphans: 0 });
  });
  await clone('target');
  expect(await migrating).toMatchObject({ status: 'applied' });
  spy.mockRestore();
  expect(await database.sql('SELECT * FROM target.others')).toEqual([{ id: 1, parent_id: 1 }]);
});

it('makes one of ten that want the same schema at once, and ten of ten others', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => clone('same')));
  const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refused).toHaveLength(9);
  for (const error of refused) expect(error).toBeInstanceOf(TenantConflictError);
  await Promise.all(Array.from({ length: 10 }, (_, index) => clone(`other_${index}`)));
  expect(await traces(database)).toHaveLength(2 * 12);
  expect(await count('other_9')).toEqual({ parents: 1, partial: 0, orphans: 0 });
});
