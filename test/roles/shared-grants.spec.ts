// Rights of tenants on shared tables: none unless the application configures them. They are granted to and revoked from all
// tenants at once.
import { tenantContext, TenancyOptionsError, type TenantRolesOptions } from 'nest-tenant-schemas';
import { sharedMigrations } from '../../src/database/migrations/shared/index.js';
import { migration, newClient } from '../schemas/support.js';
import { createRoleDatabase, openMigrated, openRoleSchemas, type RoleDatabase } from './support.js';

const ACME = newClient('acme');

const shared = [
  ...sharedMigrations,
  migration(1_900_000_000, 'CREATE TABLE public.countries (id serial PRIMARY KEY, name text)'),
];

let database: RoleDatabase;

beforeAll(async () => {
  database = await createRoleDatabase();
  const { provisioner, dataSource } = await openMigrated(database, { shared });
  await provisioner.create(ACME);
  await dataSource.destroy();
});

afterAll(() => database.drop());

/** What becomes of statements in a tenant's context, once the shared schema is migrated with such grants. */
async function outcomes(
  sharedGrants: TenantRolesOptions['sharedGrants'],
  ...statements: string[]
): Promise<string[]> {
  const { dataSource, findings } = await openMigrated(database, {
    shared,
    roles: { sharedGrants },
  });
  try {
    expect(await findings()).toEqual([]);
    const results: string[] = [];
    for (const statement of statements) {
      results.push(
        await tenantContext.run(ACME, () =>
          dataSource.query(statement).then(
            () => 'done',
            ({ code }: { code: string }) => code,
          ),
        ),
      );
    }
    return results;
  } finally {
    await dataSource.destroy();
  }
}

const READ = 'SELECT name FROM public.countries';
const WRITE = `INSERT INTO public.countries (name) VALUES ('Peru')`;

it('is nothing by default, and follows the option from run to run', async () => {
  expect(await outcomes(undefined, READ, WRITE)).toEqual(['42501', '42501']);
  expect(await outcomes({ countries: ['SELECT'] }, READ, WRITE)).toEqual(['done', '42501']);
  expect(await outcomes({ countries: ['INSERT'] }, READ, WRITE)).toEqual(['42501', 'done']);
  expect(await outcomes({}, READ, WRITE)).toEqual(['42501', '42501']);
});

it('refuses a table that the shared schema does not have, and a privilege that is none', async () => {
  await expect(outcomes({ cities: ['SELECT'] })).rejects.toThrow(
    'TenantModule: roles.sharedGrants must name tables of schema public, which has no "cities".',
  );
  const roles = { sharedGrants: { countries: ['TRUNCATE'] } } as unknown as TenantRolesOptions;
  await expect(openRoleSchemas(database, { roles })).rejects.toThrow(TenancyOptionsError);
});

it('lets a tenant refer to a shared table without any grant', async () => {
  const tenant = [
    migration(
      1_900_000_001,
      'CREATE TABLE "__tenant__".homes (country_id int REFERENCES public.countries (id))',
    ),
  ];
  const { provisioner, dataSource } = await openMigrated(database, { shared, tenant });
  const other = newClient('other');
  try {
    await provisioner.create(other);
    await dataSource.query(`INSERT INTO public.countries (id, name) VALUES (100, 'Chile')`);
    await tenantContext.run(other, () =>
      dataSource.query('INSERT INTO "__tenant__".homes VALUES (100)'),
    );
    await expect(
      tenantContext.run(other, () => dataSource.query('INSERT INTO "__tenant__".homes VALUES (7)')),
    ).rejects.toMatchObject({ code: '23503' });
  } finally {
    await dataSource.destroy();
  }
});
