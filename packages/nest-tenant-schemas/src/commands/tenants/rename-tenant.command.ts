import { Command, Option } from 'nest-commander';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { UsageError } from '../terminal/exit-code.js';
import { print, printJson, printProblem } from '../terminal/output/output.js';
import { SCHEMA_ARGUMENT } from '../options/schema-argument.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { type NewNames, TenantNaming } from './tenant-naming.js';
import { TenantPresenter } from './tenant-presenter.js';

interface Options extends NewNames {
  readonly force?: boolean;
  readonly json?: boolean;
}

@Command({
  name: 'rename-tenant',
  description: 'Changes the name of a tenant, its schema name, or both. Its id stays the same.',
  ...SCHEMA_ARGUMENT,
})
export class RenameTenantCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
    private readonly naming: TenantNaming,
  ) {
    super(runtime);
  }

  async run([from = '']: string[], { name, schema, force = false, json }: Options): Promise<void> {
    if (name === undefined && schema === undefined) {
      throw new UsageError('Give a new name: --name <name>, --schema <schema>, or both.');
    }
    const { presenter, naming } = this;
    const names = { name, schema };
    naming.check(names);
    const renamed = await this.runtime.useUpToDate(TenantManager, (tenants) =>
      tenants.rename(from, naming.renamed(names), { force, onKept: warnOfKept }),
    );
    if (json) return printJson(presenter.toJson(renamed));
    print(
      `The tenant in schema ${from} is now "${presenter.nameOf(renamed)}" in schema ${renamed.schema}.`,
    );
  }

  @Option({
    flags: '--name <name>',
    description: 'new name of the tenant; this or --schema is required',
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '--force',
    description: 'rename even if objects keep the old schema name, e.g. in a string of a view',
  })
  parseForce(): boolean {
    return true;
  }

  @Option({ flags: '--schema <schema>', description: 'new schema name' })
  parseSchema(value: string): string {
    return value;
  }
}

function warnOfKept(objects: readonly string[]): void {
  printProblem(`Warning: these objects keep the old schema name: ${objects.join(', ')}.`);
}
