import type { Answer } from '../../test/support/application.js';
import { type Answers, isSuccess } from './answers.js';
import type { SoakTenant } from './tenant.js';

/** Requests at the same time: more than the pool has connections. */
const WORKERS = 16;

interface Poll {
  readonly id: number;
  readonly question: string;
}

/** Users of all tenants: they make, read, change and delete polls, and keep account of what was acknowledged. */
export class Traffic {
  /** Rows of another tenant that an answer held. */
  foreignRows = 0;
  private isStopped = false;
  private readonly workers: Promise<void>[];

  constructor(
    private readonly answers: Answers,
    private readonly tenants: readonly SoakTenant[],
    private readonly random: () => number,
  ) {
    this.workers = Array.from({ length: WORKERS }, () => this.work());
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.workers);
  }

  private async work(): Promise<void> {
    while (!this.isStopped) {
      const tenant = this.tenants[Math.floor(this.random() * this.tenants.length)];
      if (tenant) await this.act(tenant, this.random());
    }
  }

  private async act(tenant: SoakTenant, draw: number): Promise<void> {
    if (draw < 0.3) return this.list(tenant);
    if (draw < 0.6) return this.make(tenant);
    const id = tenant.take();
    if (id === undefined) return;
    if (draw < 0.75) await this.read(tenant, id);
    else if (draw < 0.9) await this.change(tenant, id);
    else if (await this.delete(tenant, id)) return;
    tenant.putBack(id);
  }

  private async list(tenant: SoakTenant): Promise<void> {
    const { body } = await this.send<{ items?: Poll[] }>(tenant, 'GET', '/polls');
    this.look(tenant, body.items ?? []);
  }

  private async make(tenant: SoakTenant): Promise<void> {
    const question = tenant.nextQuestion();
    const answer = await this.send<Poll>(tenant, 'POST', '/polls', {
      question,
      choices: ['Yes', 'No'],
    });
    if (isSuccess(answer)) tenant.made(answer.body.id, question);
  }

  private async read(tenant: SoakTenant, id: number): Promise<void> {
    const answer = await this.send<Poll>(tenant, 'GET', `/polls/${id}`);
    if (isSuccess(answer)) this.look(tenant, [answer.body]);
  }

  private async change(tenant: SoakTenant, id: number): Promise<void> {
    const question = tenant.nextQuestion();
    const before = tenant.polls.get(id) ?? [];
    tenant.polls.set(id, new Set([...before, question]));
    const answer = await this.send(tenant, 'PATCH', `/polls/${id}`, { question });
    if (isSuccess(answer)) tenant.polls.set(id, new Set([question]));
  }

  /** Deletes a poll. Returns whether it was, or may have been, deleted. The caller then expects nothing of it. */
  private async delete(tenant: SoakTenant, id: number): Promise<boolean> {
    const answer = await this.send(tenant, 'DELETE', `/polls/${id}`);
    const isRefused = answer.status === 403 || answer.status === 404;
    if (isRefused) return false;
    tenant.polls.delete(id);
    if (isSuccess(answer)) tenant.deleted.add(id);
    return true;
  }

  private send<Body>(
    tenant: SoakTenant,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> {
    // The operator may have suspended or dropped the tenant before the answer.
    const refusals = [
      ...(tenant.mayBeSuspended ? ['403 TENANT_SUSPENDED'] : []),
      ...(tenant.mayBeDropped ? ['404 TENANT_NOT_FOUND'] : []),
    ];
    return this.answers.send<Body>(method, path, { tenant: tenant.id, body }, refusals);
  }

  private look(tenant: SoakTenant, polls: readonly Poll[]): void {
    this.foreignRows += polls.filter(({ question }) => !tenant.owns(question)).length;
  }
}
