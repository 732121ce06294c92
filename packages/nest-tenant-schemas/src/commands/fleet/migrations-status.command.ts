import { Command, Option } from 'nest-commander';
import { type MigrationStatus, SchemaMigrator } from '../../index.js';
import { ReportedFailure } from '../terminal/exit-code.js';
import { nameSome } from '../terminal/output/name-some.js';
import { printJson, printProblem, printWrapped } from '../terminal/output/output.js';
import { parseSchemas, SCHEMA_OPTION } from '../options/schema-option.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';

interface Options {
  readonly schema?: readonly string[];
  readonly json?: boolean;
}

@Command({
  name: 'migrations-status',
  description:
    'Prints the applied and pending migrations of each schema. Exits 1 if a schema is behind this code or ahead of it.',
})
export class MigrationsStatusCommand extends TenancyCommand {
  async run(_args: string[], { schema, json }: Options): Promise<void> {
    const documents: MigrationStatus[] = [];
    const behind: string[] = [];
    const ahead: string[] = [];
    const work = async (migrator: SchemaMigrator): Promise<void> => {
      for await (const status of migrator.statusOfAll({ schemas: schema })) {
        if (json) documents.push(status);
        else printWrapped(lineOf(status));
        if (status.pending.length > 0) behind.push(status.schema);
        if (status.unknown.length > 0) ahead.push(status.schema);
      }
    };
    await (schema
      ? this.runtime.useUpToDate(SchemaMigrator, work)
      : this.runtime.use(SchemaMigrator, work));
    if (json) printJson(documents);
    if (behind.length > 0) {
      printProblem(`Behind: ${nameSome(behind)}. Run: tenant-schemas migrate-schemas`);
    }
    if (ahead.length > 0) {
      printProblem(`Ahead: ${nameSome(ahead)}. Deploy the version that has their migrations.`);
    }
    if (behind.length + ahead.length > 0) throw new ReportedFailure();
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }
}

function lineOf({ schema, applied, pending, unknown }: MigrationStatus): string {
  if (pending.length + unknown.length === 0) return `${schema}: up to date (${applied} applied)`;
  const behind = pending.length > 0 ? `, ${pending.length} pending: ${pending.join(', ')}` : '';
  const ahead = unknown.length > 0 ? `, ahead by ${unknown.length}: ${unknown.join(', ')}` : '';
  return `${schema}: ${applied} applied${behind}${ahead}`;
}
