import type { INestApplication } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';

/** An answer: its status, and its body. */
export type Answer = readonly [status: number, body: unknown];

/** Sends requests with headers of its own. */
export class Client {
  constructor(
    private readonly app: () => INestApplication,
    private readonly headers: () => Readonly<Record<string, string>> = () => ({}),
  ) {}

  get(path: string): Promise<Answer> {
    return this.send(path, {});
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return this.send(path, { method: 'POST', body: JSON.stringify(body) });
  }

  /** Issues an invoice of the first customer, and returns its id. */
  async issue(dueOn: string): Promise<number> {
    const invoice = { customerId: 1, amountInCents: 4200, dueOn };
    const [, { id }] = (await this.post('/invoices', invoice)) as [number, { id: number }];
    return id;
  }

  async statuses(): Promise<string[]> {
    const [, invoices] = await this.get('/invoices');
    return (invoices as { status: string }[]).map(({ status }) => status);
  }

  /** Reads the activities until one of them has a text. Handlers of events may run after the answer. */
  async activitiesUntil(last: string): Promise<string[]> {
    for (;;) {
      const [, activities] = await this.get('/activities');
      const texts = (activities as { text: string }[]).map(({ text }) => text);
      if (texts.includes(last)) return texts;
    }
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${await this.app().getUrl()}${path}`, {
      ...init,
      headers: { ...this.headers(), 'Content-Type': 'application/json' },
    });
    const text = await response.text();
    return [response.status, text === '' ? undefined : JSON.parse(text)];
  }
}

/** Runs the scheduled job now, as its timer does. Resolves when it has ended. */
export async function runJob(app: INestApplication): Promise<void> {
  await app.get(SchedulerRegistry).getCronJob('overdue-invoices').fireOnTick();
}

const ADA = { name: 'Ada', email: 'ada@example.com' };
export const PAST = '2020-01-31';
export const FUTURE = '2999-12-31';

/** The behaviour of the application, with tenants or without. */
export function testApplication(app: () => INestApplication, client: Client): void {
  it('adds a customer once', async () => {
    const customer = { id: 1, ...ADA };
    expect(await client.post('/customers', ADA)).toEqual([201, customer]);
    expect((await client.post('/customers', ADA))[0]).toBe(409);
    expect(await client.get('/customers')).toEqual([200, [customer]]);
  });

  it('rejects an invoice that is not valid, or that has no customer', async () => {
    const invoice = { customerId: 99, amountInCents: 4200, dueOn: FUTURE };
    expect((await client.post('/invoices', { ...invoice, amountInCents: -1 }))[0]).toBe(400);
    expect((await client.post('/invoices', invoice))[0]).toBe(404);
    expect(await client.get('/invoices')).toEqual([200, []]);
  });

  it('issues invoices, and records the events of which it awaits the handlers', async () => {
    expect([await client.issue(PAST), await client.issue(FUTURE)]).toEqual([1, 2]);
    expect(await client.statuses()).toEqual(['open', 'open']);
    const [, activities] = await client.get('/activities');
    expect(activities).toMatchObject([
      { text: 'Invoice 1 was issued.' },
      { text: 'Invoice 2 was issued.' },
    ]);
  });

  it('records an event whose handler runs after the answer', async () => {
    expect(await client.post('/invoices/2/payment')).toEqual([204, undefined]);
    expect(await client.activitiesUntil('Invoice 2 was paid.')).toHaveLength(3);
    expect((await client.post('/invoices/2/payment'))[0]).toBe(404);
  });

  it('marks overdue invoices by the scheduled job, and records its events', async () => {
    await runJob(app());
    expect(await client.statuses()).toEqual(['overdue', 'paid']);
    const [, activities] = await client.get('/activities');
    expect(activities).toMatchObject([{}, {}, {}, { text: 'Invoice 1 is overdue.' }]);
  });
}
