// Changes of one poll at the same moment: each is answered with success or 404, never with a fault of the server.
import pg from 'pg';
import {
  noSuch,
  type PollBody,
  type PollsSetUp,
  setUpPolls,
  type TenantClient,
} from './support.js';
import { untilWaiting } from '../support/until-waiting.js';

let polls: PollsSetUp;
let a: TenantClient;
/** Another session, whose transaction the requests run into. */
let other: pg.Client;

beforeAll(async () => {
  polls = await setUpPolls();
  ({ a } = polls);
  other = new pg.Client({ connectionString: polls.database.directUrl });
  await other.connect();
});

beforeEach(async () => {
  await polls.database.sql('TRUNCATE a.polls, a.choices, a.votes RESTART IDENTITY');
  await a.poll('Tea or coffee?', ['Tea']);
});

afterAll(async () => {
  await other.end();
  await polls.stop();
});

/** Sends a request while a statement of the other session is not committed yet, and commits it then. */
async function during<T>(statement: string, request: () => Promise<T>): Promise<T> {
  await other.query(`BEGIN; ${statement}`);
  const answer = request();
  await untilWaiting(polls.database);
  await other.query('COMMIT');
  return answer;
}

it('answers a choice that is added while its poll is deleted with 404', async () => {
  const answer = await during('DELETE FROM a.polls', () =>
    a.send('POST', '/polls/1/choices', { choice_text: 'Milk' }),
  );
  expect(answer).toEqual(noSuch('poll'));
});

it('deletes a poll with the choice that is added at the same moment', async () => {
  const answer = await during(
    "INSERT INTO a.choices (choice_text, poll_id) VALUES ('Milk', 1)",
    () => a.send('DELETE', '/polls/1'),
  );
  expect(answer.status).toBe(204);
  expect(await polls.database.sql('SELECT FROM a.choices')).toEqual([]);
});

it.each(['PUT', 'PATCH', 'DELETE'])(
  'answers a %s with 404 when the poll is deleted at the same moment',
  async (method) => {
    const body = method === 'DELETE' ? undefined : { question: 'Changed?' };
    const answer = await during('DELETE FROM a.polls', () => a.send(method, '/polls/1', body));
    expect(answer).toEqual(noSuch('poll'));
  },
);

it('answers both of two changes at once, and keeps one of them', async () => {
  const questions = ['First?', 'Second?'];
  const answers = await Promise.all(
    questions.map((question) => a.send('PATCH', '/polls/1', { question })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(questions).toContain((await a.send<PollBody>('GET', '/polls/1')).body.question);
});

it('deletes a poll for one of ten requests at once, and answers 404 to the others', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => a.send('DELETE', '/polls/1')));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([
    204,
    ...Array.from({ length: 9 }, () => 404),
  ]);
});

it('has no fault when polls are read, changed and deleted all at once', async () => {
  for (let round = 2; round <= 11; round++) {
    const { id } = await a.poll();
    const path = `/polls/${id}`;
    const answers = await Promise.all([
      a.send('POST', `${path}/choices`, { choice_text: 'Milk' }),
      a.send('GET', path),
      a.send('PATCH', path, { question: 'Changed?' }),
      a.send('GET', '/polls'),
      a.send('DELETE', path),
      a.send('GET', `${path}/results`),
      a.send('GET', `${path}/choices`),
      a.send('POST', `${path}/choices`, { choice_text: 'Water' }),
      a.send('DELETE', path),
    ]);
    const faults = answers.filter(({ status }) => ![200, 201, 204, 404].includes(status));
    expect(faults).toEqual([]);
  }
  expect(await polls.database.sql('SELECT id FROM a.polls')).toEqual([{ id: 1 }]);
  expect(await polls.database.sql('SELECT poll_id FROM a.choices')).toEqual([{ poll_id: 1 }]);
});
