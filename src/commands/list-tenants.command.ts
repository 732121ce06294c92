import { Command } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { print, printJson } from './output.js';
import { tableLines } from './table.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options {
  readonly json?: boolean;
}

const HEADER = ['NAME', 'SCHEMA', 'UUID', 'PAID UNTIL', 'ON TRIAL', 'ACCESS', 'SUSPENDED'];

@Command({
  name: 'list-tenants',
  description: "Lists all tenants, in the order of their schemas' names.",
})
export class ListTenantsCommand extends TenancyCommand {
  async run(_args: string[], { json }: Options): Promise<void> {
    const views = await this.runtime.useUpToDate(ClientsService, async (clients) => {
      const found: ClientView[] = [];
      for await (const client of clients.all()) found.push(new ClientView(client));
      return found;
    });
    if (json) return printJson(views);
    if (views.length === 0)
      return print('There are no tenants yet. Create one: tenant-schemas create-tenant');
    for (const line of tableLines(HEADER, views.map(cellsOf))) print(line);
  }
}

function cellsOf(view: ClientView): string[] {
  return [
    view.tenant_name,
    view.schema_name,
    view.tenant_uuid,
    view.paid_until ?? 'never expires',
    yesNo(view.on_trial),
    view.access,
    yesNo(view.suspended),
  ];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
