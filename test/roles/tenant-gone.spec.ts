// With roles a tenant that went unheard of fails ahead of its statement, as its role has gone: the request is answered as
// with names, and the next one by what the registry says.
import { startApplication, type TestApplication } from '../support/application.js';
import { createRoleDatabase, type RoleDatabase } from './support.js';

let database: RoleDatabase;
let application: TestApplication;

beforeAll(async () => {
  database = await createRoleDatabase();
  application = await startApplication(database.url, { TENANT_ISOLATION: 'role' });
  await database.sql('ALTER TABLE public.clients DISABLE TRIGGER clients_notify');
});

afterAll(async () => {
  await application.close();
  await database.drop();
});

/** A tenant that the application remembers. */
async function remembered(name: string) {
  const { id, schema } = await application.createTenant(name);
  const ask = async (): Promise<string> => {
    const { status, body } = await application.send('GET', '/polls', { tenant: id });
    return `${status} ${String(body.code)}`;
  };
  expect(await ask()).toBe('200 undefined');
  return { id, schema, role: database.roleOf(schema), ask };
}

it('answers 404 to a tenant that was dropped', async () => {
  const { id, schema, role, ask } = await remembered('dropped');
  await database.sql(
    `DROP SCHEMA ${schema} CASCADE; DROP OWNED BY "${role}"; DROP ROLE "${role}";
     DELETE FROM public.clients WHERE id = '${id}'`,
  );
  expect([await ask(), await ask()]).toEqual(['404 TENANT_NOT_FOUND', '404 TENANT_NOT_FOUND']);
});

it('answers 503 to a tenant that was renamed, and serves the next request', async () => {
  const { id, schema, role, ask } = await remembered('renamed');
  await database.sql(
    `ALTER SCHEMA ${schema} RENAME TO other; ALTER ROLE "${role}" RENAME TO "${database.roleOf('other')}";
     UPDATE public.clients SET schema = 'other' WHERE id = '${id}'`,
  );
  expect([await ask(), await ask()]).toEqual(['503 DATABASE_UNAVAILABLE', '200 undefined']);
});

it('answers 500 to a tenant that is there without its role', async () => {
  const { role, ask } = await remembered('without a role');
  await database.sql(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
  expect(await ask()).toBe('500 INTERNAL_ERROR');
});
