import { Command } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { print, printJson } from './output.js';
import { TenancyCommand } from './tenancy-command.js';
import { SCHEMA_ARGUMENT } from './schema-argument.js';

interface Options {
  readonly json?: boolean;
}

@Command({
  name: 'suspend-tenant',
  description: 'Suspends a tenant: its requests are refused until it is resumed, its data stays.',
  ...SCHEMA_ARGUMENT,
})
export class SuspendTenantCommand extends TenancyCommand {
  async run([schema = '']: string[], { json }: Options): Promise<void> {
    const { client, isChanged } = await this.runtime.useUpToDate(ClientsService, (clients) =>
      clients.setSuspended(schema, true),
    );
    if (json) return printJson(new ClientView(client));
    const tenant = `tenant "${client.name}" in schema ${client.schema}`;
    print(isChanged ? `Suspended ${tenant}.` : `Nothing to do: ${tenant} is suspended already.`);
  }
}
