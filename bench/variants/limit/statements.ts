// The statements of the polls, as a person would write them for pg: as many of them and as many rows as the
// application sends and reads.
import type pg from 'pg';

/** What sends statements: a pool, or a client in a transaction. */
export type Sender = Pick<pg.Pool, 'query'>;

interface JoinedRow {
  readonly id: number;
  readonly question: string;
  readonly pub_date: Date;
  readonly creator_id: number | null;
  readonly username: string | null;
  readonly choice_id: number | null;
  readonly choice_text: string | null;
  readonly votes: string;
}

/** Polls with their creators, their choices, and the votes on each. */
const wholePolls = (schema: string): string =>
  `SELECT poll.id, question, pub_date, creator.id AS creator_id, username, choice.id AS choice_id, choice_text,
     (SELECT count(*) FROM ${schema}.votes AS vote WHERE vote.choice_id = choice.id) AS votes
   FROM ${schema}.polls AS poll
   LEFT JOIN ${schema}.users AS creator ON creator.id = poll.created_by
   LEFT JOIN ${schema}.choices AS choice ON choice.poll_id = poll.id`;

const noSuchPoll = (): Error =>
  Object.assign(new Error('There is no poll with this id.'), { statusCode: 404 });

export async function findPoll(sender: Sender, schema: string, id: number): Promise<PollBody> {
  const { rows } = await sender.query<JoinedRow>(
    `${wholePolls(schema)} WHERE poll.id = $1 ORDER BY choice.id`,
    [id],
  );
  const [poll] = toPolls(rows);
  if (!poll) throw noSuchPoll();
  return poll;
}

export async function findPolls(
  sender: Sender,
  schema: string,
  limit: number,
): Promise<PollBody[]> {
  const { rows } = await sender.query<JoinedRow>(
    `${wholePolls(schema)} WHERE poll.id IN
       (SELECT id FROM ${schema}.polls WHERE id > $1 ORDER BY id LIMIT ${limit})
     ORDER BY poll.id, choice.id`,
    [0],
  );
  return toPolls(rows);
}

export async function findChoices(
  sender: Sender,
  schema: string,
  pollId: number,
  limit: number,
): Promise<ChoiceBody[]> {
  const { rows } = await sender.query<{ id: number; choice_text: string; votes: string }>(
    `SELECT id, choice_text,
       (SELECT count(*) FROM ${schema}.votes AS vote WHERE vote.choice_id = choice.id) AS votes
     FROM ${schema}.choices AS choice WHERE poll_id = $1 AND id > $2 ORDER BY id LIMIT ${limit}`,
    [pollId, 0],
  );
  return rows.map(({ id, choice_text, votes }) => choiceBody(id, choice_text, votes));
}

export async function addPoll(sender: Sender, schema: string, question: string): Promise<PollBody> {
  const { rows } = await sender.query<{ id: number; pub_date: Date }>(
    `INSERT INTO ${schema}.polls (question, pub_date) VALUES ($1, DEFAULT) RETURNING id, pub_date`,
    [question],
  );
  const [row] = rows;
  if (!row) throw new Error('Nothing was inserted.');
  return pollBody(row.id, question, row.pub_date);
}

export async function addChoices(
  sender: Sender,
  schema: string,
  pollId: number,
  texts: readonly string[],
): Promise<ChoiceBody[]> {
  const values = texts.map((_text, index) => `($${index + 2}, $1)`).join(', ');
  const { rows } = await sender.query<{ id: number }>(
    `INSERT INTO ${schema}.choices (choice_text, poll_id) VALUES ${values} RETURNING id`,
    [pollId, ...texts],
  );
  return rows.map(({ id }, index) => choiceBody(id, texts[index] ?? ''));
}

export async function changePoll(
  sender: Sender,
  schema: string,
  id: number,
  question: string,
): Promise<PollBody> {
  const poll = await findPoll(sender, schema, id);
  await findUser(sender, schema);
  await sender.query(`UPDATE ${schema}.polls SET question = $1 WHERE id = $2`, [question, id]);
  return { ...poll, question };
}

export async function deletePoll(sender: Sender, schema: string, id: number): Promise<void> {
  await findBarePoll(sender, schema, id);
  await findUser(sender, schema);
  await sender.query(`DELETE FROM ${schema}.polls WHERE id = $1`, [id]);
}

/** Adds a choice to a poll that anyone may change, as there are no users. */
export async function addChoiceTo(
  sender: Sender,
  schema: string,
  pollId: number,
  text: string,
): Promise<ChoiceBody | undefined> {
  await findBarePoll(sender, schema, pollId);
  await findUser(sender, schema);
  const [choice] = await addChoices(sender, schema, pollId, [text]);
  return choice;
}

async function findBarePoll(sender: Sender, schema: string, id: number): Promise<void> {
  const { rows } = await sender.query(
    `SELECT id, question, pub_date, created_by FROM ${schema}.polls WHERE id = $1 LIMIT 1`,
    [id],
  );
  if (rows.length === 0) throw noSuchPoll();
}

async function findUser(sender: Sender, schema: string): Promise<void> {
  await sender.query(`SELECT 1 WHERE EXISTS (SELECT 1 FROM ${schema}.users) LIMIT 1`, []);
}

export interface ChoiceBody {
  readonly id: number;
  readonly choice_text: string;
  readonly votes: number;
}

export interface PollBody {
  readonly id: number;
  readonly question: string;
  readonly pub_date: string;
  created_by: { readonly id: number; readonly username: string } | null;
  readonly choices: ChoiceBody[];
}

function toPolls(rows: readonly JoinedRow[]): PollBody[] {
  const polls: PollBody[] = [];
  for (const row of rows) {
    let poll = polls.at(-1);
    if (poll?.id !== row.id) {
      const { id, question, pub_date, creator_id, username } = row;
      poll = pollBody(id, question, pub_date);
      if (creator_id !== null) poll.created_by = { id: creator_id, username: username ?? '' };
      polls.push(poll);
    }
    if (row.choice_id !== null) {
      poll.choices.push(choiceBody(row.choice_id, row.choice_text ?? '', row.votes));
    }
  }
  return polls;
}

function pollBody(id: number, question: string, pubDate: Date): PollBody {
  return { id, question, pub_date: pubDate.toISOString(), created_by: null, choices: [] };
}

function choiceBody(id: number, text: string, votes = '0'): ChoiceBody {
  return { id, choice_text: text, votes: Number(votes) };
}
