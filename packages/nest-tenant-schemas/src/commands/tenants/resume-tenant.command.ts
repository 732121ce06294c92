import { Command } from 'nest-commander';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { print, printJson } from '../terminal/output.js';
import { SCHEMA_ARGUMENT } from '../options/schema-argument.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { TenantPresenter } from './tenant-presenter.js';
import { TenantSuspension } from './tenant-suspension.js';

interface Options {
  readonly json?: boolean;
}

@Command({
  name: 'resume-tenant',
  description: 'Ends the suspension of a tenant.',
  ...SCHEMA_ARGUMENT,
})
export class ResumeTenantCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
    private readonly suspension: TenantSuspension,
  ) {
    super(runtime);
  }

  async run([schema = '']: string[], { json }: Options): Promise<void> {
    const { presenter, suspension } = this;
    const { tenant, isChanged } = await this.runtime.useUpToDate(TenantManager, (tenants) =>
      suspension.set(tenants, schema, false),
    );
    if (json) return printJson(presenter.toJson(tenant));
    const what = `tenant "${presenter.nameOf(tenant)}" in schema ${tenant.schema}`;
    print(isChanged ? `Resumed ${what}.` : `Nothing to do: ${what} is not suspended.`);
  }
}
