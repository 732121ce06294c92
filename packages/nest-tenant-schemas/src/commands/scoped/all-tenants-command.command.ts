import { Command } from 'nest-commander';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { ReportedFailure } from '../terminal/exit-code.js';
import { finishing, interrupted } from '../fleet/fleet-lines.js';
import { nameSome } from '../terminal/output/name-some.js';
import { printJson, printProblem, printWrapped } from '../terminal/output/output.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { TenantCommands } from './tenant-commands.js';
import { APPLICATION, type TenantOptions } from './tenant-scoped-command.js';

/** Names the next action after an interruption. */
const ADVICE = 'Run the command in the other tenants with tenant-command.';

/** Holds the outcome of the command in one tenant. */
type Outcome =
  | { readonly schema: string; readonly result: unknown }
  | { readonly schema: string; readonly error: string };

@Command({
  name: 'all-tenants-command',
  description:
    'Runs a command in every tenant, one after the other. A tenant that fails does not stop the others. ' +
    'Example: all-tenants-command -- polls-report',
  arguments: '<command...>',
  argsDescription: {
    command: 'a command that works in one tenant, with its arguments and options',
  },
})
export class RunInAllTenantsCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly commands: TenantCommands,
  ) {
    super(runtime);
  }

  async run([name, ...words]: string[], given: TenantOptions): Promise<void> {
    const command = this.commands.named(name);
    const task = await command.prepare(command.parse(words));
    const json = given.json || task.options.json;
    const outcomes: Outcome[] = [];
    await this.runtime.useUpToDate(APPLICATION, async (application, interruption) => {
      const signal = interruption();
      let running: readonly string[] = [];
      signal.addEventListener('abort', () => printProblem(finishing(running)));
      let isOver = false;
      try {
        for await (const tenant of application.get(TenantManager, { strict: false }).all()) {
          if (signal.aborted) break;
          const { schema } = tenant;
          running = [schema];
          try {
            const result = await command.runIn(tenant, application, task);
            outcomes.push({ schema, result: result ?? null });
            if (!json) {
              for (const line of command.linesOf(result)) printWrapped(`${schema}: ${line}`);
            }
          } catch (error) {
            const { message } = error instanceof Error ? error : new Error(String(error));
            outcomes.push({ schema, error: message });
            if (!json) printProblem(`${schema}: ${message}`);
          }
        }
        isOver = true;
      } finally {
        // Completed work is printed after any end, because a generated password is printed only here.
        if (json && (isOver || outcomes.length > 0)) printJson(outcomes);
        if (signal.aborted) printProblem(interrupted(outcomes.length, ADVICE));
      }
    });
    const failed = outcomes.filter((outcome) => 'error' in outcome);
    if (failed.length === 0) return;
    printProblem(`Failed: ${nameSome(failed.map(({ schema }) => schema))}.`);
    throw new ReportedFailure();
  }
}
