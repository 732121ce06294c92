// Raw SQL may choose the modes of its transaction as on a plain connection: role and search path are set by statements
// that take no snapshot, behind BEGIN.
import pg from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { A, addNote, B, emptyTenants, poolOf, untilAllIdle } from '../support.js';
import {
  createTenantsWithRoles,
  EVERY_SETTING,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

const LEVEL = `current_setting('transaction_isolation')`;
const STATE = `SELECT ${LEVEL} AS level, current_setting('transaction_read_only') AS read_only`;
const SERIALIZABLE = { level: 'serializable', read_only: 'on' };

let named = 0;

type Send = (client: pg.PoolClient, text: string) => Promise<unknown>;

const SENT: [string, Send][] = [
  ['a text', (client, text) => client.query(text)],
  ['an object', (client, text) => client.query({ text })],
  [
    'an object of the extended protocol',
    (client, text) => client.query({ text, queryMode: 'extended' } as never),
  ],
  ['a prepared statement', (client, text) => client.query({ name: `s${(named += 1)}`, text })],
  [
    'a callback',
    (client, text) =>
      new Promise((resolve, reject) => {
        client.query(text, (error, result) => (error ? reject(error) : resolve(result)));
      }),
  ],
  ['pg.Query', (client, text) => sendQuery(client, text)],
];

function sendQuery(client: pg.PoolClient, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const query = client.query(new pg.Query(text));
    query.once('end', resolve);
    query.once('error', reject);
  });
}

/** Ways to begin a transaction with modes. */
const BEGINNINGS: [string, string[]][] = [
  ['BEGIN with modes', ['BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY']],
  ['START TRANSACTION with modes', ['START TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE;']],
  [
    'comments ahead of it',
    ['/* why /* not */ */ -- so\n begin work isolation level serializable, read only, deferrable'],
  ],
  ['SET TRANSACTION', ['BEGIN', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY']],
  [
    'SET LOCAL TRANSACTION',
    [
      'START TRANSACTION',
      'SET LOCAL TRANSACTION READ ONLY',
      'set transaction isolation level serializable',
    ],
  ],
  [
    'the setting',
    [
      'BEGIN',
      `SET LOCAL transaction_isolation TO 'serializable'`,
      'SET transaction_read_only TO on',
    ],
  ],
  [
    'SET TRANSACTION behind statements that take no snapshot',
    [
      'BEGIN',
      `SET LOCAL lock_timeout TO '1s'`,
      'SHOW search_path',
      'LOCK TABLE "__tenant__".notes IN ACCESS SHARE MODE',
      'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY',
    ],
  ],
  [
    'SET TRANSACTION behind a chain',
    ['BEGIN', 'COMMIT AND CHAIN', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY'],
  ],
];

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(() => tenants.drop());

describe.each(EVERY_SETTING)('with %s', (_, settings) => {
  let dataSource: DataSource;

  const hasRole = settings.isolation === 'role';
  const hasPath = settings.rawSql === 'search_path';
  const READ = `SELECT text FROM ${hasPath ? 'notes' : `"${TENANT_SCHEMA}".notes`}`;

  beforeAll(async () => {
    dataSource = await openWith(tenants, settings);
    await emptyTenants(tenants);
    for (const tenant of [A, B]) await addNote(dataSource, tenant);
  });

  afterEach(async () => {
    expect(await untilAllIdle(dataSource)).toBe(1);
  });

  afterAll(() => dataSource.destroy());

  /** Works on a connection of A behind one of B, in a transaction that it rolls back. */
  async function onClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    await tenantContext.run(B, () => dataSource.query(READ));
    return tenantContext.run(A, async () => {
      const client = await poolOf(dataSource).connect();
      try {
        return await work(client);
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    });
  }

  /** The modes of the client's transaction, whose rows it reads, and with roles as whom. */
  async function stateOf(client: pg.PoolClient): Promise<object> {
    const [modes, notes] = [await client.query<object>(STATE), await client.query(READ)];
    const state = { ...modes.rows[0], notes: notes.rows as object[] };
    if (!hasRole) return state;
    const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
    return { ...state, role: rows[0]?.role };
  }

  const serializableOfA = (): object => ({
    ...SERIALIZABLE,
    notes: [{ text: A.schema }],
    ...(hasRole && { role: tenants.roleOf(A) }),
  });

  describe.each(SENT)('sent as %s', (__, send) => {
    it.each(BEGINNINGS)('begins by %s', async (___, texts) => {
      await onClient(async (client) => {
        for (const text of texts) await send(client, text);
        expect(await stateOf(client)).toEqual(serializableOfA());
      });
    });
  });

  it.each(BEGINNINGS)('begins by %s behind a statement, without waiting', async (__, texts) => {
    await onClient(async (client) => {
      const statements = ['SELECT 1', ...texts].map((text) => client.query(text));
      const state = stateOf(client);
      await Promise.all(statements);
      expect(await state).toEqual(serializableOfA());
    });
  });

  it('begins the same again by a statement that the server has prepared', async () => {
    await onClient(async (client) => {
      for (let times = 0; times < 3; times++) {
        await client.query({ name: 'begin', text: 'BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY' });
        expect((await client.query(STATE)).rows).toEqual([SERIALIZABLE]);
        await client.query('COMMIT');
      }
    });
  });

  it('reads by a cursor first', async () => {
    await onClient(async (client) => {
      await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      const cursor = client.query(new Cursor<{ text: string }>(READ));
      expect(await cursor.read(9)).toEqual([{ text: A.schema }]);
      await cursor.close();
    });
  });

  it('ends a transaction that did nothing, and one that only has a savepoint', async () => {
    await onClient(async (client) => {
      for (const text of [
        'BEGIN ISOLATION LEVEL SERIALIZABLE',
        'COMMIT',
        'BEGIN READ ONLY',
        'SAVEPOINT s',
        'ROLLBACK TO s',
        'RELEASE s',
        'END',
      ])
        await client.query(text);
      expect((await client.query(`SELECT ${LEVEL} AS level`)).rows).toEqual([
        { level: 'read committed' },
      ]);
      expect((await client.query(READ)).rows).toEqual([{ text: A.schema }]);
    });
  });

  it('fails a beginning that is wrong at once, at its place, and goes on for the tenant', async () => {
    await onClient(async (client) => {
      await expect(client.query('BEGIN ISOLATION LEVEL NONE')).rejects.toMatchObject({
        code: '42601',
        position: '23',
      });
      expect((await client.query(READ)).rows).toEqual([{ text: A.schema }]);
    });
  });

  it('says what the server says of SET TRANSACTION behind a query', async () => {
    await onClient(async (client) => {
      await client.query('BEGIN');
      await client.query(READ);
      const late = client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      await expect(late).rejects.toMatchObject({ code: '25001' });
    });
  });

  it('sends no notice of its own', async () => {
    const notices: string[] = [];
    await onClient(async (client) => {
      const note = ({ message }: { message?: string }): void => void notices.push(message ?? '');
      client.on('notice', note);
      await client.query('BEGIN READ ONLY');
      await client.query(READ);
      await client.query('COMMIT');
      await client.query('START TRANSACTION');
      await client.query(`${READ} WHERE id > $1`, [0]);
      client.off('notice', note);
    });
    expect(notices).toEqual([]);
  });
});
