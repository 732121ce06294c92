// Who may register users: anyone in an open tenant; in one for members only its admins and operators. Strangers get 403,
// whatever they send, and learn nothing of the users that exist.
import { tenantContext } from 'nest-tenant-schemas';
import { UsersService } from '../../src/users/users.service.js';
import {
  AUTHORIZATION,
  OPERATOR_KEY,
  type OperatorSetUp,
  setUpOperator,
} from '../clients/support.js';
import { PASSWORD, TenantClient, unauthenticated } from '../polls/support.js';
import { type Answer, startApplication } from '../support/application.js';

const CLOSED: Answer<unknown> = {
  status: 403,
  body: {
    statusCode: 403,
    code: 'FORBIDDEN',
    message:
      "Only an admin of this tenant or the operator can register users here. Send an admin's token, or the operator key, as Authorization: Bearer <token>.",
  },
};

const BAD_TOKEN = unauthenticated(
  'The token is not valid in this tenant, or no longer valid. Log in again.',
);

let set: OperatorSetUp;
/** A stranger to the tenant, which is for members only. */
let stranger: TenantClient;
let admin: TenantClient;
let member: TenantClient;

/** A client of a new tenant without users. */
async function tenantOf(name: string, access: string): Promise<TenantClient> {
  const { tenant_uuid } = await set.create({ tenant_name: name, access });
  return new TenantClient(set.application, tenant_uuid);
}

/** Makes an admin as the commands do, and logs it in. */
async function adminOf(client: TenantClient): Promise<TenantClient> {
  const input = { username: 'root', email: null, password: PASSWORD, role: 'admin' } as const;
  const users = set.application.app.get(UsersService);
  const tenant = { id: client.tenant, schema: await schemaOf(client) };
  await tenantContext.run(tenant, () => users.create(input));
  return client.login('root');
}

async function schemaOf({ tenant }: TenantClient): Promise<string> {
  const { body } = await set.operate<{ schema_name: string }>('GET', `/clients/${tenant}`);
  return body.schema_name;
}

let count = 0;

/** Registers a user of a new name. */
function register(client: TenantClient, headers?: Record<string, string>): Promise<Answer> {
  const username = `user${++count}`;
  const body = { username, email: `${username}@example.com`, password: PASSWORD };
  return client.send('POST', '/users', body, headers);
}

async function userCount(client: TenantClient): Promise<number> {
  const { body } = await set.operate<{ usage: { users: number } }>(
    'GET',
    `/clients/${client.tenant}`,
  );
  return body.usage.users;
}

beforeAll(async () => {
  set = await setUpOperator();
  stranger = await tenantOf('Members', 'members');
  admin = await adminOf(stranger);
  const { body } = await register(admin);
  member = await stranger.login(String(body.username));
});

afterAll(() => set.stop());

it('rejects a stranger with 403 and says what to send', async () => {
  const before = await userCount(stranger);
  expect(await register(stranger)).toEqual(CLOSED);
  expect(await register(stranger, { authorization: '' })).toEqual(CLOSED);
  expect(await userCount(stranger)).toBe(before);
});

it('rejects a stranger before it reads the body, and does not reveal users', async () => {
  const taken = { username: 'root', email: 'a@example.com', password: PASSWORD };
  for (const body of [taken, {}, { ...taken, password: 'short' }, undefined]) {
    expect(await stranger.send('POST', '/users', body)).toEqual(CLOSED);
  }
});

it('rejects a member who is not an admin with 403', async () => {
  expect(await register(member)).toEqual(CLOSED);
});

it('registers members for an admin of the tenant, and for an operator', async () => {
  for (const answer of [await register(admin), await register(stranger, AUTHORIZATION)]) {
    expect(answer.status).toBe(201);
    const user = await stranger.login(String(answer.body.username));
    expect((await user.send('GET', '/users/me')).body.role).toBe('member');
    expect((await user.send('GET', '/polls')).status).toBe(200);
  }
});

it.each<[string, () => Promise<string> | string]>([
  ['that is not one', () => 'nonsense'],
  [
    'of an admin of another tenant',
    async () => String((await adminOf(await tenantOf('Other', 'members'))).token),
  ],
  ['that is almost the operator key', () => `${OPERATOR_KEY}x`],
])('rejects a token %s with 401', async (_, token) => {
  expect(await register(stranger.with(await token()))).toEqual(BAD_TOKEN);
});

it.each(['Basic cm9vdDpyb290', 'Bearer', OPERATOR_KEY, `Basic ${OPERATOR_KEY}`])(
  'rejects the Authorization header %s with 401',
  async (authorization) => {
    expect(await register(stranger, { authorization })).toEqual(BAD_TOKEN);
  },
);

it('rejects an admin who was made a member', async () => {
  const client = await tenantOf('Demoted', 'members');
  const former = await adminOf(client);
  expect((await register(former)).status).toBe(201);
  const tenant = { id: client.tenant, schema: await schemaOf(client) };
  await tenantContext.run(tenant, () =>
    set.application.app
      .get(UsersService)
      .change('root', { role: 'member' }, () => Promise.resolve()),
  );
  // The change logs it out; its next token names a member.
  expect(await register(await client.login('root'))).toEqual(CLOSED);
});

it('closes with the change of access, and opens again', async () => {
  const client = await tenantOf('Changing', 'open');
  expect((await register(client)).status).toBe(201);
  for (const [access, status] of [
    ['members', 403],
    ['open', 201],
  ] as const) {
    await set.operate('PATCH', `/clients/${client.tenant}`, { access });
    while ((await register(client)).status !== status) await new Promise(setImmediate);
  }
});

it('refuses the operator as everyone in a suspended tenant', async () => {
  const client = await tenantOf('Suspended', 'members');
  await set.operate('PATCH', `/clients/${client.tenant}`, { suspended: true });
  let answer = await register(client, AUTHORIZATION);
  while (answer.status === 201) answer = await register(client, AUTHORIZATION);
  expect(answer.body.code).toBe('TENANT_SUSPENDED');
});

it('counts wrong operator keys together with those of /clients', async () => {
  const application = await startApplication(set.database.url, {
    OPERATOR_KEY,
    RATE_LIMIT_LOGIN: '3',
  });
  try {
    const client = new TenantClient(application, stranger.tenant);
    const wrong = { authorization: `Bearer ${OPERATOR_KEY}x` };
    const statuses = [
      (await register(client, wrong)).status,
      (await application.send('GET', '/clients', { headers: wrong })).status,
      (await register(client, wrong)).status,
      (await application.send('GET', '/clients', { headers: AUTHORIZATION })).status,
    ];
    expect(statuses).toEqual([401, 401, 401, 429]);
  } finally {
    await application.close();
  }
});
