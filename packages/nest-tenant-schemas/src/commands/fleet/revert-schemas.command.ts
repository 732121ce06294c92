import { Command, Option } from 'nest-commander';
import { SchemaMigrator, type SchemaSelection } from '../../index.js';
import { UsageError } from '../terminal/exit-code.js';
import type { FleetWords } from './fleet-lines.js';
import { parseNumber } from '../options/parse-number.js';
import { printRun } from './fleet-run.js';
import { parseSchemas, SCHEMA_OPTION } from '../options/schema-option.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';

interface Options {
  readonly all?: boolean;
  readonly schema?: readonly string[];
  readonly steps?: number;
  readonly json?: boolean;
}

const MAX_STEPS = 1000;

const WORDS: FleetWords = {
  done: 'reverted',
  nothing: 'nothing to revert',
  afterFailure: 'Correct the cause, and run the command again.',
  afterInterruption: 'Run the command again for the rest.',
};

/** After several steps the newest migration of the selected tenants may be another one. */
const WORDS_OF_SEVERAL_STEPS: FleetWords = {
  ...WORDS,
  afterFailure: 'Correct the cause, and revert only these with --schema.',
  afterInterruption:
    'Revert the rest with --schema. Without it, the finished schemas could lose more migrations.',
};

@Command({
  name: 'revert-schemas',
  description:
    'By default, reverts one migration: the last one of the selected tenant with the most migrations. ' +
    'The command reverts it in each selected tenant that has it, and deletes the data that it added. ' +
    'Other tenants stay as they are.',
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
        words: steps === 1 ? WORDS : WORDS_OF_SEVERAL_STEPS,
        json,
      }),
    );
  }

  @Option({ flags: '--all', description: 'select every tenant; this or --schema is required' })
  parseAll(): boolean {
    return true;
  }

  @Option(SCHEMA_OPTION)
  parseSchema(value: string, previous?: readonly string[]): readonly string[] {
    return parseSchemas(value, previous);
  }

  @Option({
    flags: '--steps <n>',
    description: `number of migrations to revert, last applied first, 1 to ${MAX_STEPS} (default: 1)`,
  })
  parseSteps(value: string): number {
    return parseNumber('--steps', value, 1, MAX_STEPS);
  }
}
