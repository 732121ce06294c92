import { Command } from 'nest-commander';
import { type Tenant, TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { print, printJson } from '../terminal/output/output.js';
import { tableLines } from '../terminal/output/table.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { TenantPresenter } from './tenant-presenter.js';

interface Options {
  readonly json?: boolean;
}

@Command({
  name: 'list-tenants',
  description: 'Lists all tenants, sorted by schema name.',
})
export class ListTenantsCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
  ) {
    super(runtime);
  }

  async run(_args: string[], { json }: Options): Promise<void> {
    const { presenter } = this;
    const tenants = await this.runtime.useUpToDate(TenantManager, async (manager) => {
      const found: Tenant[] = [];
      for await (const tenant of manager.all()) found.push(tenant);
      return found;
    });
    if (json) return printJson(tenants.map((tenant) => presenter.toJson(tenant)));
    const rows = tenants.map((tenant) => presenter.cellsOf(tenant));
    const [first] = rows;
    if (!first) return print(presenter.emptyList);
    const cells = rows.map((row) => Object.values(row));
    for (const line of tableLines(Object.keys(first), cells, process.stdout.columns)) print(line);
  }
}
