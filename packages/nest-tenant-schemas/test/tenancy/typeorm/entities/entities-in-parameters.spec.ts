// Raw SQL rejects an entity of another tenant in its parameters, at any depth and by every way to send a statement,
// because the entity's id would select a row of the current tenant.
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext, TenantMismatchError } from '../../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  Note,
  openTenantDataSource,
  openWithNotes,
  poolOf,
  Remark,
  untilAllIdle,
} from '../../support.js';

/** The note whose id is anywhere in the parameter. */
const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes
              WHERE $1::text ~ ('"id\\\\?":' || id || '\\D')`;

let database: TestDatabase;
let dataSource: DataSource;
let ofA: Note;
let ofB: Note;

beforeAll(async () => {
  database = await createTwoTenants();
  await (await openWithNotes(database)).destroy();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
  [ofA, ofB] = (await Promise.all(
    [A, B].map((tenant) =>
      tenantContext.run(tenant, () => dataSource.manager.findOneByOrFail(Note, { id: 1 })),
    ),
  )) as [Note, Note];
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

class Wrapper {
  constructor(readonly wrapped: unknown) {}
}

const PARAMETERS: [string, (note: Note) => unknown[]][] = [
  ['itself', (note) => [note]],
  ['in a list', (note) => [[note]]],
  ['in a list of lists', (note) => [[[note]]]],
  ['in a record', (note) => [{ note }]],
  ['in a record of lists', (note) => [{ within: { notes: [null, note] } }]],
  ['in a record without a prototype', (note) => [Object.assign(Object.create(null), { note })]],
  ['in an object of a class', (note) => [new Wrapper([note])]],
  ['in an object of a class with toJSON()', (note) => [{ note, toJSON: () => note }]],
  ['in an entity of no tenant', (note) => [Object.assign(new Remark(), { __note__: note })]],
  ['in an object that contains itself and is sent as text', (note) => [circular(note)]],
];

function circular(note: Note): object {
  const record: Record<string, unknown> = { note, toJSON: () => note };
  record.self = record;
  record.list = [record];
  return record;
}

const onClient = async <T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await poolOf(dataSource).connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
};
const byCallback = (
  query: (done: (error: Error | null, result: pg.QueryResult) => void) => unknown,
): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    query((error, result) => (error ? reject(error) : resolve(result.rows)));
  });

const WAYS: [string, (values: unknown[]) => Promise<unknown[]>][] = [
  ['DataSource.query', (values) => dataSource.query(READ, values)],
  ['EntityManager.query', (values) => dataSource.manager.query(READ, values)],
  ['a transaction', (values) => dataSource.transaction((manager) => manager.query(READ, values))],
  ['pool.query', async (values) => (await poolOf(dataSource).query(READ, values)).rows],
  [
    'pool.query of an object',
    async (values) => (await poolOf(dataSource).query({ text: READ, values })).rows,
  ],
  [
    'pool.query with a callback',
    (values) => byCallback((done) => poolOf(dataSource).query(READ, values, done)),
  ],
  ['client.query', (values) => onClient(async (client) => (await client.query(READ, values)).rows)],
  [
    'client.query of an object',
    (values) => onClient(async (client) => (await client.query({ text: READ, values })).rows),
  ],
  [
    'client.query of an object and parameters',
    (values) =>
      onClient(async (client) => (await client.query({ text: READ, values: [] }, values)).rows),
  ],
  [
    'client.query with a callback',
    (values) => onClient((client) => byCallback((done) => client.query(READ, values, done))),
  ],
  [
    'client.query of an object with a callback in it',
    (values) =>
      onClient((client) =>
        byCallback((callback) => client.query({ text: READ, values, callback } as never)),
      ),
  ],
  [
    'client.query of a pg.Query',
    (values) =>
      onClient((client) =>
        byCallback((done) => client.query(new pg.Query(READ, values as string[], done as never))),
      ),
  ],
];

describe.each(WAYS)('%s', (_, read) => {
  it.each(PARAMETERS)('rejects an entity of A in B, %s', async (__, parameters) => {
    await expect(tenantContext.run(B, () => read(parameters(ofA)))).rejects.toThrow(
      TenantMismatchError,
    );
    await untilAllIdle(dataSource);
  });

  it.each(PARAMETERS)('control: does not reject one of B, %s', async (__, parameters) => {
    expect(await tenantContext.run(B, () => read(parameters(ofB)))).toEqual([{ text: B.schema }]);
  });

  it.each(PARAMETERS)(
    'control: without the entity’s tenant reads B, %s',
    async (__, parameters) => {
      const copy = Object.assign(new Note(), { id: ofA.id, text: ofA.text });
      expect(await tenantContext.run(B, () => read(parameters(copy)))).toEqual([
        { text: B.schema },
      ]);
    },
  );
});

it('sends values that are objects as before', async () => {
  const date = new Date(0);
  const rows = await tenantContext.run(A, () =>
    dataSource.query('SELECT $1::timestamptz AS date, $2::bytea AS bytes, $3::int[] AS list', [
      date,
      Buffer.from('ab'),
      [1, 2],
    ]),
  );
  expect(rows).toEqual([{ date, bytes: Buffer.from('ab'), list: [1, 2] }]);
});
