import type { INestApplication } from '@nestjs/common';

/** An answer: its HTTP status, its data, and its errors. */
export interface Answer {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { code: string } }[];
}

/** Sends GraphQL requests with headers of its own. */
export class Client {
  constructor(
    private readonly app: () => INestApplication,
    private readonly headers: () => Readonly<Record<string, string>>,
  ) {}

  /** Sends a request by POST. */
  ask(query: string, variables: object = {}): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    return this.send('', { method: 'POST', body });
  }

  /** Sends a query by GET. */
  get(query: string): Promise<Answer> {
    return this.send(`?query=${encodeURIComponent(query)}`, {});
  }

  private async send(search: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${await this.app().getUrl()}/graphql${search}`, {
      ...init,
      headers: { ...this.headers(), 'Content-Type': 'application/json' },
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
  }
}

export const CREATE_AUTHOR = 'mutation ($name: String!) { createAuthor(name: $name) { id name } }';
export const CREATE_BOOK = `mutation ($title: String!, $authorId: Int!) {
  createBook(title: $title, authorId: $authorId) { id title author { name } }
}`;

/** The behaviour of the application, with tenants or without. The first two authors get the ids 1 and 2. */
export function testApplication(client: Client): void {
  it('creates authors and books by mutations', async () => {
    const ada = await client.ask(CREATE_AUTHOR, { name: 'Ada' });
    expect(ada.data).toEqual({ createAuthor: { id: 1, name: 'Ada' } });
    await client.ask(CREATE_AUTHOR, { name: 'Grace' });
    const first = await client.ask(CREATE_BOOK, { title: 'First', authorId: 1 });
    expect(first.data).toEqual({ createBook: { id: 1, title: 'First', author: { name: 'Ada' } } });
    const second = await client.ask(CREATE_BOOK, { title: 'Second', authorId: 1 });
    expect(second.data).toMatchObject({ createBook: { id: 2 } });
  });

  it('reads the books of authors, and the authors of books', async () => {
    expect((await client.ask('{ authors { name books { title } } }')).data).toEqual({
      authors: [
        { name: 'Ada', books: [{ title: 'First' }, { title: 'Second' }] },
        { name: 'Grace', books: [] },
      ],
    });
    expect((await client.ask('{ books { id author { id name } } }')).data).toEqual({
      books: [
        { id: 1, author: { id: 1, name: 'Ada' } },
        { id: 2, author: { id: 1, name: 'Ada' } },
      ],
    });
  });

  it('answers an unknown author with an error, and creates no book', async () => {
    const answer = await client.ask(CREATE_BOOK, { title: 'Third', authorId: 99 });
    expect(answer.errors).toMatchObject([{ message: 'There is no author 99.' }]);
    expect((await client.ask('{ books { id } }')).data?.books).toHaveLength(2);
  });
}
