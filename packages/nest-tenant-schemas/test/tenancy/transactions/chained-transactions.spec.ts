// A transaction that follows another one at once has its role and its search path, too: behind `AND CHAIN`, and behind a text that
// ends one and begins the next. A text in which more follows the end of a transaction is rejected. The controls leak.
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';
import { StatementPreamble } from '../../../src/connection/wire/statement-preamble.js';
import {
  type IsolationOptions,
  StatementAfterEndError,
  TENANT_SCHEMA,
  tenantContext,
} from '../../../src/index.js';
import {
  A,
  addNote,
  B,
  emptyTenants,
  openTenantDataSource,
  poolOf,
  storedTexts,
  untilAllIdle,
} from '../support.js';
import {
  createTenantsWithRoles,
  openWith,
  type TenantsWithRoles,
} from '../roles/tenants-with-roles.js';

interface Row {
  text: string;
}

const READ = 'SELECT text FROM notes';
const STATE = `SELECT current_setting('search_path') AS path, current_user AS role`;

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(() => tenants.drop());

/** Each with the statement by which tenant B leaves its rows in reach of the next tenant. */
const SETTINGS: [string, Partial<IsolationOptions>, () => string][] = [
  ['the search path', { rawSql: 'search_path' }, () => `SET search_path TO ${B.schema}`],
  [
    'role and search path',
    { isolation: 'role', rawSql: 'search_path' },
    () => `SET search_path TO ${B.schema}, pg_catalog; SET ROLE "${tenants.roleOf(B)}"`,
  ],
];

const open = (settings: Partial<IsolationOptions>, url?: string): Promise<DataSource> =>
  openWith(tenants, url === undefined ? settings : { ...settings, url });

/** Does work on a connection of A in a transaction that the work has not ended. */
async function inTransactionOfA<T>(
  dataSource: DataSource,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return tenantContext.run(A, async () => {
    const client = await poolOf(dataSource).connect();
    try {
      await client.query('START TRANSACTION');
      await client.query(READ);
      return await work(client);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
}

/** A statement whose text the engine does not see before it is sent. */
function hiding(text: string): pg.Submittable & { done: Promise<void> } {
  let resolve: () => void;
  const done = new Promise<void>((each) => (resolve = each));
  const ignore = (): void => undefined;
  return {
    done,
    submit: (connection: pg.Connection) => connection.query(text),
    handleCommandComplete: ignore,
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleError: ignore,
    handleReadyForQuery: () => resolve(),
  } as never;
}

const query =
  (...texts: string[]) =>
  async (client: pg.PoolClient): Promise<void> => {
    for (const text of texts) await client.query(text);
  };

/** Ways from one transaction into the next. */
const TRANSITIONS: [string, (client: pg.PoolClient) => Promise<unknown>][] = [
  ...[
    'COMMIT AND CHAIN',
    'ROLLBACK AND CHAIN',
    'END AND CHAIN',
    'ABORT TRANSACTION AND CHAIN',
    '/* why */ commit work and/**/chain;',
  ].map((text): [string, (client: pg.PoolClient) => Promise<unknown>] => [text, query(text)]),
  ['two of them', query('COMMIT AND CHAIN', 'ROLLBACK AND CHAIN')],
  [
    'one behind a failed statement',
    async (client) => {
      await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
      await client.query('ROLLBACK AND CHAIN');
    },
  ],
  [
    'one that a savepoint and its rollback follow',
    query('COMMIT AND CHAIN', 'SAVEPOINT s', 'ROLLBACK TO SAVEPOINT s'),
  ],
  [
    'one of an object that hides its text',
    async (client) => client.query(hiding('COMMIT AND CHAIN')).done,
  ],
];

const READS: [string, (client: pg.PoolClient) => Promise<string[]>][] = [
  ['a text', async (client) => (await client.query<Row>(READ)).rows.map(({ text }) => text)],
  [
    'parameters',
    async (client) => {
      const { rows } = await client.query<Row>(`${READ} WHERE id > $1`, [0]);
      return rows.map(({ text }) => text);
    },
  ],
  [
    'a cursor',
    async (client) => {
      const cursor = client.query(new Cursor<Row>(READ));
      const rows = await cursor.read(10);
      await cursor.close();
      return rows.map(({ text }) => text);
    },
  ],
  [
    'COPY',
    async (client) => {
      const copied = await client.query(copyTo(`COPY (${READ}) TO STDOUT`)).toArray();
      return copied.join('').trimEnd().split('\n');
    },
  ],
];

describe.each(SETTINGS)('with settings for %s', (_, settings, leave) => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await open(settings);
  });

  beforeEach(async () => {
    await emptyTenants(tenants);
    for (const tenant of [A, B]) await addNote(dataSource, tenant);
    for (const text of leave().split('; '))
      await tenantContext.run(B, () => dataSource.query(text));
  });

  afterEach(async () => {
    expect(await untilAllIdle(dataSource)).toBe(1);
    expect(await storedTexts(tenants, B)).toEqual([B.schema]);
  });

  afterAll(() => dataSource.destroy());

  it.each(TRANSITIONS)('reads the rows of its tenant behind %s', async (__, end) => {
    for (const [, read] of READS) {
      const texts = await inTransactionOfA(dataSource, async (client) => {
        await end(client);
        return read(client);
      });
      expect(texts).toEqual([A.schema]);
    }
  });

  it('writes the rows of its tenant behind COMMIT AND CHAIN', async () => {
    await inTransactionOfA(dataSource, async (client) => {
      await client.query('COMMIT AND CHAIN');
      await client.query(`INSERT INTO notes (text) VALUES ('chained')`);
      await client.query('COMMIT AND CHAIN');
    });
    expect(await storedTexts(tenants, A)).toEqual([A.schema, 'chained']);
  });

  it('has them from the first statement of a transaction that is chained at once', async () => {
    const texts = await tenantContext.run(A, async () => {
      const client = await poolOf(dataSource).connect();
      void client.query('START TRANSACTION');
      void client.query('COMMIT AND CHAIN');
      const { rows } = await client.query<Row>(READ);
      await client.query('COMMIT');
      client.release();
      return rows;
    });
    expect(texts).toEqual([{ text: A.schema }]);
  });

  it('keeps the isolation level that is set as the first statement behind COMMIT AND CHAIN', async () => {
    const levels = await inTransactionOfA(dataSource, async (client) => {
      await client.query('COMMIT AND CHAIN');
      await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
      return (await client.query('SHOW transaction_isolation')).rows as unknown[];
    });
    expect(levels).toEqual([{ transaction_isolation: 'serializable' }]);
  });

  it('rejects a procedure that commits inside a transaction', async () => {
    await tenants.sql(`CREATE OR REPLACE PROCEDURE public.commit_and_write(tag text) LANGUAGE plpgsql AS $$
      BEGIN COMMIT; INSERT INTO notes (text) VALUES (tag); END $$`);
    await inTransactionOfA(dataSource, async (client) => {
      const called = client.query('CALL public.commit_and_write($1)', ['of A']);
      await expect(called).rejects.toMatchObject({ code: '2D000' });
    });
  });

  it('rolls back a failed transaction, which could not set them', async () => {
    await inTransactionOfA(dataSource, async (client) => {
      await client.query('COMMIT AND CHAIN');
      await expect(client.query('SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' });
      await client.query('ROLLBACK');
      await client.query('BEGIN');
    });
  });

  describe('control: without the notice of the end of a transaction', () => {
    it('has the search path of the other tenant behind COMMIT AND CHAIN', async () => {
      const ignored = jest
        .spyOn(StatementPreamble.prototype, 'completed')
        .mockImplementation(() => undefined);
      const direct = new URL(settings.isolation === 'role' ? tenants.loginUrl : tenants.directUrl);
      direct.port = new URL(tenants.directUrl).port;
      const unguarded = await open(settings, direct.toString());
      for (const text of leave().split('; '))
        await tenantContext.run(B, () => unguarded.query(text));
      const states = await inTransactionOfA(unguarded, async (client) => {
        await client.query('COMMIT AND CHAIN');
        return (await client.query(STATE)).rows as unknown[];
      });
      await unguarded.destroy();
      ignored.mockRestore();
      expect(states).toMatchObject([{ path: expect.stringContaining(B.schema) as string }]);
      expect(states).not.toMatchObject([{ role: tenants.roleOf(A) }]);
    });
  });
});

/** Texts that would go on without their search path. */
const GOING_ON = [
  `BEGIN; SELECT 1; COMMIT; INSERT INTO notes (text) VALUES ('of A')`,
  'SELECT 1; COMMIT; SELECT text FROM notes',
  'COMMIT; BEGIN',
  'ROLLBACK; SELECT text FROM notes',
  `/* ; */ END /* 'x */ ; -- ;\n TABLE notes`,
  'COMMIT AND CHAIN; SELECT text FROM notes',
  'ABORT; (SELECT text FROM notes)',
  `PREPARE TRANSACTION 'x'; BEGIN; SELECT text FROM notes`,
];

describe('a text in which more follows the end of a transaction', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    await emptyTenants(tenants);
    dataSource = await open({ rawSql: 'search_path' });
    for (const tenant of [A, B]) await addNote(dataSource, tenant);
  });

  beforeEach(() => tenantContext.run(B, () => dataSource.query(`SET search_path TO ${B.schema}`)));

  afterEach(async () => {
    expect(await untilAllIdle(dataSource)).toBe(1);
    expect(await storedTexts(tenants, B)).toEqual([B.schema]);
    expect(await storedTexts(tenants, A)).toEqual([A.schema]);
  });

  afterAll(() => dataSource.destroy());

  it.each(GOING_ON)('is rejected: %j', async (text) => {
    await tenantContext.run(A, async () => {
      await expect(poolOf(dataSource).query(text)).rejects.toThrow(StatementAfterEndError);
      await expect(dataSource.query(text)).rejects.toMatchObject({
        driverError: { code: 'OPERATION_REFUSED', schema: A.schema },
      });
    });
    await inTransactionOfA(dataSource, async (client) => {
      await expect(client.query(text)).rejects.toThrow(StatementAfterEndError);
      // It was not sent: the transaction goes on.
      expect((await client.query<Row>(READ)).rows).toEqual([{ text: A.schema }]);
    });
  });

  it.each([
    'BEGIN; SELECT 1; COMMIT; -- the end',
    'SAVEPOINT s; ROLLBACK TO s; SELECT text FROM notes',
    `SELECT 'COMMIT; SELECT 1'; SELECT text FROM notes`,
  ])('is not %j', async (text) => {
    const sent = inTransactionOfA(dataSource, (client) => client.query(text));
    await expect(sent).resolves.toBeDefined();
  });

  it('is rejected in work on schemas with roles', async () => {
    const withRoles = await open({ isolation: 'role' });
    await tenantContext.runAsOwner(A, async () => {
      await expect(withRoles.query('SELECT 1; COMMIT; SELECT 2')).rejects.toMatchObject({
        driverError: { code: 'OPERATION_REFUSED' },
      });
    });
    await withRoles.destroy();
  });

  it('is sent if statements name their schema, which needs no search path', async () => {
    const named = await openTenantDataSource(tenants);
    const results = (await tenantContext.run(A, () =>
      poolOf(named).query(`BEGIN; COMMIT; SELECT text FROM "${TENANT_SCHEMA}".notes`),
    )) as unknown as pg.QueryResult<Row>[];
    await named.destroy();
    expect(results.at(-1)?.rows).toEqual([{ text: A.schema }]);
  });

  it('control: reads the other tenant’s rows if its search path ended with its transaction', async () => {
    const client = new pg.Client({ connectionString: tenants.directUrl });
    await client.connect();
    await client.query(`SET search_path TO ${B.schema}`);
    const results = (await client.query(
      `SET LOCAL search_path TO ${A.schema}; BEGIN; SELECT 1; COMMIT; ${READ}`,
    )) as unknown as pg.QueryResult<Row>[];
    await client.end();
    expect(results.at(-1)?.rows).toEqual([{ text: B.schema }]);
  });
});
