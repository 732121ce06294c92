// The statements of the polls, as a person would write them for pg: as many of them and as many rows as the
// application sends and reads.
import type pg from 'pg';

/** What sends statements: a pool, or a client in a transaction. */
export type Sender = Pick<pg.Pool, 'query'>;

interface JoinedRow {
  readonly id: number;
  readonly question: string;
  readonly pub_date: Date;
  readonly choice_id: number | null;
  readonly choice_text: string | null;
}

const JOINED = 'poll.id, question, pub_date, choice.id AS choice_id, choice_text';

const joined = (schema: string): string =>
  `${schema}.polls AS poll LEFT JOIN ${schema}.choices AS choice ON choice.poll_id = poll.id`;

export async function findPoll(sender: Sender, schema: string, id: number): Promise<PollBody> {
  const { rows } = await sender.query<JoinedRow>(
    `SELECT ${JOINED} FROM ${joined(schema)} WHERE poll.id = $1 ORDER BY choice.id`,
    [id],
  );
  const [poll] = toPolls(rows);
  if (!poll) throw Object.assign(new Error('There is no poll with this id.'), { statusCode: 404 });
  return poll;
}

export async function findPolls(
  sender: Sender,
  schema: string,
  limit: number,
): Promise<PollBody[]> {
  const { rows } = await sender.query<JoinedRow>(
    `SELECT ${JOINED} FROM ${joined(schema)} WHERE poll.id IN
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
  const { rows } = await sender.query<{ id: number; choice_text: string }>(
    `SELECT id, choice_text FROM ${schema}.choices
     WHERE poll_id = $1 AND id > $2 ORDER BY id LIMIT ${limit}`,
    [pollId, 0],
  );
  return rows.map(({ id, choice_text }) => choiceBody(id, choice_text));
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
  await sender.query(`UPDATE ${schema}.polls SET question = $1 WHERE id = $2`, [question, id]);
  return findPoll(sender, schema, id);
}

export async function deletePoll(sender: Sender, schema: string, id: number): Promise<void> {
  await sender.query(`DELETE FROM ${schema}.polls WHERE id = $1`, [id]);
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
  readonly created_by: null;
  readonly choices: ChoiceBody[];
}

function toPolls(rows: readonly JoinedRow[]): PollBody[] {
  const polls: PollBody[] = [];
  for (const row of rows) {
    let poll = polls.at(-1);
    if (poll?.id !== row.id) {
      poll = pollBody(row.id, row.question, row.pub_date);
      polls.push(poll);
    }
    if (row.choice_id !== null) poll.choices.push(choiceBody(row.choice_id, row.choice_text ?? ''));
  }
  return polls;
}

function pollBody(id: number, question: string, pubDate: Date): PollBody {
  return { id, question, pub_date: pubDate.toISOString(), created_by: null, choices: [] };
}

function choiceBody(id: number, text: string): ChoiceBody {
  return { id, choice_text: text, votes: 0 };
}
