// Load that goes on while something fails: workers that write and read over real HTTP, and what they were answered.
import type { TestApplication } from '../support/application.js';
import { until } from 'test-support/poll.js';

/** Workers of each tenant: together more than the pool has connections. */
const WORKERS = 8;

export class Load {
  /** How many answers there were, by status and code. */
  readonly answers = new Map<string, number>();
  /** Questions whose write was acknowledged, by tenant. */
  readonly written = new Map<string, string[]>();
  private isStopped = false;
  private readonly workers: Promise<void>[];

  constructor(
    private readonly application: TestApplication,
    tenants: readonly string[],
  ) {
    this.workers = tenants.flatMap((tenant) => {
      this.written.set(tenant, []);
      return Array.from({ length: WORKERS }, (_, worker) => this.work(tenant, worker));
    });
  }

  /** Resolves when so many more answers of this kind have come: `200`, or `503 DATABASE_UNAVAILABLE`. */
  async until(kind: string, more = 1): Promise<void> {
    const goal = this.count(kind) + more;
    await until(`${more} more of ${kind}`, () => this.count(kind) >= goal);
  }

  /** Causes a failure, and waits until a request gets a 503 because of it. */
  async during(fail: () => void | Promise<void>): Promise<void> {
    await Promise.all([this.until('503 DATABASE_UNAVAILABLE'), fail()]);
  }

  /** The kinds of answers, once all have come. */
  async stop(): Promise<string[]> {
    this.isStopped = true;
    await Promise.all(this.workers);
    return Array.from(this.answers.keys()).toSorted();
  }

  private count(kind: string): number {
    return this.answers.get(kind) ?? 0;
  }

  private async work(tenant: string, worker: number): Promise<void> {
    for (let turn = 0; !this.isStopped; turn++) {
      const question = `${tenant} ${worker} ${turn}`;
      const { status } = await this.send('POST', '/polls', tenant, { question });
      if (status === 201) this.written.get(tenant)?.push(question);
      await this.send('GET', '/polls', tenant);
    }
  }

  private async send(method: string, path: string, tenant: string, body?: unknown) {
    const answer = await this.application.send(method, path, { tenant, body });
    const kind = [answer.status, answer.body?.code].filter(Boolean).join(' ');
    this.answers.set(kind, this.count(kind) + 1);
    return answer;
  }
}
