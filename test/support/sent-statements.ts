// What work sends to the server, from any client of pg in this process: counted, refused, or held up.
import pg from 'pg';

/** How many statements work sends. */
export async function countStatements(work: () => Promise<unknown>): Promise<number> {
  const sent = jest.spyOn(pg.Client.prototype, 'query');
  await work();
  const { length } = sent.mock.calls;
  sent.mockRestore();
  return length;
}

/** Makes the server refuse the n-th statement from now on and all behind it but ROLLBACK. */
export function failStatementsFrom(failing: number): jest.SpyInstance {
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  let sent = 0;
  return jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function fail(
    this: pg.Client,
    ...args: unknown[]
  ) {
    sent += 1;
    if (sent < failing || args[0] === 'ROLLBACK') return send.apply(this, args) as never;
    return send.call(this, `DO $$ BEGIN RAISE EXCEPTION 'forced failure'; END $$`) as never;
  });
}

/** Makes the server refuse the n-th statement from now on, and no other. */
export function failStatement(failing: number): jest.SpyInstance {
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  let sent = 0;
  return jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function fail(
    this: pg.Client,
    ...args: unknown[]
  ) {
    sent += 1;
    if (sent !== failing) return send.apply(this, args) as never;
    return send.call(this, `DO $$ BEGIN RAISE EXCEPTION 'forced failure'; END $$`) as never;
  });
}

/** Does something just before each statement that a pattern fits is sent, by whomever. */
export function beforeStatements(
  pattern: RegExp,
  act: (text: string) => Promise<unknown>,
): jest.SpyInstance {
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  return jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function wait(
    this: pg.Client,
    ...args: unknown[]
  ) {
    if (typeof args[0] !== 'string' || !pattern.test(args[0])) {
      return send.apply(this, args) as never;
    }
    return act(args[0]).then(() => send.apply(this, args)) as never;
  });
}
