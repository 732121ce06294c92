// What the specs of polls share: the application with two tenants, and the routes as short functions.
import {
  type Answer,
  type Sent,
  startApplication,
  type TestApplication,
} from '../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

export interface ChoiceBody {
  readonly id: number;
  readonly choice_text: string;
  readonly votes: number;
}

export interface PollBody {
  readonly id: number;
  readonly question: string;
  readonly pub_date: string;
  readonly created_by: { readonly id: number; readonly username: string } | null;
  readonly choices: ChoiceBody[];
}

export interface PageBody<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

/** What users of the specs log in with. */
export const PASSWORD = 'a cup of tea at four';

/** One tenant's client: every request carries its UUID, and the token of its user, if it is one's. */
export class TenantClient {
  constructor(
    private readonly application: Pick<TestApplication, 'send'>,
    readonly tenant: string,
    readonly token?: string,
  ) {}

  send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Sent['headers'],
  ): Promise<Answer<Body>> {
    return this.application.send<Body>(method, path, {
      tenant: this.tenant,
      body,
      headers: {
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
    });
  }

  /** The same tenant's client with another token, or with none. */
  with(token: string | undefined): TenantClient {
    return new TenantClient(this.application, this.tenant, token);
  }

  /** Registers a user, and returns its client. */
  async user(username: string): Promise<TenantClient> {
    const email = `${username}@example.com`;
    const { status, body } = await this.send('POST', '/users', {
      username,
      email,
      password: PASSWORD,
    });
    if (status !== 201) throw new Error(`No user was made: ${JSON.stringify(body)}`);
    return this.login(username);
  }

  /** The client of a user that exists. */
  async login(username: string, password = PASSWORD): Promise<TenantClient> {
    const { body } = await this.send<{ token?: string }>('POST', '/login', { username, password });
    if (body.token === undefined) throw new Error(`No login: ${JSON.stringify(body)}`);
    return this.with(body.token);
  }

  /** Makes a poll, and returns it. */
  async poll(question = 'Tea or coffee?', choices?: string[]): Promise<PollBody> {
    const { status, body } = await this.send<PollBody>('POST', '/polls', { question, choices });
    if (status !== 201) throw new Error(`No poll was made: ${JSON.stringify(body)}`);
    return body;
  }

  /** All items of a list, page by page. */
  async all<T>(path: string, limit: number): Promise<T[]> {
    const items: T[] = [];
    let query = `?limit=${limit}`;
    for (;;) {
      const { body } = await this.send<PageBody<T>>('GET', path + query);
      items.push(...body.items);
      if (body.next_cursor === null) return items;
      query = `?limit=${limit}&cursor=${body.next_cursor}`;
    }
  }
}

export interface PollsSetUp {
  readonly database: TestDatabase;
  readonly application: TestApplication;
  /** Clients of the tenants in the schemas `a` and `b`. */
  readonly a: TenantClient;
  readonly b: TenantClient;
  stop(): Promise<void>;
}

/** @param reach the address under which the application reaches the database, e.g. through a proxy */
export async function setUpPolls(
  reach = (url: string): string | Promise<string> => url,
): Promise<PollsSetUp> {
  const database = await createTestDatabase();
  const application = await startApplication(await reach(database.url));
  const client = async (name: string): Promise<TenantClient> =>
    new TenantClient(application, (await application.createTenant(name)).id);
  return {
    database,
    application,
    a: await client('a'),
    b: await client('b'),
    async stop() {
      await application.close();
      await database.drop();
    },
  };
}

/** The answer to something that is not there. */
export const noSuch = (thing: string): Answer<unknown> => ({
  status: 404,
  body: { statusCode: 404, code: 'NOT_FOUND', message: `There is no ${thing} with this id.` },
});

/** The answers to whom a route is not for. */
export const unauthenticated = (message: unknown = expect.any(String)): Answer<unknown> => ({
  status: 401,
  body: { statusCode: 401, code: 'UNAUTHENTICATED', message },
});

export const forbidden: Answer<unknown> = {
  status: 403,
  body: {
    statusCode: 403,
    code: 'FORBIDDEN',
    message: 'Only the creator of a poll and admins may change it.',
  },
};

/** The answer to one field that breaks a rule. */
export const refused = (field: string, message: unknown = expect.any(String)): Answer<unknown> => ({
  status: 400,
  body: {
    statusCode: 400,
    code: 'VALIDATION_FAILED',
    message: expect.any(String),
    details: [{ field, message }],
  },
});
