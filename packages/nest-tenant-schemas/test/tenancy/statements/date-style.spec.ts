// Dates are read right whatever DateStyle the database, the login or raw SQL sets. node-postgres reads the style
// ISO only, and makes null of any other: a date that cannot be read has to be an error.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { tenantContext } from '../../../src/index.js';
import { quoteIdentifier } from '../../../src/core/names/quote-identifier.js';
import { checkDatabase } from '../../../src/start-up-checks.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, openTenantDataSource } from '../support.js';

const DATES = `SELECT date '2020-12-31' AS day, timestamp '2020-12-31 10:20:30' AS local,
  timestamptz '2020-12-31 10:20:30Z' AS at, ARRAY[date '2020-12-31', NULL] AS days,
  ARRAY[timestamptz '2020-12-31 10:20:30Z'] AS times, date 'infinity' AS never`;
const READ = [
  {
    day: new Date(2020, 11, 31),
    local: new Date(2020, 11, 31, 10, 20, 30),
    at: new Date('2020-12-31T10:20:30Z'),
    days: [new Date(2020, 11, 31), null],
    times: [new Date('2020-12-31T10:20:30Z')],
    never: Infinity,
  },
];
const UNREADABLE = 'A date was not read';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database = await createTwoTenants();
});

afterEach(async () => {
  if (dataSource.isInitialized) await dataSource.destroy();
  await database.drop();
});

describe.each(['German', 'SQL, DMY', 'Postgres, MDY', 'ISO, DMY'])('with %s', (style) => {
  it.each([
    ['of the database', (name: string) => `ALTER DATABASE ${name} SET datestyle TO ${style}`],
    [
      'of the login',
      (name: string) => `ALTER ROLE CURRENT_USER IN DATABASE ${name} SET datestyle TO ${style}`,
    ],
  ])('%s, every connection reads dates', async (_of, alter) => {
    await database.sql(alter(quoteIdentifier(database.name)));
    dataSource = await openTenantDataSource(database, { poolSize: 3 });
    const read = () => tenantContext.run(A, () => dataSource.query(DATES));
    expect(await Promise.all([read(), read(), read(), read()])).toEqual([READ, READ, READ, READ]);
    expect(await dataSource.query(DATES)).toEqual(READ);
    expect(await checkDatabase(dataSource)).toEqual([]);
  });
});

it('keeps the order in which the database reads day and month', async () => {
  await database.sql(`ALTER DATABASE ${database.name} SET datestyle TO 'SQL, DMY'`);
  dataSource = await openTenantDataSource(database);
  expect(await dataSource.query(`SELECT current_setting('DateStyle') AS style`)).toEqual([
    { style: 'ISO, DMY' },
  ]);
  expect(await dataSource.query(`SELECT date '01/02/2020' AS day`)).toEqual([
    { day: new Date(2020, 1, 1) },
  ]);
});

it.each([
  'SET datestyle TO German',
  `SET datestyle TO 'SQL, DMY'; SELECT 1`,
  `SELECT set_config('datestyle', 'Postgres', false)`,
])('reads dates in the checkout after %j', async (statement) => {
  dataSource = await openTenantDataSource(database);
  await tenantContext.run(A, () => dataSource.query(statement));
  expect(await tenantContext.run(B, () => dataSource.query(DATES))).toEqual(READ);
});

it('reads dates after a RESET in a database of another style', async () => {
  await database.sql(`ALTER DATABASE ${database.name} SET datestyle TO German`);
  dataSource = await openTenantDataSource(database);
  await dataSource.query('RESET ALL');
  expect(await dataSource.query(DATES)).toEqual(READ);
});

it.each(['day', 'local', 'at', 'days', 'times'])(
  'rejects a %s in another style, in the transaction that has set it, and nothing more',
  async (column) => {
    dataSource = await openTenantDataSource(database);
    await dataSource.transaction(async (manager) => {
      await manager.query('SET LOCAL datestyle TO German');
      const text = `SELECT ${column} FROM (${DATES}) AS dates`;
      await expect(manager.query(text)).rejects.toThrow(UNREADABLE);
      await manager.query(`SET LOCAL datestyle TO ISO`);
      expect(await manager.query(text)).toEqual([{ [column]: READ[0]?.[column as 'day'] }]);
    });
    expect(await dataSource.query(DATES)).toEqual(READ);
  },
);

it('hands what is in the style ISO to the parsers of the application', async () => {
  const types: pg.CustomTypesConfig = {
    getTypeParser: () => (text: string | Buffer) => `read ${String(text)}`,
  } as pg.CustomTypesConfig;
  dataSource = await openTenantDataSource(database, { extra: { types } });
  expect(await dataSource.query(`SELECT date '2020-12-31' AS day, 'x' AS text`)).toEqual([
    { day: 'read 2020-12-31', text: 'read x' },
  ]);
});

it('sends nothing if the style is ISO already', async () => {
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  dataSource = await openTenantDataSource(database);
  await dataSource.query(DATES);
  const texts = sent.mock.calls.map(([text]) => String(text));
  sent.mockRestore();
  expect(texts).toContain(DATES);
  expect(texts.filter((text) => /datestyle/i.test(text))).toEqual([]);
});

it('warns at start-up if a pooler keeps the style from the server, and reads no date', async () => {
  await database.sql(`ALTER DATABASE ${database.name} SET datestyle TO German`);
  const { hostname, port } = new URL(database.url);
  const pooler = createServer((client) => {
    const server = connect(Number(port), hostname);
    // As long as what it stands for, and not another style.
    client.on('data', (sent) =>
      server.write(
        sent.toString('latin1').replace('datestyle TO ISO', 'datestyle TO DMY'),
        'latin1',
      ),
    );
    server.pipe(client);
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
    client.on('close', () => server.end());
  });
  pooler.listen(0, '127.0.0.1');
  await once(pooler, 'listening');
  const url = new URL(database.url);
  url.port = String((pooler.address() as AddressInfo).port);

  dataSource = await openTenantDataSource(database, { url: url.toString() });
  expect(await checkDatabase(dataSource)).toEqual([
    expect.stringMatching(/^DateStyle is German, DMY, .* SET datestyle TO 'ISO';$/),
  ]);
  await expect(dataSource.query(DATES)).rejects.toThrow(UNREADABLE);
  await dataSource.destroy();
  pooler.close();
  await once(pooler, 'close');
});
