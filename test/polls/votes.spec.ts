// Votes: a user's one in a poll, also of many that arrive at once; for a choice of that poll; counted wherever the
// choice is shown; and what becomes of them when a poll or a user goes.
import {
  type ChoiceBody,
  noSuch,
  type PollBody,
  type PollsSetUp,
  setUpPolls,
  type TenantClient,
  unauthenticated,
} from './support.js';

let set: PollsSetUp;
let a: TenantClient;
let ada: TenantClient;
let grace: TenantClient;

beforeAll(async () => {
  set = await setUpPolls();
  ({ a } = set);
});

beforeEach(async () => {
  await set.database.sql(
    'TRUNCATE a.polls, a.choices, a.votes, a.users, b.polls, b.choices, b.votes RESTART IDENTITY',
  );
  [ada, grace] = [await a.user('ada'), await a.user('grace')];
  await a.poll('Tea or coffee?', ['Tea', 'Coffee']);
  await a.poll('Cake?', ['Yes', 'No']);
});

afterAll(() => set.stop());

const vote = (client: TenantClient, poll: number, choice: number): ReturnType<typeof a.send> =>
  client.send('POST', `/polls/${poll}/choices/${choice}/vote`);

const VOTED = {
  status: 409,
  body: {
    statusCode: 409,
    code: 'CONFLICT',
    message: 'You have already voted on this poll. Votes cannot be changed.',
  },
};

const stored = (): Promise<unknown[]> =>
  set.database.sql('SELECT poll_id, choice_id, user_id FROM a.votes ORDER BY id');

it('counts the votes of users, one of each on a poll', async () => {
  expect(await vote(ada, 1, 2)).toEqual({
    status: 201,
    body: { id: 2, choice_text: 'Coffee', votes: 1 },
  });
  expect((await vote(grace, 1, 2)).body).toMatchObject({ votes: 2 });
  expect(await vote(ada, 2, 3)).toMatchObject({ status: 201, body: { votes: 1 } });
  expect(await stored()).toEqual([
    { poll_id: 1, choice_id: 2, user_id: 1 },
    { poll_id: 1, choice_id: 2, user_id: 2 },
    { poll_id: 2, choice_id: 3, user_id: 1 },
  ]);
});

it('refuses a second vote on a poll, for the same choice or another one', async () => {
  await vote(ada, 1, 1);
  expect(await vote(ada, 1, 1)).toEqual(VOTED);
  expect(await vote(ada, 1, 2)).toEqual(VOTED);
  expect(await stored()).toEqual([{ poll_id: 1, choice_id: 1, user_id: 1 }]);
});

it('takes one of ten votes that a user sends at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => vote(ada, 1, 1 + (index % 2))),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([
    201,
    ...Array.from({ length: 9 }, () => 409),
  ]);
  expect(await stored()).toHaveLength(1);
});

it('control: without the constraint both of two votes at once would count', async () => {
  await set.database.sql('ALTER TABLE a.votes DROP CONSTRAINT votes_poll_id_user_id_key');
  const answers = await Promise.all([vote(ada, 1, 1), vote(ada, 1, 2)]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  await set.database.sql(
    `TRUNCATE a.votes;
     ALTER TABLE a.votes ADD CONSTRAINT votes_poll_id_user_id_key UNIQUE (poll_id, user_id)`,
  );
});

it('rejects a vote without a login', async () => {
  expect(await vote(a, 1, 1)).toEqual(unauthenticated());
  // Also of nothing.
  expect(await vote(a, 9, 9)).toEqual(unauthenticated());
  expect(await stored()).toEqual([]);
});

it.each([
  ['of another poll', 1, 3],
  ['that is not there', 1, 99],
  ['of a poll that is not there', 99, 1],
])('has no choice %s, also for who has voted', async (_which, poll, choice) => {
  expect(await vote(ada, poll, choice)).toEqual(noSuch('choice'));
  await vote(ada, 1, 1);
  expect(await vote(ada, poll, choice)).toEqual(noSuch('choice'));
});

it('shows the votes wherever the choices are', async () => {
  await vote(ada, 1, 2);
  await vote(grace, 1, 2);
  await vote(grace, 2, 4);
  const tea: ChoiceBody[] = [
    { id: 1, choice_text: 'Tea', votes: 0 },
    { id: 2, choice_text: 'Coffee', votes: 2 },
  ];
  const cake: ChoiceBody[] = [
    { id: 3, choice_text: 'Yes', votes: 0 },
    { id: 4, choice_text: 'No', votes: 1 },
  ];
  expect((await a.send('GET', '/polls/1')).body).toMatchObject({ choices: tea });
  expect((await a.send('GET', '/polls/1/choices')).body).toMatchObject({ items: tea });
  expect((await a.all<PollBody>('/polls', 1)).map(({ choices }) => choices)).toEqual([tea, cake]);
  expect(await a.send('GET', '/polls/1/results')).toEqual({
    status: 200,
    body: { id: 1, question: 'Tea or coffee?', total_votes: 2, choices: tea },
  });
});

it("keeps another tenant's poll of the same id as it is", async () => {
  await set.b.poll('Tea or coffee?', ['Tea', 'Coffee']);
  await vote(ada, 1, 2);
  expect((await set.b.send('GET', '/polls/1')).body).toMatchObject({
    choices: [{ votes: 0 }, { votes: 0 }],
  });
  expect((await vote(set.b.with(ada.token), 1, 1)).status).toBe(401);
});

it('deletes the votes with their poll', async () => {
  await set.database.sql('UPDATE a.polls SET created_by = 1');
  await vote(ada, 1, 2);
  await vote(ada, 2, 3);
  expect((await ada.send('DELETE', '/polls/1')).status).toBe(204);
  expect(await stored()).toEqual([{ poll_id: 2, choice_id: 3, user_id: 1 }]);
});

it("deletes a user's votes with the user, and keeps the polls", async () => {
  const made = await grace.poll('Whose?', ['Mine']);
  await vote(ada, made.id, 5);
  await vote(grace, made.id, 5);
  await set.database.sql('DELETE FROM a.users WHERE id = 2');
  expect((await a.send('GET', `/polls/${made.id}`)).body).toMatchObject({
    created_by: null,
    choices: [{ votes: 1 }],
  });
  // Whose token is remembered for a while.
  for (const [path, body] of [
    ['/polls/2/choices/3/vote', undefined],
    ['/polls', { question: 'A ghost?' }],
  ] as const) {
    expect((await grace.send('POST', path, body)).status).toBe(401);
  }
});

it('answers a vote on a poll that is deleted at the same moment with success or 404', async () => {
  const { id } = await ada.poll('Going?', ['Gone']);
  const answers = await Promise.all([vote(grace, id, 5), ada.send('DELETE', `/polls/${id}`)]);
  expect([201, 404]).toContain(answers[0].status);
  expect(answers[1].status).toBe(204);
  expect(await stored()).toEqual([]);
});
