import { Command, Option } from 'nest-commander';
import { SchemaMigrator, type SchemaSelection } from '../../index.js';
import type { CliWork } from '../runtime/cli-runtime.js';
import { UsageError } from '../terminal/exit-code.js';
import type { FleetWords } from './fleet-lines.js';
import { parseNumber } from '../options/parse-number.js';
import { printPlan } from './fleet-plan.js';
import { printRun } from './fleet-run.js';
import { parseSchemas, SCHEMA_OPTION } from '../options/schema-option.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';

interface Options {
  readonly shared?: boolean;
  readonly tenant?: boolean;
  readonly schema?: readonly string[];
  readonly concurrency?: number;
  readonly failFast?: boolean;
  readonly dryRun?: boolean;
  readonly fake?: boolean;
  readonly json?: boolean;
}

const MAX_CONCURRENCY = 64;

const WORDS: FleetWords = {
  done: 'applied',
  nothing: 'up to date',
  afterFailure: 'Correct the cause, and run the command again.',
  afterInterruption: 'Run the command again for the rest.',
};

@Command({
  name: 'migrate-schemas',
  description:
    'Applies pending migrations to the shared schema, then to every tenant. A tenant that fails does not stop the others.',
})
export class MigrateSchemasCommand extends TenancyCommand {
  async run(_args: string[], options: Options): Promise<void> {
    const { shared, tenant, schema, dryRun, fake, json } = options;
    if (dryRun && fake) throw new UsageError('Give either --dry-run or --fake, not both.');
    const selection: SchemaSelection = { shared, tenants: tenant, schemas: schema };
    const work: CliWork<SchemaMigrator, void> = (migrator, interruption) =>
      dryRun
        ? printPlan(migrator.planAll(selection), json)
        : printRun(migrator, interruption, {
            selection,
            start: (signal) => migrator.migrateAll(selection, { ...options, signal }),
            words: fake ? { ...WORDS, done: 'marked as applied without running:' } : WORDS,
            json,
          });
    const connections = { connections: options.concurrency };
    const onlyTenants = !shared && (tenant || schema !== undefined);
    await (onlyTenants
      ? this.runtime.useUpToDate(SchemaMigrator, work, connections)
      : this.runtime.use(SchemaMigrator, work, connections));
  }

  @Option({ flags: '--shared', description: 'select the shared schema' })
  parseShared(): boolean {
    return true;
  }

  @Option({ flags: '--tenant', description: 'select every tenant' })
  parseTenant(): boolean {
    return true;
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }

  @Option({
    flags: '--concurrency <n>',
    description: `number of schemas at once, 1 to ${MAX_CONCURRENCY} (default: DATABASE_POOL_SIZE, at most 8)`,
  })
  parseConcurrency(value: string): number {
    return parseNumber('--concurrency', value, 1, MAX_CONCURRENCY);
  }

  @Option({ flags: '--fail-fast', description: 'start no other schema after a failure' })
  parseFailFast(): boolean {
    return true;
  }

  @Option({ flags: '--dry-run', description: 'print the SQL, and change no schema' })
  parseDryRun(): boolean {
    return true;
  }

  @Option({
    flags: '--fake',
    description:
      'mark migrations as applied without running them; only for schemas that already have their tables',
  })
  parseFake(): boolean {
    return true;
  }
}
