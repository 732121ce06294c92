// A stream that is wrapped, and whose wrapper is destroyed before its first read, is never read and never closed: Node does
// not destroy the source. The engine ends it after a time, so that aborted downloads do not empty the pool.
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  addNote,
  createTwoTenants,
  Note,
  openTenantDataSource,
  readNote,
  untilAllIdle,
} from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;
let warn: jest.SpyInstance;

beforeAll(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { maxUnreadStreamMs: 1 });
  await addNote(dataSource, A);
});

beforeEach(() => {
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const open = (source = dataSource): Promise<Readable> =>
  tenantContext.run(A, async () => {
    const builder = source.getRepository(Note).createQueryBuilder('note');
    return (await builder.stream()) as Readable;
  });

async function* generate(rows: Readable): AsyncGenerator<unknown> {
  for await (const row of rows) yield row;
}

const WRAPPERS: [string, (rows: Readable) => Readable][] = [
  ['map()', (rows) => rows.map((row: unknown) => row)],
  ['a generator', (rows) => Readable.from(generate(rows))],
  ['nothing', () => new Readable()],
];

it.each(WRAPPERS)(
  'gives the connection back if %s is destroyed before its first read',
  async (_, wrap) => {
    for (let times = 0; times < 3; times++) {
      const rows = await open();
      const closed = once(rows, 'close');
      wrap(rows).destroy();
      await closed;
    }
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('not read for 1 ms'));
    expect(await readNote(dataSource, A)).toBe(A.schema);
    expect(await untilAllIdle(dataSource)).toBe(1);
  },
);

it('leaves a stream alone that has a reader which waits longer', async () => {
  const locked = await database.sql<{ id: number }>('SELECT id FROM tenant_a.notes');
  expect(locked).toHaveLength(1);
  const rows = await tenantContext.run(A, () =>
    dataSource
      .getRepository(Note)
      .createQueryBuilder('note')
      .select('pg_sleep(0.05)::text', 'slept')
      .stream(),
  );
  expect(await (rows as Readable).toArray()).toEqual([{ slept: '' }]);
  expect(warn).not.toHaveBeenCalled();
});

it('reports an error to a reader that comes too late', async () => {
  const rows = await open();
  await once(rows, 'close');
  await expect(rows.toArray()).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
});
