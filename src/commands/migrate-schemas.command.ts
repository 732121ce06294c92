import { Command, Option } from 'nest-commander';
import { type MigrationResult, SchemaMigrator, type SchemaSelection } from '../tenancy/index.js';
import { ReportedFailure } from './exit-code.js';
import { nameSome } from './name-some.js';
import { print, printJson, printProblem } from './output.js';
import { parseSchemas, SCHEMA_OPTION } from './schema-option.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options {
  readonly shared?: boolean;
  readonly tenant?: boolean;
  readonly schema?: readonly string[];
  readonly json?: boolean;
}

@Command({
  name: 'migrate-schemas',
  description:
    'Brings the shared schema, then every tenant, up to date. One failure does not stop the rest.',
})
export class MigrateSchemasCommand extends TenancyCommand {
  async run(_args: string[], { shared, tenant, schema, json }: Options): Promise<void> {
    const selection: SchemaSelection = { shared, tenants: tenant, schemas: schema };
    const onlyTenants = !shared && (tenant || schema !== undefined);
    const work = async (migrator: SchemaMigrator): Promise<MigrationResult[]> => {
      const done: MigrationResult[] = [];
      for await (const result of migrator.migrateAll(selection)) {
        if (!json) printResult(result);
        done.push(result);
      }
      return done;
    };
    const results = await (onlyTenants
      ? this.runtime.useUpToDate(SchemaMigrator, work)
      : this.runtime.use(SchemaMigrator, work));
    if (json) printJson(results.map(toJson));
    const failed = results.filter(({ status }) => status === 'failed');
    if (failed.length === 0) return;
    const names = nameSome(failed.map((result) => result.schema).toSorted());
    printProblem(`Failed: ${names}. Run the command again after mending them.`);
    throw new ReportedFailure();
  }

  @Option({ flags: '--shared', description: 'the shared schema' })
  parseShared(): boolean {
    return true;
  }

  @Option({ flags: '--tenant', description: 'every tenant' })
  parseTenant(): boolean {
    return true;
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }
}

function printResult({ schema, status, versions, durationMs, error }: MigrationResult): void {
  if (error) return printProblem(`${schema}: ${error.message}`);
  const done = status === 'applied' ? `applied ${versions.join(', ')}` : 'up to date';
  print(`${schema}: ${done} (${Math.round(durationMs)} ms)`);
}

function toJson({ error, ...result }: MigrationResult): object {
  return { ...result, durationMs: Math.round(result.durationMs), error: error?.message ?? null };
}
