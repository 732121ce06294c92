// What pins cost on the wire, counted by a proxy in front of the server: statements more, but not one wait more.
// A search path that the server reports as set is not written again (PostgreSQL 18).
import type { DataSource } from 'typeorm';
import { type PinOptions, type Tenant, tenantContext } from '../../src/tenancy/index.js';
import { type CountingProxy, startCountingProxy } from '../support/counting-proxy.js';
import { A, addNote, B, Note, poolOf } from './support.js';
import { createWalledTenants, openWalled, type WalledTenants } from './walled-tenants.js';

const TURNS: Tenant[] = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? A : B));

const PINS: [string, Partial<PinOptions>][] = [
  ['the role', { isolation: 'role' }],
  ['the search path', { isolation: 'names', rawSql: 'search_path' }],
  ['both', { isolation: 'role', rawSql: 'search_path' }],
];

let tenants: WalledTenants;
let proxy: CountingProxy;
let reportsPath: boolean;

beforeAll(async () => {
  tenants = await createWalledTenants();
  proxy = await startCountingProxy(tenants.loginUrl);
  const [server] = await tenants.sql<{ version: string }>(
    `SELECT current_setting('server_version_num') AS version`,
  );
  reportsPath = Number(server?.version) >= 180_000;
});

afterAll(async () => {
  await proxy.close();
  await tenants.drop();
});

/** A DataSource of one connection through the proxy, as a login that may use the tenants by itself. */
async function open(pins: Partial<PinOptions>): Promise<DataSource> {
  const url = new URL(proxy.url);
  if (pins.isolation === 'names') {
    const { username, password } = new URL(tenants.directUrl);
    Object.assign(url, { username, password });
  }
  const dataSource = await openWalled(tenants, { url: url.toString(), ...pins });
  await addNote(dataSource, A);
  await addNote(dataSource, B);
  proxy.reset();
  return dataSource;
}

describe.each(PINS)('with a pin of %s', (_, pins) => {
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await open(pins);
  });

  beforeEach(() => proxy.reset());

  afterAll(() => dataSource.destroy());

  it('a find waits once, with tenants in turn on one connection', async () => {
    for (const tenant of TURNS) {
      const found = tenantContext.run(tenant, () =>
        dataSource.getRepository(Note).findOneBy({ text: tenant.schema }),
      );
      expect((await found)?.text).toBe(tenant.schema);
    }
    expect({ turns: proxy.turns, statements: proxy.statements }).toEqual({
      turns: 20,
      statements: 40,
    });
    expect(poolOf(dataSource).totalCount).toBe(1);
  });

  it('a save waits three times, and is pinned once', async () => {
    await addNote(dataSource, A);
    expect({ turns: proxy.turns, statements: proxy.statements }).toEqual({
      turns: 3,
      statements: 4,
    });
  });

  it('a checkout that sends nothing costs nothing', async () => {
    for (const tenant of TURNS) {
      const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
      client.release();
    }
    expect(proxy.statements).toBe(0);
  });
});

it('a search path that stands is written again only where the server does not report it', async () => {
  const dataSource = await open({ isolation: 'names', rawSql: 'search_path' });
  await addNote(dataSource, A);
  proxy.reset();
  for (let turn = 0; turn < 10; turn++) {
    await tenantContext.run(A, () => dataSource.query('SELECT text FROM notes LIMIT 1'));
  }
  expect(proxy.statements).toBe(reportsPath ? 10 : 20);
  await dataSource.destroy();
});

it('control: a pin that is waited for costs a turn more', async () => {
  const dataSource = await open({ isolation: 'role' });
  for (const tenant of TURNS) {
    const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
    await client.query(`SET ROLE "${tenants.roleOf(tenant)}"`);
    await client.query('SELECT 1');
    client.release();
  }
  expect(proxy.turns).toBe(40);
  await dataSource.destroy();
});
