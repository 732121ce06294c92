import { type Answer, send, type Sent } from '../../test/support/application.js';

/** What is an answer in spite of faults; anything else is a defect. */
const EXPECTED = /^(?:2\d\d|503 (?:DATABASE_UNAVAILABLE|POOL_EXHAUSTED))$/;

/** Sends requests, and counts their answers by status and code. */
export class Answers {
  readonly counts = new Map<string, number>();
  /** Kinds that were not to be expected, and an example of each. */
  readonly unexpected = new Map<string, string>();

  constructor(private readonly url: string) {}

  /** @param alsoExpected kinds that this request may get besides success and 503, e.g. `404 NOT_FOUND` */
  async send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    sent: Sent,
    alsoExpected: readonly string[] = [],
  ): Promise<Answer<Body>> {
    const answer = await send<Body>(this.url, method, path, sent).catch((error: unknown) => ({
      status: 0,
      body: { code: `no answer: ${String((error as Error).cause ?? error)}` } as Body,
    }));
    const { code } = (answer.body ?? {}) as { code?: string };
    const kind = [answer.status, code].filter((part) => part !== undefined).join(' ');
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (!EXPECTED.test(kind) && !alsoExpected.includes(kind)) {
      this.unexpected.set(kind, `${method} ${path}`);
    }
    return answer;
  }
}

export function isSuccess({ status }: Answer<unknown>): boolean {
  return status >= 200 && status < 300;
}
