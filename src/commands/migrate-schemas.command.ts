import { Command } from 'nest-commander';
import { type MigrationResult, SchemaMigrator } from '../tenancy/index.js';
import { ReportedFailure } from './exit-code.js';
import { print, printJson, printProblem } from './output.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options {
  readonly json?: boolean;
}

/** How many failed schemas the last line names. */
const FAILED_PREVIEW = 5;

@Command({
  name: 'migrate-schemas',
  description:
    'Brings the shared schema, then every tenant, up to date. One failure does not stop the rest.',
})
export class MigrateSchemasCommand extends TenancyCommand {
  async run(_args: string[], { json }: Options): Promise<void> {
    const results = await this.runtime.use(SchemaMigrator, async (migrator) => {
      const done: MigrationResult[] = [];
      for await (const result of migrator.migrateAll()) {
        if (!json) printResult(result);
        done.push(result);
      }
      return done;
    });
    if (json) printJson(results.map(toJson));
    const failed = results.filter(({ status }) => status === 'failed');
    if (failed.length === 0) return;
    printProblem(failedLine(failed.map(({ schema }) => schema)));
    throw new ReportedFailure();
  }
}

function printResult({ schema, status, versions, durationMs, error }: MigrationResult): void {
  if (error) printProblem(`${schema}: ${error.message}`);
  else print(`${schema}: ${status} ${versions.join(', ')} (${Math.round(durationMs)} ms)`);
}

function toJson({ error, ...result }: MigrationResult): object {
  return { ...result, durationMs: Math.round(result.durationMs), error: error?.message ?? null };
}

function failedLine(schemas: readonly string[]): string {
  const named = schemas.slice(0, FAILED_PREVIEW).join(', ');
  const more = schemas.length - FAILED_PREVIEW;
  return `Failed: ${named}${more > 0 ? ` and ${more} more` : ''}. Run the command again after mending them.`;
}
