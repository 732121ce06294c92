// Users who may change a poll: its creator and admins. Only admins may change a poll without a creator. In a tenant without users
// anyone may.
import {
  forbidden,
  noSuch,
  type PollsSetUp,
  setUpPolls,
  type TenantClient,
  unauthenticated,
} from './support.js';

let set: PollsSetUp;
let a: TenantClient;
let ada: TenantClient;
let grace: TenantClient;
let admin: TenantClient;

beforeAll(async () => {
  set = await setUpPolls();
  ({ a } = set);
});

beforeEach(() => set.database.sql('TRUNCATE a.polls, a.choices, a.votes RESTART IDENTITY'));

afterAll(() => set.stop());

const CHANGES: readonly (readonly [string, string, unknown, number])[] = [
  ['PUT', '', { question: 'Changed?' }, 200],
  ['PATCH', '', { question: 'Changed?' }, 200],
  ['PATCH', '', {}, 200],
  ['POST', '/choices', { choice_text: 'Milk' }, 201],
  ['DELETE', '', undefined, 204],
];

const title = '%s /polls/{id}%s with %j (%i)';

it.each(CHANGES)(
  `allows anyone ${title} in a tenant without users`,
  async (method, suffix, body, status) => {
    const { id } = await a.poll('Whose?');
    expect((await a.send(method, `/polls/${id}${suffix}`, body)).status).toBe(status);
  },
);

it('does not count the users of another tenant', async () => {
  await set.b.user('eve');
  const { id } = await a.poll('Whose?');
  expect((await a.send('DELETE', `/polls/${id}`)).status).toBe(204);
  const ofB = await set.b.poll('Whose?');
  expect((await set.b.send('DELETE', `/polls/${ofB.id}`)).status).toBe(401);
});

describe('where there are users', () => {
  beforeAll(async () => {
    admin = await a.user('root');
    await set.database.sql(`UPDATE a.users SET role = 'admin'`);
    [ada, grace] = [await a.user('ada'), await a.user('grace')];
  });

  it('shows the creator of a poll, and null for a poll without one', async () => {
    const created_by = { id: 2, username: 'ada' };
    expect(await ada.poll('Hers?', ['Yes'])).toMatchObject({ created_by });
    expect(await a.poll('Whose?')).toMatchObject({ created_by: null });
    expect((await a.send('GET', '/polls/1')).body).toMatchObject({ created_by });
    expect((await a.send('PATCH', '/polls/2', {})).status).toBe(401);
    expect((await a.send('GET', '/polls')).body).toMatchObject({
      items: [
        { id: 1, created_by },
        { id: 2, created_by: null },
      ],
    });
  });

  it.each(CHANGES)(
    `allows only the creator and admins ${title}`,
    async (method, suffix, body, status) => {
      for (const owner of [ada, admin]) {
        const { id } = await ada.poll('Hers?');
        const path = `/polls/${id}${suffix}`;
        expect(await a.send(method, path, body)).toEqual(unauthenticated());
        expect(await grace.send(method, path, body)).toEqual(forbidden);
        expect((await a.send('GET', `/polls/${id}`)).body).toMatchObject({
          question: 'Hers?',
          choices: [],
        });
        expect((await owner.send(method, path, body)).status).toBe(status);
      }
    },
  );

  it.each(CHANGES)(
    `allows only admins ${title} on a poll without a creator`,
    async (method, suffix, body, status) => {
      const { id } = await a.poll('Whose?');
      const path = `/polls/${id}${suffix}`;
      expect(await a.send(method, path, body)).toEqual(unauthenticated());
      expect(await ada.send(method, path, body)).toEqual(forbidden);
      expect((await admin.send(method, path, body)).status).toBe(status);
    },
  );

  it.each(CHANGES)(
    `answers ${title} on an unknown poll with 404, for any user`,
    async (method, suffix, body) => {
      for (const client of [a, ada, admin]) {
        expect(await client.send(method, `/polls/99${suffix}`, body)).toEqual(noSuch('poll'));
      }
    },
  );
});
