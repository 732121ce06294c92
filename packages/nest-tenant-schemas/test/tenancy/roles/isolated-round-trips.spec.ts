// What isolation settings cost on the wire, counted by a proxy in front of the server: statements more, but no round trip.
import type { DataSource } from 'typeorm';
import { type IsolationOptions, type Tenant, tenantContext } from '../../../src/index.js';
import { type CountingProxy, startCountingProxy } from 'test-support/counting-proxy.js';
import { A, addNote, B, Note, poolOf } from '../support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from './tenants-with-roles.js';

const TURNS: Tenant[] = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? A : B));

/** Pins, and how many statements they put ahead of another. */
const SETTINGS: [string, Partial<IsolationOptions>, number][] = [
  ['the role', { isolation: 'role' }, 2],
  ['the search path', { isolation: 'names', rawSql: 'search_path' }, 1],
  ['both', { isolation: 'role', rawSql: 'search_path' }, 2],
];

let tenants: TenantsWithRoles;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
});

afterAll(() => tenants.drop());

/** A DataSource of one connection through a proxy, as a login that may use the tenants by itself or by its roles. */
async function open(
  settings: Partial<IsolationOptions>,
): Promise<{ dataSource: DataSource; proxy: CountingProxy }> {
  const proxy = await startCountingProxy(
    settings.isolation === 'role' ? tenants.loginUrl : tenants.url,
  );
  const dataSource = await openWithRoles(tenants, { url: proxy.url, ...settings });
  await addNote(dataSource, A);
  await addNote(dataSource, B);
  proxy.reset();
  return { dataSource, proxy };
}

describe.each(SETTINGS)('with settings for %s', (_, settings, ahead) => {
  let dataSource: DataSource;
  let proxy: CountingProxy;

  beforeAll(async () => {
    ({ dataSource, proxy } = await open(settings));
  });

  beforeEach(() => proxy.reset());

  afterAll(async () => {
    await dataSource.destroy();
    await proxy.close();
  });

  it('a find waits once, with tenants in turn on one connection', async () => {
    for (const tenant of TURNS) {
      const found = tenantContext.run(tenant, () =>
        dataSource.getRepository(Note).findOneBy({ text: tenant.schema }),
      );
      expect((await found)?.text).toBe(tenant.schema);
    }
    expect({ roundTrips: proxy.roundTrips, statements: proxy.statements }).toEqual({
      roundTrips: 20,
      statements: 20 * (1 + ahead),
    });
    expect(poolOf(dataSource).totalCount).toBe(1);
  });

  it('a save waits twice, and sends its settings once, with the start of its transaction', async () => {
    await addNote(dataSource, A);
    expect({ roundTrips: proxy.roundTrips, statements: proxy.statements }).toEqual({
      roundTrips: 2,
      statements: 3 + ahead,
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

it('control: settings that are awaited cost one more round trip', async () => {
  const { dataSource, proxy } = await open({ isolation: 'role' });
  for (const tenant of TURNS) {
    const client = await tenantContext.run(tenant, () => poolOf(dataSource).connect());
    await client.query(`SET ROLE "${tenants.roleOf(tenant)}"`);
    await client.query('SELECT 1');
    client.release();
  }
  expect(proxy.roundTrips).toBe(40);
  await dataSource.destroy();
  await proxy.close();
});
