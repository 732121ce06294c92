import type { INestApplication } from '@nestjs/common';

/** An answer: its status, and its body. */
export type Answer = readonly [status: number, body: Record<string, unknown>];

/** Sends requests with headers of its own. */
export class Client {
  constructor(
    private readonly app: () => INestApplication,
    private readonly headers: () => Readonly<Record<string, string>>,
  ) {}

  get(path: string, token?: string): Promise<Answer> {
    return this.send(path, token, {});
  }

  post(path: string, body: object, token?: string): Promise<Answer> {
    return this.send(path, token, { method: 'POST', body: JSON.stringify(body) });
  }

  /** Logs a user in, and returns the token. */
  async tokenOf(email: string): Promise<string> {
    const [, { token }] = await this.post('/auth/login', { email, password: PASSWORD });
    return token as string;
  }

  private async send(path: string, token: string | undefined, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${await this.app().getUrl()}${path}`, {
      ...init,
      headers: {
        ...this.headers(),
        'Content-Type': 'application/json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
    });
    return [response.status, (await response.json()) as Record<string, unknown>];
  }
}

export const PASSWORD = 'correct horse';
const ADA = { email: 'ada@example.com', password: PASSWORD };

/** The behaviour of the application, with tenants or without. */
export function testApplication(client: Client): void {
  it('registers a user once', async () => {
    expect(await client.post('/auth/register', ADA)).toEqual([201, { id: expect.any(String) }]);
    expect((await client.post('/auth/register', ADA))[0]).toBe(409);
  });

  it('rejects a wrong password, and requests without a token', async () => {
    expect((await client.post('/auth/login', { ...ADA, password: 'wrong' }))[0]).toBe(401);
    expect((await client.get('/articles'))[0]).toBe(401);
    expect((await client.get('/articles', 'no.valid.token'))[0]).toBe(401);
  });

  it('writes and lists articles', async () => {
    const token = await client.tokenOf(ADA.email);
    const article = { title: 'First', author: ADA.email };
    expect(await client.get('/articles', token)).toEqual([200, []]);
    expect(await client.post('/articles', { title: 'First' }, token)).toEqual([201, article]);
    expect(await client.get('/articles', token)).toEqual([200, [article]]);
  });
}
