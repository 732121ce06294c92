// The operator's routes over real HTTP: the life cycle of a tenant, and an error for each mistake.
import { randomUUID } from 'node:crypto';
import { type OperatorSetUp, setUpOperator, type TenantBody } from './support.js';

let setUp: OperatorSetUp;

beforeAll(async () => {
  setUp = await setUpOperator();
});

afterAll(() => setUp.stop());

const refusal = (field: string, message: unknown): unknown => ({
  status: 400,
  body: expect.objectContaining({ code: 'VALIDATION_FAILED', details: [{ field, message }] }),
});

const NOBODY = {
  status: 404,
  body: {
    statusCode: 404,
    code: 'TENANT_NOT_FOUND',
    message: 'There is no tenant with this UUID. Check it, or ask the operator.',
  },
};

it('creates a tenant with its schema and tables, which is served at once', async () => {
  const { status, body } = await setUp.operate<TenantBody>('POST', '/clients', {
    tenant_name: 'Pollsmaster',
    schema_name: 'pollsmaster',
    paid_until: '2099-05-30',
    on_trial: true,
    access: 'open',
  });
  expect({ status, body }).toEqual({
    status: 201,
    body: {
      tenant_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      tenant_name: 'Pollsmaster',
      schema_name: 'pollsmaster',
      paid_until: '2099-05-30',
      on_trial: true,
      access: 'open',
      suspended: false,
      created_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
    },
  });
  const tenant = body.tenant_uuid;
  const made = await setUp.application.send('POST', '/polls', {
    tenant,
    body: { question: 'Tea or coffee?' },
  });
  expect(made.status).toBe(201);
  expect(await setUp.operate('GET', `/clients/${tenant}`)).toEqual({
    status: 200,
    body: { ...body, usage: { polls: 1, users: 0 } },
  });
});

it('has a default for everything but the name, and takes a date that is past', async () => {
  const { status, body } = await setUp.operate<TenantBody>('POST', '/clients', {
    tenant_name: 'Acme & Söhne',
    paid_until: '2020-05-30',
  });
  expect([status, body]).toEqual([
    201,
    expect.objectContaining({
      schema_name: 'acme_sohne',
      paid_until: '2020-05-30',
      on_trial: false,
      access: 'open',
    }),
  ]);
  const { status: expired } = await setUp.application.send('GET', '/polls', {
    tenant: body.tenant_uuid,
  });
  expect(expired).toBe(402);
});

it.each<[Record<string, unknown>, string, string]>([
  [{}, 'tenant_name', 'tenant_name must be a string'],
  [{ tenant_name: ' x' }, 'tenant_name', 'tenant_name must not begin or end with a space'],
  [
    { tenant_name: 'x', schema_name: 'pg_x' },
    'schema_name',
    'schema_name must not start with pg_, which PostgreSQL keeps for itself',
  ],
  [{ tenant_name: 'x', schema_name: null }, 'schema_name', expect.any(String) as string],
  [
    { tenant_name: 'x', paid_until: '2030-02-30' },
    'paid_until',
    'paid_until must be a date, written YYYY-MM-DD',
  ],
  [
    { tenant_name: 'x', paid_until: '0000-01-01' },
    'paid_until',
    'paid_until must be a date, written YYYY-MM-DD',
  ],
  [{ tenant_name: 'x', on_trial: 'y' }, 'on_trial', 'on_trial must be a boolean value'],
  [
    { tenant_name: 'x', access: 'all' },
    'access',
    'access must be one of the following values: open, members',
  ],
  [{ tenant_name: 'x', suspended: true }, 'suspended', 'suspended is not a known field'],
])('refuses to create %j, naming the field', async (input, field, message) => {
  expect(await setUp.operate('POST', '/clients', input)).toEqual(refusal(field, message));
});

it('rejects a taken name or schema, and leaves nothing', async () => {
  await setUp.create({ tenant_name: 'Taken', schema_name: 'taken' });
  for (const [input, taken] of [
    [{ tenant_name: 'TAKEN', schema_name: 'free' }, 'tenant name "TAKEN"'],
    [{ tenant_name: 'Free', schema_name: 'taken' }, 'schema "taken"'],
  ] as const) {
    expect(await setUp.operate('POST', '/clients', input)).toEqual({
      status: 409,
      body: {
        statusCode: 409,
        code: 'CONFLICT',
        message: `The ${taken} is taken. Choose another one.`,
      },
    });
  }
  expect(await setUp.database.sql(`SELECT FROM pg_namespace WHERE nspname = 'free'`)).toHaveLength(
    0,
  );
});

it('lets one of two have a name that both ask for at once', async () => {
  const answers = await Promise.all(
    ['race_1', 'race_2'].map((schema_name) =>
      setUp.operate('POST', '/clients', { tenant_name: 'Race', schema_name }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
});

it('changes what is given, and nothing else', async () => {
  const before = await setUp.create({ tenant_name: 'Changing', paid_until: '2099-01-01' });
  const path = `/clients/${before.tenant_uuid}`;
  const expected = { ...before };
  for (const change of [
    { tenant_name: 'Changed' },
    { paid_until: null },
    { paid_until: '2098-12-31', on_trial: true },
    { access: 'members' },
    { suspended: true },
    {},
  ]) {
    Object.assign(expected, change);
    expect(await setUp.operate('PATCH', path, change)).toEqual({ status: 200, body: expected });
  }
  expect(await setUp.operate('PATCH', path, { name: 'Named' })).toEqual({
    status: 200,
    body: { ...expected, tenant_name: 'Named' },
  });
  expect(await setUp.operate('GET', path)).toEqual({
    status: 200,
    body: { ...expected, tenant_name: 'Named', usage: { polls: 0, users: 0 } },
  });
});

it('keeps to a change at once: a tenant that is suspended is refused, and one that is resumed served', async () => {
  const { tenant_uuid: tenant } = await setUp.create({ tenant_name: 'Suspended' });
  for (const [suspended, status] of [
    [true, 403],
    [false, 200],
  ] as const) {
    expect((await setUp.operate('PATCH', `/clients/${tenant}`, { suspended })).status).toBe(200);
    // NOTIFY reaches all processes, including this one.
    while ((await setUp.application.send('GET', '/polls', { tenant })).status !== status);
  }
});

it.each<[Record<string, unknown>, string, string]>([
  [{ tenant_name: null }, 'tenant_name', 'tenant_name must be a string'],
  [{ name: '' }, 'name', 'name must not be blank'],
  [{ name: 'x', tenant_name: 'x' }, 'name', 'name must not be given together with tenant_name'],
  [{ schema_name: 'x' }, 'schema_name', 'schema_name is not a known field'],
  [{ suspended: 'yes' }, 'suspended', 'suspended must be a boolean value'],
  [{ access: null }, 'access', expect.any(String) as string],
  [{ created_on: '2020-01-01' }, 'created_on', 'created_on is not a known field'],
])('refuses the change %j, naming the field', async (change, field, message) => {
  const [tenant] = (await setUp.operate<{ items: TenantBody[] }>('GET', '/clients?limit=1')).body
    .items;
  const path = `/clients/${tenant?.tenant_uuid}`;
  expect(await setUp.operate('PATCH', path, change)).toEqual(refusal(field, message));
});

it('rejects a taken new name', async () => {
  await setUp.create({ tenant_name: 'First' });
  const { tenant_uuid } = await setUp.create({ tenant_name: 'Second' });
  const { status, body } = await setUp.operate('PATCH', `/clients/${tenant_uuid}`, {
    tenant_name: 'first',
  });
  expect([status, body.code]).toEqual([409, 'CONFLICT']);
});

it('does not delete a tenant whose schema other schemas depend on, and lists what does', async () => {
  const { tenant_uuid, schema_name } = await setUp.create({ tenant_name: 'Reported' });
  await setUp.database.sql(
    `CREATE SCHEMA reports; CREATE VIEW reports.polls AS SELECT id FROM ${schema_name}.polls`,
  );
  const path = `/clients/${tenant_uuid}?confirm=${schema_name}`;
  expect(await setUp.operate('DELETE', path)).toMatchObject({
    status: 409,
    body: { code: 'CONFLICT', message: expect.stringContaining('view reports.polls') },
  });
  expect(await setUp.database.sql('SELECT id FROM reports.polls')).toEqual([]);
  await setUp.database.sql('DROP SCHEMA reports CASCADE');
  expect((await setUp.operate('DELETE', path)).status).toBe(204);
});

it('deletes a tenant with its schema, when its schema is named', async () => {
  const { tenant_uuid, schema_name } = await setUp.create({ tenant_name: 'Gone' });
  const path = `/clients/${tenant_uuid}`;
  for (const query of ['', '?confirm=', '?confirm=other', '?confirm=gone&confirm=gone']) {
    expect(await setUp.operate('DELETE', path + query)).toEqual(
      refusal('confirm', "confirm must be the name of the tenant's schema: nothing was deleted"),
    );
  }
  expect((await setUp.operate('GET', path)).status).toBe(200);
  expect(await setUp.operate('DELETE', `${path}?confirm=${schema_name}`)).toEqual({
    status: 204,
    body: undefined,
  });
  expect(await setUp.operate('GET', path)).toEqual(NOBODY);
  expect(await setUp.operate('DELETE', `${path}?confirm=${schema_name}`)).toEqual(NOBODY);
  expect(
    await setUp.database.sql(`SELECT FROM pg_namespace WHERE nspname = $1`, [schema_name]),
  ).toHaveLength(0);
});

it.each([
  ['a uuid that no tenant has', randomUUID()],
  ['a text that is not a uuid', 'pollsmaster'],
  ['a uuid and more', `${randomUUID()}0`],
])('knows no tenant of %s', async (_title, id) => {
  for (const [method, body] of [['GET'], ['PATCH', {}], ['DELETE']] as const) {
    const path = method === 'DELETE' ? `/clients/${id}?confirm=x` : `/clients/${id}`;
    expect(await setUp.operate(method, path, body)).toEqual(NOBODY);
  }
});

it('takes a uuid in capital letters', async () => {
  const { tenant_uuid } = await setUp.create({ tenant_name: 'Capital' });
  expect((await setUp.operate('GET', `/clients/${tenant_uuid.toUpperCase()}`)).status).toBe(200);
});
