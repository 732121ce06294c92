import type { ModuleRef } from '@nestjs/core';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Choice } from '../polls/choice.entity.js';
import { Poll } from '../polls/poll.entity.js';
import { TenantCommand, TenantScopedCommand } from 'nest-tenant-schemas/commands';

interface PollsReport {
  readonly polls: number;
  readonly choices: number;
  readonly newest: { readonly question: string; readonly pub_date: string } | null;
}

@TenantCommand({
  name: 'polls-report',
  description: 'Prints the number of polls and choices of a tenant, and its newest poll.',
})
export class PollsReportCommand extends TenantScopedCommand<PollsReport> {
  protected async work(application: ModuleRef): Promise<PollsReport> {
    const repositoryOf = <E extends object>(entity: new () => E): Repository<E> =>
      application.get<Repository<E>>(getRepositoryToken(entity), { strict: false });
    const [polls, choices] = [repositoryOf(Poll), repositoryOf(Choice)];
    const [newest] = await polls.find({ order: { pubDate: 'DESC', id: 'DESC' }, take: 1 });
    return {
      polls: await polls.count(),
      choices: await choices.count(),
      newest: newest ? { question: newest.question, pub_date: newest.pubDate.toISOString() } : null,
    };
  }

  linesOf({ polls, choices, newest }: PollsReport): readonly string[] {
    const last = newest
      ? `"${newest.question}" of ${newest.pub_date.slice(0, 'YYYY-MM-DD'.length)}`
      : 'none';
    return [`polls: ${polls}, choices: ${choices}, newest: ${last}`];
  }
}
