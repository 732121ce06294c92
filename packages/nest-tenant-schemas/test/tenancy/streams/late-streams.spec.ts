// A stream or a cursor that is first read long after the server rejected its statement. It still ends with the error, and returns
// its connection. pg-cursor alone would wait for an answer that has already arrived.
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type pg from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { until } from 'test-support/poll.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  B,
  createTwoTenants,
  nextConnection,
  Note,
  openTenantDataSource,
  poolOf,
  readNote,
  untilAllIdle,
} from '../support.js';

const REFUSED = `SELECT missing FROM "${TENANT_SCHEMA}".notes`;
const UNDEFINED_COLUMN = { code: '42703' };

let database: TestDatabase;

beforeAll(async () => {
  database = await createTwoTenants();
});

afterAll(() => database.drop());

describe.each([{}, { rawSql: 'search_path' } as const])('with the options %j', (options) => {
  let dataSource: DataSource;
  let first: pg.PoolClient;

  beforeAll(async () => {
    dataSource = await openTenantDataSource(database, options);
    await addNote(dataSource, B);
    first = await nextConnection(dataSource);
  });

  afterEach(async () => {
    await untilAllIdle(dataSource);
    expect((await nextConnection(dataSource)) === first).toBe(true);
    expect(await readNote(dataSource, B)).toBe(B.schema);
  });

  afterAll(() => dataSource.destroy());

  /** Waits until the server has sent all its messages. */
  const untilAllSent = (): Promise<unknown> =>
    until('the server is ready', () => {
      const { readyForQuery, _activeQuery } = first as unknown as Record<string, unknown>;
      return readyForQuery === true && !_activeQuery;
    });

  async function openRefused(): Promise<Readable> {
    const stream = await tenantContext.run(A, () =>
      dataSource
        .getRepository(Note)
        .createQueryBuilder('n')
        .select('n.text')
        .addSelect('missing')
        .stream(),
    );
    await untilAllSent();
    return stream;
  }

  it('reports an error to a late reader of a stream', async () => {
    const stream = await openRefused();
    await expect(stream.toArray()).rejects.toMatchObject(UNDEFINED_COLUMN);
  });

  it('closes an unread stream', async () => {
    const stream = await openRefused();
    const closed = once(stream, 'close');
    stream.destroy();
    expect(await closed).toEqual([]);
  });

  it.each(['ROLLBACK', undefined])(
    'closes a cursor, and what is sent behind it is answered (%s)',
    async (end) => {
      const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
      if (end) await client.query('BEGIN');
      const cursor = tenantContext.run(A, () => client.query(new Cursor(REFUSED)));
      await expect(cursor.read(1)).rejects.toMatchObject(UNDEFINED_COLUMN);
      await untilAllSent();
      const closed = cursor.close();
      const answers = [end ?? 'SELECT 1 AS n', 'SELECT 2 AS n'].map((text) => client.query(text));
      await closed;
      expect(await Promise.all(answers)).toMatchObject([
        end ? { command: end } : { rows: [{ n: 1 }] },
        { rows: [{ n: 2 }] },
      ]);
      client.release();
    },
  );

  it('closes a cursor whose connection is idle again, and another tenant’s next', async () => {
    const client = await tenantContext.run(A, () => poolOf(dataSource).connect());
    const cursor = tenantContext.run(A, () => client.query(new Cursor(REFUSED)));
    await expect(cursor.read(1)).rejects.toMatchObject(UNDEFINED_COLUMN);
    client.release();
    await untilAllIdle(dataSource);
    const closed = cursor.close();
    expect(await readNote(dataSource, B)).toBe(B.schema);
    await closed;
  });
});
