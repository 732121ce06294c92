// An adoption is one transaction: whatever fails, and whenever the process is killed, the database is as it was.
import pg from 'pg';
import { failStatement } from '../../../../../test/support/sent-statements.js';
import { untilWaiting } from '../../../../../test/support/until-waiting.js';
import { AdoptionRefusedError } from '../../../src/index.js';
import { ACME, useAdoption } from './adopt-support.js';

const adoption = useAdoption();

afterEach(() => jest.restoreAllMocks());

/** Fails each statement of some work in turn, until the work is through. Returns how many there were. */
async function failEach(
  work: () => Promise<unknown>,
  undo: () => Promise<unknown>,
): Promise<number> {
  const before = await adoption.snapshot();
  // The first one begins a transaction: the client sends it with the second one, and expects no answer.
  for (let failing = 2; ; failing++) {
    const spy = failStatement(failing);
    const error: unknown = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const sent = spy.mock.calls.length;
    spy.mockRestore();
    // A read after the commit may fail, and some statements only end a savepoint.
    if (error === undefined) await undo();
    expect(await adoption.snapshot()).toEqual(before);
    if (sent < failing) return sent;
  }
}

it('leaves everything as it was if a statement fails', async () => {
  const { adopter } = adoption;
  await adoption.migrator.migrateShared();
  const adopted = await failEach(
    () => adopter.adopt(ACME),
    () => adopter.undo('acme'),
  );
  expect(adopted).toBeGreaterThan(20);
  await adopter.adopt(ACME);
  const undone = await failEach(
    () => adopter.undo('acme'),
    () => adopter.adopt(ACME),
  );
  expect(undone).toBeGreaterThan(15);
});

it('leaves everything as it was if the connection ends before the commit', async () => {
  const { adopter, database } = adoption;
  const before = await adoption.snapshot();
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function end(
    this: pg.Client,
    ...args: unknown[]
  ) {
    if (typeof args[0] === 'string' && /\bCOMMIT$/.test(args[0])) {
      (this as unknown as { connection: pg.Connection }).connection.stream.destroy();
    }
    return send.apply(this, args) as never;
  });
  await expect(adopter.adopt(ACME)).rejects.toBeInstanceOf(Error);
  jest.restoreAllMocks();
  expect(await adoption.snapshot()).toEqual(before);
  expect(await database.sql(`SELECT to_regclass('public.tenants') AS t`)).toEqual([{ t: null }]);
});

it('does not wait for a long transaction, and says what to do', async () => {
  const { adopter, database } = adoption;
  const before = await adoption.snapshot();
  const other = new pg.Client({ connectionString: database.directUrl });
  await other.connect();
  try {
    await other.query('BEGIN; SELECT count(*) FROM public.invoice');
    await expect(adopter.adopt(ACME, { lockTimeoutMs: 300 })).rejects.toThrow(
      new AdoptionRefusedError('acme', [
        {
          what: 'tables of public',
          why: 'other sessions still used them after 300 ms. Stop the application, or wait until its long queries and transactions end, and run the command again',
        },
      ]).message,
    );
    expect(await adoption.snapshot()).toEqual(before);
    // It waits for one that ends in time.
    const adopted = adopter.adopt(ACME);
    await untilWaiting(database);
    await other.query('COMMIT');
    await adopted;
  } finally {
    await other.end();
  }
});

it('adopts once if two commands run at the same time', async () => {
  const { adopter } = adoption;
  const results = await Promise.allSettled([adopter.adopt(ACME), adopter.adopt(ACME)]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});
