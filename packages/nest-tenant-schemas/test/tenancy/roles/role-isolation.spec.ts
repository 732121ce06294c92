// isolation: 'role': a checkout uses the role of its tenant, which has no rights on objects of other tenants. Each checkout sets
// the role again, regardless of what the previous one did to the session.
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { type Tenant, TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import {
  A,
  addNote,
  B,
  emptyTenants,
  Note,
  openTenantDataSource,
  poolOf,
  preparedTexts,
} from '../support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from './tenants-with-roles.js';

const REFUSED = expect.objectContaining({ code: '42501' }) as Error;
const READ_B = `SELECT text FROM ${B.schema}.notes`;

let tenants: TenantsWithRoles;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
  dataSource = await openWithRoles(tenants);
});

beforeEach(async () => {
  await emptyTenants(tenants);
  await addNote(dataSource, A);
  await addNote(dataSource, B);
});

afterAll(async () => {
  await dataSource.destroy();
  await tenants.drop();
});

async function currentRole(): Promise<string> {
  const [{ role }] = (await dataSource.query('SELECT current_user AS role')) as [{ role: string }];
  return role;
}

const inA = <T>(work: () => Promise<T>): Promise<T> => tenantContext.run(A, work);

it('acts as the role of the tenant, and as the login without one', async () => {
  const backends = new Set<pg.PoolClient>();
  poolOf(dataSource).on('acquire', (client) => backends.add(client));
  expect(await inA(currentRole)).toBe(tenants.roleOf(A));
  expect(await currentRole()).toBe(tenants.login);
  expect(await tenantContext.run(B, currentRole)).toBe(tenants.roleOf(B));
  expect(await tenantContext.runAsOwner(A, currentRole)).toBe(tenants.ownerRole);
  expect(await tenantContext.runAsOwner(undefined, currentRole)).toBe(tenants.ownerRole);
  expect(await inA(currentRole)).toBe(tenants.roleOf(A));
  expect(backends.size).toBe(1);
});

it.each<[string, () => Promise<unknown>]>([
  ['a read', () => dataSource.query(READ_B)],
  ['a read with parameters', () => dataSource.query(`${READ_B} WHERE text = $1`, ['x'])],
  ['a write', () => dataSource.query(`DELETE FROM ${B.schema}.notes`)],
  ['a union', () => dataSource.query(`SELECT text FROM "${TENANT_SCHEMA}".notes UNION ${READ_B}`)],
  ['a definition of its own', () => dataSource.query(`CREATE TABLE "${TENANT_SCHEMA}".mine ()`)],
  [
    'a query builder with SQL of a user in it',
    () =>
      dataSource.getRepository(Note).createQueryBuilder('n').where(`EXISTS (${READ_B})`).getMany(),
  ],
])("refuses in A %s that names another tenant's schema", async (_, use) => {
  await expect(inA(use)).rejects.toThrow(REFUSED);
  expect(await inA(() => dataSource.getRepository(Note).find())).toMatchObject([
    { text: A.schema },
  ]);
});

// A pooler's sessions keep nothing.
const describeDirect = testServer().isBehindPgBouncer ? describe.skip : describe;

describeDirect('on a connection to the server itself', () => {
  it('prepares nothing of what sets the role', async () => {
    await inA(currentRole);
    await inA(currentRole);
    expect((await preparedTexts(dataSource)).ahead).toEqual([]);
  });
});

it('lets the login itself at no tenant', async () => {
  await expect(dataSource.query(READ_B)).rejects.toThrow(REFUSED);
});

it("control: with isolation by names alone that statement reads the other tenant's rows", async () => {
  const open = await openTenantDataSource(tenants);
  try {
    expect(await tenantContext.run(A, () => open.query(READ_B))).toEqual([{ text: B.schema }]);
  } finally {
    await open.destroy();
  }
});

describe('the next checkout', () => {
  /** Runs a statement in A that resets its role, and then looks as whom the connection's next one acts. */
  async function roleAfter(statement: string, next: Tenant): Promise<string> {
    const pids: unknown[] = [];
    const pid = async (): Promise<void> =>
      void pids.push(await dataSource.query('SELECT pg_backend_pid()'));
    await inA(async () => {
      await pid();
      await dataSource.query(statement);
    });
    const role = await tenantContext.run(next, currentRole);
    await pid();
    expect(pids[1]).toEqual(pids[0]);
    return role;
  }

  it.each([
    `SELECT set_config('role', 'none', false)`,
    'RESET ROLE',
    'SET ROLE NONE',
    `DO $$ BEGIN PERFORM set_config('role', 'none', false); END $$`,
  ])('has its role after the previous checkout’s %s', async (statement) => {
    for (const tenant of [A, B]) {
      expect(await roleAfter(statement, tenant)).toBe(tenants.roleOf(tenant));
    }
  });

  it('may not read a temporary table of the one before', async () => {
    await tenants.sql(`GRANT TEMPORARY ON DATABASE ${tenants.name} TO PUBLIC`);
    await inA(() => dataSource.query('CREATE TEMPORARY TABLE mine AS SELECT 1 AS one'));
    const read = (): Promise<unknown> => dataSource.query('SELECT * FROM pg_temp.mine');
    expect(await inA(read)).toEqual([{ one: 1 }]);
    await expect(tenantContext.run(B, read)).rejects.toThrow(REFUSED);
  });

  it('has a search path without schemas of tenants', async () => {
    const path = (): Promise<unknown> => dataSource.query('SHOW search_path');
    await inA(() => dataSource.query(`SELECT set_config('search_path', '${B.schema}', false)`));
    expect(await tenantContext.run(B, path)).toEqual([{ search_path: '"extensions", "pg_temp"' }]);
  });
});

it("keeps to the tenant's role through a transaction, its savepoints and its rollback", async () => {
  const runner = dataSource.createQueryRunner();
  const roleNow = async (): Promise<unknown> =>
    ((await runner.query('SELECT current_user AS role')) as [{ role: string }])[0].role;
  await inA(async () => {
    await runner.startTransaction();
    await runner.query('SAVEPOINT s');
    await expect(runner.query(READ_B)).rejects.toThrow(REFUSED);
    await runner.query('ROLLBACK TO SAVEPOINT s');
    expect(await roleNow()).toBe(tenants.roleOf(A));
    await runner.rollbackTransaction();
    expect(await roleNow()).toBe(tenants.roleOf(A));
  }).finally(() => runner.release());
});

it('leaves definitions to the owner', async () => {
  const define = (): Promise<unknown> =>
    dataSource.query(`CREATE TABLE "${TENANT_SCHEMA}".made ()`);
  await tenantContext.runAsOwner(A, define);
  await expect(tenantContext.run(B, define)).rejects.toThrow(REFUSED);
  expect(
    await tenants.sql(`SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'made'`),
  ).toEqual([{ schemaname: A.schema, tableowner: tenants.ownerRole }]);
});
