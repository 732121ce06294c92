import { Optional } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { print, printJson } from '../terminal/output/output.js';
import { SCHEMA_ARGUMENT } from '../options/schema-argument.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { TenantNaming } from './tenant-naming.js';
import { TenantPresenter } from './tenant-presenter.js';
import { TenantSuspension } from './tenant-suspension.js';

interface Options {
  readonly name: string;
  readonly schema: string;
  readonly data: boolean;
  readonly json?: boolean;
}

@Command({
  name: 'clone-tenant',
  description:
    'Copies a tenant, with its tables and rows, into a new tenant. If the copy fails, the command removes the new schema.',
  ...SCHEMA_ARGUMENT,
})
export class CloneTenantCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
    private readonly naming: TenantNaming,
    @Optional() private readonly suspension?: TenantSuspension,
  ) {
    super(runtime);
  }

  async run([source = '']: string[], { name, schema, data, json }: Options): Promise<void> {
    const { presenter, naming, suspension } = this;
    const names = { name, schema };
    naming.check(names);
    const clone = await this.runtime.useUpToDate(TenantManager, (tenants) =>
      tenants.clone(
        source,
        (tenant) => ({ ...naming.cloned(tenant, names), ...suspension?.changes(false) }),
        { withData: data },
      ),
    );
    if (json) return printJson(presenter.toJson(clone));
    const what = data ? '' : ', without its data';
    print(
      `Cloned ${source} into tenant "${presenter.nameOf(clone)}" in schema ${clone.schema}${what}.`,
    );
    print(`  ${presenter.idLabel}  ${clone.id}`);
  }

  @Option({
    flags: '--name <name>',
    description: 'name of the new tenant; required',
    required: true,
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '--schema <schema>',
    description: 'schema of the new tenant; required',
    required: true,
  })
  parseSchema(value: string): string {
    return value;
  }

  @Option({
    flags: '--no-data',
    description: 'copy the tables only, with the rows that migrations insert',
  })
  parseData(): boolean {
    return false;
  }
}
