import { Injectable } from '@nestjs/common';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { print, printJson } from '../terminal/output/output.js';
import { TenantPresenter } from './tenant-presenter.js';
import { TenantSuspension } from './tenant-suspension.js';

interface Options {
  readonly json?: boolean;
}

/** Is the base of the commands that suspend and resume a tenant. */
@Injectable()
export abstract class SuspensionCommand extends TenancyCommand {
  /** Whether the command suspends a tenant. Otherwise it resumes one. */
  protected abstract readonly suspends: boolean;
  /** What the command did, for example `Suspended`. */
  protected abstract readonly done: string;
  /** What the tenant is if there is nothing to do, for example `is already suspended`. */
  protected abstract readonly unchanged: string;

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
      suspension.set(tenants, schema, this.suspends),
    );
    if (json) return printJson(presenter.toJson(tenant));
    const what = `tenant "${presenter.nameOf(tenant)}" in schema ${tenant.schema}`;
    print(isChanged ? `${this.done} ${what}.` : `Nothing to do: ${what} ${this.unchanged}.`);
  }
}
