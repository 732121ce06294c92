import { Command, Option } from 'nest-commander';
import { SchemaMigrator, type SchemaSelection } from '../tenancy/index.js';
import { UsageError } from './exit-code.js';
import type { FleetWords } from './fleet-lines.js';
import { parseNumber } from './fleet-number.js';
import { printRun } from './fleet-run.js';
import { parseSchemas, SCHEMA_OPTION } from './schema-option.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options {
  readonly all?: boolean;
  readonly schema?: readonly string[];
  readonly steps?: number;
  readonly json?: boolean;
}

const MAX_STEPS = 1000;

/** Running it again would take those that succeeded a further step back. */
const WORDS: FleetWords = {
  done: 'reverted',
  nothing: 'nothing to revert',
  afterFailure: 'After mending them, revert these alone, with --schema.',
  afterInterruption: 'Revert the rest with --schema: the others would go back a further step.',
};

@Command({
  name: 'revert-schemas',
  description: 'Takes the last migrations of tenants back, and with them the data that they added.',
})
export class RevertSchemasCommand extends TenancyCommand {
  async run(_args: string[], { all, schema, steps = 1, json }: Options): Promise<void> {
    if (!all === (schema === undefined)) {
      throw new UsageError('Give either --all or --schema <schema...>.');
    }
    const selection: SchemaSelection = { tenants: all, schemas: schema };
    await this.runtime.useUpToDate(SchemaMigrator, (migrator, interruption) =>
      printRun(migrator, interruption, {
        selection,
        start: (signal) => migrator.revertAll(selection, steps, { signal }),
        words: WORDS,
        json,
      }),
    );
  }

  @Option({ flags: '--all', description: 'every tenant' })
  parseAll(): boolean {
    return true;
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }

  @Option({
    flags: '--steps <n>',
    description: `migrations of each tenant, 1 to ${MAX_STEPS} (default: 1)`,
  })
  parseSteps(value: string): number {
    return parseNumber('--steps', value, 1, MAX_STEPS);
  }
}
