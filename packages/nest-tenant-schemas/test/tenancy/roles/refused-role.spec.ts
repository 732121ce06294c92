// The server does not run a statement whose role it refuses: neither as the previous tenant nor as the login. The
// caller gets the reason, and the connection stays usable. The control sends the role as a message of its own.
import pg from 'pg';
import Cursor from 'pg-cursor';
import type { DataSource } from 'typeorm';
import { TenantRoleError, type Tenant, tenantContext } from '../../../src/index.js';
import { A, B, emptyTenants, Notice, poolOf, untilAllIdle } from '../support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from './tenants-with-roles.js';

/** A tenant without a role. */
const C: Tenant = { id: '00000000-0000-4000-8000-00000000000c', schema: 'tenant_c' };

/** The login itself may do this. */
const INSERT = `INSERT INTO public.notices (text) VALUES ('behind a role that failed')`;

let tenants: TenantsWithRoles;
let dataSource: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
  dataSource = await openWithRoles(tenants);
});

beforeEach(async () => {
  await emptyTenants(tenants);
  // The connection that is used next was this tenant's.
  await tenantContext.run(B, () => dataSource.query('SELECT 1'));
});

afterEach(async () => {
  await untilAllIdle(dataSource);
  expect(await tenants.sql('SELECT * FROM public.notices')).toEqual([]);
  expect(await tenantContext.run(B, () => dataSource.query('SELECT 1 AS one'))).toEqual([
    { one: 1 },
  ]);
});

afterAll(async () => {
  await dataSource.destroy();
  await tenants.drop();
});

const inC = <T>(work: () => Promise<T>): Promise<T> => tenantContext.run(C, work);

it.each<[string, () => Promise<unknown>]>([
  ['a query', () => poolOf(dataSource).query(INSERT)],
  ['a query with parameters', () => poolOf(dataSource).query(`${INSERT}, ($1)`, ['x'])],
  [
    'a query by callback',
    () =>
      new Promise((resolve, reject) => {
        poolOf(dataSource).query(INSERT, (error, result) =>
          error ? reject(error) : resolve(result),
        );
      }),
  ],
])('fails %s, which is not run, with the reason', async (_, use) => {
  const error: unknown = await inC(use).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TenantRoleError);
  expect(error).toMatchObject({
    schema: C.schema,
    cause: expect.objectContaining({
      code: '22023',
      message: expect.stringMatching(/^role ".+_tenant_c" does not exist$/),
    }) as Error,
  });
});

it('fails what TypeORM sends: a read, a save, a transaction', async () => {
  const notices = dataSource.getRepository(Notice);
  const failed = { driverError: expect.any(TenantRoleError) as Error };
  await expect(inC(() => notices.find())).rejects.toMatchObject(failed);
  await expect(inC(() => notices.save({ text: 'x' }))).rejects.toMatchObject(failed);
  await expect(
    inC(() => dataSource.transaction((manager) => manager.save(Notice, { text: 'x' }))),
  ).rejects.toMatchObject(failed);
});

it('fails all that was sent on the connection, a cursor among it', async () => {
  const client = await inC(() => poolOf(dataSource).connect());
  const statement = client.query(INSERT);
  const cursor = client.query(new Cursor(INSERT));
  for (const failed of [statement, cursor.read(1)]) {
    await expect(failed).rejects.toThrow(TenantRoleError);
  }
  client.release();
});

it('fails a cursor that is the first', async () => {
  const client = await inC(() => poolOf(dataSource).connect());
  await expect(client.query(new Cursor(INSERT)).read(1)).rejects.toThrow(TenantRoleError);
  client.release();
});

it('fails a role that the login may no longer take on', async () => {
  await tenants.sql(`REVOKE "${tenants.roleOf(A)}" FROM ${tenants.login}`);
  const error: unknown = await tenantContext
    .run(A, () => poolOf(dataSource).query(INSERT))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TenantRoleError);
  expect(error).toMatchObject({ cause: { code: '42501' } });
});

it('fails a statement whose connection was ended by that, not by the role', async () => {
  const url = Object.assign(new URL(tenants.directUrl), {
    username: tenants.login,
    password: 'secret',
  });
  const direct = await openWithRoles(tenants, { url: url.toString() });
  const client = await tenantContext.run(B, () => poolOf(direct).connect());
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  // What the server says on its end is read when the next statement has been sent.
  client.connection.stream.pause();
  await tenants.sqlAsSuperuser('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
  const statement = client.query(INSERT);
  client.connection.stream.resume();
  await expect(statement).rejects.toMatchObject({ code: '57P01' });
  client.release();
  await direct.destroy();
});

describe('control: a role that is a message of its own', () => {
  it.each([
    [
      'the role of the tenant before',
      () => `SET ROLE "${tenants.roleOf(B)}"`,
      () => tenants.roleOf(B),
    ],
    ['the login', () => 'RESET ROLE', () => tenants.login],
  ])('has the statement behind it run as %s', async (_, first, expected) => {
    const client = new pg.Client({ connectionString: tenants.loginUrl, pipeline: true });
    await client.connect();
    const answers = await Promise.allSettled([
      client.query(first()),
      client.query('SET ROLE missing'),
      client.query<{ role: string }>('SELECT current_user AS role'),
    ]);
    expect(answers.at(-1)).toMatchObject({ value: { rows: [{ role: expected() }] } });
    await client.end();
  });
});
