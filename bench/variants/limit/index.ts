import Fastify, { type FastifyInstance } from 'fastify';
import pg from 'pg';
import { IDLE_TIMEOUT_MS } from '../../../src/database/data-source-options.js';
import { knownTenants } from '../known-tenants.js';
import {
  addChoices,
  addChoiceTo,
  addPoll,
  changePoll,
  deletePoll,
  findChoices,
  findPoll,
  findPolls,
  type PollBody,
} from './statements.js';
import type { Served, Setting } from '../setting.js';

const PAGE_SIZE = 20;

const TEXT = { type: 'string', minLength: 1, maxLength: 100 };

const NEW_POLL = {
  type: 'object',
  required: ['question'],
  additionalProperties: false,
  properties: { question: TEXT, choices: { type: 'array', maxItems: 100, items: TEXT } },
};

const NEW_CHOICE = {
  type: 'object',
  required: ['choice_text'],
  additionalProperties: false,
  properties: { choice_text: TEXT },
};

interface Route {
  Params: { id: string };
}

/** The least that Node can do for the same routes: Fastify, its validation, pg, and the tenants in a Map. */
export async function startLimit({ databaseUrl, environment }: Setting): Promise<Served> {
  const schemas = await knownTenants(databaseUrl);
  const header = environment.tenantHeader.toLowerCase();
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: environment.databasePoolSize,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
  });
  const app = Fastify();
  addRoutes(app, pool, ({ headers }) => schemas.get(String(headers[header])) ?? 'unknown');
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    url,
    async close() {
      await app.close();
      await pool.end();
    },
  };
}

function addRoutes(
  app: FastifyInstance,
  pool: pg.Pool,
  schemaOf: (request: { headers: Record<string, unknown> }) => string,
): void {
  app.get('/polls', (request) => findPolls(pool, schemaOf(request), PAGE_SIZE + 1).then(page));
  app.get<Route>('/polls/:id', (request) => findPoll(pool, schemaOf(request), idOf(request)));
  app.get<Route>('/polls/:id/results', (request) =>
    findPoll(pool, schemaOf(request), idOf(request)).then(toResults),
  );
  app.get<Route>('/polls/:id/choices', (request) =>
    findChoices(pool, schemaOf(request), idOf(request), PAGE_SIZE + 1).then(page),
  );
  app.post<{ Body: NewPoll }>('/polls', { schema: { body: NEW_POLL } }, (request, reply) => {
    reply.status(201);
    return createPoll(pool, schemaOf(request), request.body);
  });
  app.post<Route & { Body: { choice_text: string } }>(
    '/polls/:id/choices',
    { schema: { body: NEW_CHOICE } },
    (request, reply) => {
      reply.status(201);
      return addChoiceTo(pool, schemaOf(request), idOf(request), request.body.choice_text);
    },
  );
  app.patch<Route & { Body: NewPoll }>('/polls/:id', { schema: { body: NEW_POLL } }, (request) =>
    changePoll(pool, schemaOf(request), idOf(request), request.body.question),
  );
  app.delete<Route>('/polls/:id', (request, reply) =>
    deletePoll(pool, schemaOf(request), idOf(request)).then(() => reply.status(204).send()),
  );
}

const idOf = ({ params }: { params: Route['Params'] }): number => Number(params.id);

function toResults({ id, question, choices }: PollBody): object {
  const total_votes = choices.reduce((total, { votes }) => total + votes, 0);
  return { id, question, total_votes, choices };
}

interface NewPoll {
  readonly question: string;
  readonly choices?: string[];
}

async function createPoll(
  pool: pg.Pool,
  schema: string,
  { question, choices = [] }: NewPoll,
): Promise<PollBody> {
  const client = await pool.connect();
  try {
    await client.query('START TRANSACTION');
    const poll = await addPoll(client, schema, question);
    if (choices.length > 0) {
      poll.choices.push(...(await addChoices(client, schema, poll.id, choices)));
    }
    await client.query('COMMIT');
    return poll;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

function page<T extends { id: number }>(rows: T[]): { items: T[]; next_cursor: string | null } {
  const items = rows.slice(0, PAGE_SIZE);
  const last = items.at(-1);
  const hasMore = rows.length > PAGE_SIZE && last !== undefined;
  return {
    items,
    next_cursor: hasMore ? Buffer.from(`after:${last.id}`).toString('base64url') : null,
  };
}
