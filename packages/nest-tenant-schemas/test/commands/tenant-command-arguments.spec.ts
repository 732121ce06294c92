// What a command of a tenant is given, however it is run: its arguments and options without the schema, and
// the tenant as its context. In this process, with a command of the test's own and no database.
import { Module } from '@nestjs/common';
import { DiscoveryModule, type ModuleRef } from '@nestjs/core';
import { Option } from 'nest-commander';
import { tenantContext } from '../../src/index.js';
import {
  CliRuntime,
  type Task,
  TenantCommand,
  TenantScopedCommand,
} from '../../src/commands/index.js';
import { RunInAllTenantsCommand } from '../../src/commands/scoped/all-tenants-command.command.js';
import { TenantCommandCommand } from '../../src/commands/scoped/tenant-command.command.js';
import { TenantCommands } from '../../src/commands/scoped/tenant-commands.js';
import { runCommandOf } from './run-command.js';

const TENANTS = ['one', 'two'].map((schema, n) => ({
  id: `00000000-0000-4000-8000-00000000000${n}`,
  schema,
}));

/** Tenants without a database. */
const MANAGER = {
  getBySchema: async (schema: string) => TENANTS.find((tenant) => tenant.schema === schema),
  all: async function* () {
    yield* TENANTS;
  },
};

const given: unknown[] = [];

@TenantCommand({ name: 'echo', arguments: '<first> [second]' })
class EchoCommand extends TenantScopedCommand<string> {
  protected work(_application: ModuleRef, { args, options }: Task): Promise<string> {
    given.push({ schema: tenantContext.require().schema, args, options });
    return Promise.resolve('echoed');
  }

  linesOf(result: string): string[] {
    return [result, 'on two lines'];
  }

  @Option({ flags: '--times <n>' })
  parseTimes(value: string): number {
    return Number(value);
  }
}

const runtime = {
  useUpToDate: (_service: unknown, work: (...given: unknown[]) => unknown) =>
    work({ get: () => MANAGER }, () => new AbortController().signal),
};

@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: CliRuntime, useValue: runtime },
    TenantCommands,
    TenantCommandCommand,
    RunInAllTenantsCommand,
    EchoCommand,
  ],
})
class Commands {}

function run(...words: string[]): Promise<string> {
  given.length = 0;
  return runCommandOf(Commands, ...words);
}

it.each([
  ['echo one a --times 2 b'],
  ['tenant-command one -- echo a --times 2 b'],
  ['tenant-command one -- echo --times 2 a b'],
])('%s gives the command its arguments and options, in the tenant', async (line) => {
  expect(await run(...line.split(' '))).toBe('echoed\non two lines\n');
  expect(given).toEqual([{ schema: 'one', args: ['a', 'b'], options: { times: 2 } }]);
});

it('gives them to the command in every tenant, and says whose lines are whose', async () => {
  expect(await run('all-tenants-command', '--', 'echo', 'a', '--times', '2')).toBe(
    'one: echoed\none: on two lines\ntwo: echoed\ntwo: on two lines\n',
  );
  expect(given).toEqual(
    ['one', 'two'].map((schema) => ({ schema, args: ['a'], options: { times: 2 } })),
  );
});

it('leaves what looks like an option to the command after a second --', async () => {
  await run('tenant-command', 'one', '--', 'echo', 'a', '--', '--times');
  expect(given).toEqual([{ schema: 'one', args: ['a', '--times'], options: {} }]);
});

it('takes an argument that is missing for wrong usage', async () => {
  await expect(run('all-tenants-command', '--', 'echo')).rejects.toThrow(
    "missing required argument 'first'",
  );
  expect(given).toEqual([]);
});
