// SQL that input has brought into a statement. With `isolation: 'role'` the server refuses what reaches for another
// tenant; by names alone it reads (the controls). A caller who controls a whole statement is refused by neither: the
// next checkout is clean all the same. More on roles: packages/nest-tenant-schemas/test/tenancy/role-isolation, stacked-statements.
import type { DataSource } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../src/index.js';
import { A, addNote, B, emptyTenants, Note, openTenantDataSource } from '../tenancy/support.js';
import {
  createTenantsWithRoles,
  openWithRoles,
  type TenantsWithRoles,
} from '../tenancy/roles/tenants-with-roles.js';

let tenants: TenantsWithRoles;
let withRoles: DataSource;
let open: DataSource;

beforeAll(async () => {
  tenants = await createTenantsWithRoles();
  withRoles = await openWithRoles(tenants);
  open = await openTenantDataSource(tenants, { url: tenants.directUrl });
  await emptyTenants(tenants);
  for (const tenant of [A, B]) await addNote(open, tenant);
  // Start-up and `doctor` require this. Otherwise one expression could change the role. Only the superuser's REVOKE has an effect.
  await tenants.sqlAsSuperuser(`REVOKE ${SET_CONFIG} FROM PUBLIC`);
  // The login itself needs it: by it each statement gets its role.
  await tenants.sqlAsSuperuser(`GRANT ${SET_CONFIG} TO ${tenants.login}`);
});

afterAll(async () => {
  await withRoles.destroy();
  await open.destroy();
  await tenants.drop();
});

/** A search as it must not be written: what the user typed becomes part of the statement. */
const search = (dataSource: DataSource, typed: string): Promise<{ text: string }[]> =>
  tenantContext.run(A, () =>
    dataSource.query<{ text: string }[]>(
      `SELECT text FROM "${TENANT_SCHEMA}".notes WHERE text = '${typed}'`,
    ),
  );

const SET_CONFIG = 'EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean)';
const DENIED = { code: '42501' };

const REACHES: [string, string][] = [
  ['a union', `' UNION SELECT text FROM ${B.schema}.notes --`],
  ['a subquery', `' OR (SELECT count(*) FROM ${B.schema}.notes) > 0 --`],
  ['a quoted name', `' UNION SELECT text FROM "${B.schema}"."notes" --`],
  [
    'a table as text',
    `' UNION SELECT query_to_xml('SELECT text FROM ${B.schema}.notes', true, true, '')::text --`,
  ],
];

describe.each(REACHES)('%s that names another schema', (_, typed) => {
  it('is refused by the role', async () => {
    await expect(search(withRoles, typed)).rejects.toMatchObject({ driverError: DENIED });
  });

  it('control: is answered by names alone', async () => {
    expect(JSON.stringify(await search(open, typed))).toMatch(/tenant_/);
  });
});

it('refuses a write into another schema by a data-modifying expression', async () => {
  const typed = `' AND text IN (WITH gone AS (DELETE FROM ${B.schema}.notes RETURNING text) SELECT text FROM gone) --`;
  await expect(search(withRoles, typed)).rejects.toMatchObject({
    driverError: DENIED,
  });
  expect(await tenants.sql(`SELECT text FROM ${B.schema}.notes`)).toEqual([{ text: B.schema }]);
});

it('rejects stacked statements with roles, and runs them with names alone', async () => {
  const typed = `'; INSERT INTO public.notices (text) VALUES ('stacked'); --`;
  const stored = (): Promise<unknown[]> => tenants.sql('SELECT text FROM public.notices');
  await expect(search(withRoles, typed)).rejects.toMatchObject({ driverError: { code: '42601' } });
  expect(await stored()).toEqual([]);
  // Control.
  await search(open, typed);
  expect(await stored()).toEqual([{ text: 'stacked' }]);
});

it.each(['none', 'the other role'])('refuses set_config to %s in an expression', async (whose) => {
  const role = whose === 'none' ? whose : tenants.roleOf(B);
  const typed = `' OR set_config('role', '${role}', false) <> '' --`;
  await expect(search(withRoles, typed)).rejects.toMatchObject({ driverError: DENIED });
});

it('control: runs the expression if PUBLIC may execute set_config', async () => {
  await tenants.sqlAsSuperuser(`GRANT ${SET_CONFIG} TO PUBLIC`);
  const typed = `' OR set_config('role', '${tenants.roleOf(B)}', false) = '' --`;
  await expect(search(withRoles, typed)).resolves.toEqual([]);
  await tenants.sqlAsSuperuser(`REVOKE ${SET_CONFIG} FROM PUBLIC`);
});

describe('a caller that controls a whole statement', () => {
  const WHOLE = [
    'RESET ROLE',
    `DO $$ BEGIN EXECUTE 'RESET ROLE'; END $$`,
    `SET search_path TO ${B.schema}`,
    `SET SESSION AUTHORIZATION DEFAULT`,
  ];

  it('is not refused in a transaction: after RESET ROLE the login takes on any tenant’s role', async () => {
    await tenantContext.run(A, async () => {
      const runner = withRoles.createQueryRunner();
      try {
        const read = (): Promise<unknown> => runner.query(`SELECT text FROM ${B.schema}.notes`);
        const takeOn = async (): Promise<void> => {
          await runner.query('RESET ROLE');
          await runner.query(`SET ROLE "${tenants.roleOf(B)}"`);
        };
        await runner.startTransaction();
        await takeOn();
        expect(await read()).toEqual([{ text: B.schema }]);
        await runner.commitTransaction();
        await expect(read()).rejects.toMatchObject({ driverError: DENIED });
        // Outside a transaction each statement has its own role again.
        await takeOn();
        await expect(read()).rejects.toMatchObject({ driverError: DENIED });
      } finally {
        await runner.release();
      }
    });
  });

  it.each(WHOLE)('leaves the next checkout clean: %s', async (statement) => {
    for (const dataSource of [withRoles, open]) {
      await tenantContext.run(A, () => dataSource.query(statement));
      for (const tenant of [B, A]) {
        const notes = await tenantContext.run(tenant, () => dataSource.getRepository(Note).find());
        expect(notes).toMatchObject([{ text: tenant.schema }]);
      }
    }
    const reach = tenantContext.run(A, () => withRoles.query(`SELECT text FROM ${B.schema}.notes`));
    await expect(reach).rejects.toMatchObject({ driverError: DENIED });
  });
});
