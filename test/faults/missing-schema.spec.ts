// A tenant that is registered, but whose schema is missing, as after a restore that lacks it: every route answers 503 with its
// code, in every setting, and the log says what the operator can do. Neighbours notice nothing.
import { AUTHORIZATION, OPERATOR_KEY } from '../clients/support.js';
import { type FaultyApplication, startFaulty } from '../http/errors/faulty-application.js';
import { PASSWORD } from '../polls/support.js';
import { createRoleDatabase, type RoleDatabase } from '../roles/support.js';
import { type Answer, send } from '../support/application.js';

const MISSING = {
  status: 503,
  body: {
    statusCode: 503,
    code: 'DATABASE_UNAVAILABLE',
    message: 'The data of this tenant is missing in the database. Ask the operator.',
  },
};

const USER = { username: 'ada', password: PASSWORD };

const ROUTES: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/polls'],
  ['POST', '/polls', { question: 'Anybody?' }],
  ['POST', '/polls', { question: 'Anybody?', choices: ['Yes', 'No'] }],
  ['GET', '/polls/1'],
  ['PUT', '/polls/1', { question: 'Anybody?' }],
  ['PATCH', '/polls/1', { question: 'Anybody?' }],
  ['DELETE', '/polls/1'],
  ['GET', '/polls/1/choices'],
  ['POST', '/polls/1/choices', { choice_text: 'Yes' }],
  ['GET', '/polls/1/results'],
  ['POST', '/login', USER],
  ['POST', '/users', { ...USER, email: 'ada@example.com' }],
];

describe.each([
  { name: 'names', isolation: 'names', rawSql: 'qualified' },
  { name: 'role', isolation: 'role', rawSql: 'qualified' },
  { name: 'path', isolation: 'names', rawSql: 'search_path' },
  { name: 'role and path', isolation: 'role', rawSql: 'search_path' },
])('with $name', ({ isolation, rawSql }) => {
  let database: RoleDatabase;
  let application: FaultyApplication;

  beforeAll(async () => {
    database = await createRoleDatabase();
    application = await startFaulty(database.url, {
      variables: {
        OPERATOR_KEY,
        JWT_SECRET: 'x'.repeat(32),
        TENANT_ISOLATION: isolation,
        TENANT_RAW_SQL: rawSql,
      },
    });
  });

  afterAll(async () => {
    await application.app.close();
    await database.drop();
  });

  const ask = (tenant: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    send(application.url, method, path, { tenant, body });

  const operate = (method: string, path: string, body?: unknown): Promise<Answer> =>
    send(application.url, method, path, { body, headers: AUTHORIZATION });

  const create = async (name: string): Promise<string> =>
    String((await operate('POST', '/clients', { tenant_name: name })).body.tenant_uuid);

  it.each([
    ['cold', 0],
    ['warm', 6],
  ])('answers 503 on every route, with connections that are %s', async (name, before) => {
    const tenant = await create(name);
    const neighbour = await create(`neighbour of ${name}`);
    for (let n = 0; n < before; n++) {
      for (const [method, path, body] of ROUTES) await ask(tenant, method, path, body);
    }
    await database.sql(`DROP SCHEMA ${name} CASCADE`);
    for (const [method, path, body] of ROUTES) {
      expect([method, path, await ask(tenant, method, path, body)]).toEqual([
        method,
        path,
        MISSING,
      ]);
    }
    expect((await ask(neighbour, 'GET', '/polls')).status).toBe(200);
    const { status, body } = await operate('GET', `/clients/${tenant}`);
    expect({ status, usage: body.usage }).toEqual({ status: 200, usage: { polls: 0, users: 0 } });
    expect(application.logged).toEqual([]);
  });

  it('answers 404 once the tenant is deleted', async () => {
    const tenant = await create('deleted');
    await database.sql('DROP SCHEMA deleted CASCADE');
    expect(await ask(tenant, 'GET', '/polls')).toEqual(MISSING);
    expect((await operate('DELETE', `/clients/${tenant}?confirm=deleted`)).status).toBe(204);
    expect((await ask(tenant, 'GET', '/polls')).body.code).toBe('TENANT_NOT_FOUND');
  });

  it('control: answers 500 if only a table is missing', async () => {
    const tenant = await create('behind');
    await database.sql('DROP TABLE behind.votes, behind.choices, behind.polls CASCADE');
    expect((await ask(tenant, 'GET', '/polls')).body.code).toBe('INTERNAL_ERROR');
    expect(application.logged).toHaveLength(1);
  });
});
