import { Command } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { print, printJson } from './output.js';
import { SCHEMA_ARGUMENT } from './schema-argument.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options {
  readonly json?: boolean;
}

@Command({
  name: 'resume-tenant',
  description: 'Ends the suspension of a tenant.',
  ...SCHEMA_ARGUMENT,
})
export class ResumeTenantCommand extends TenancyCommand {
  async run([schema = '']: string[], { json }: Options): Promise<void> {
    const { client, isChanged } = await this.runtime.useUpToDate(ClientsService, (clients) =>
      clients.setSuspended(schema, false),
    );
    if (json) return printJson(new ClientView(client));
    const tenant = `tenant "${client.name}" in schema ${client.schema}`;
    print(isChanged ? `Resumed ${tenant}.` : `Nothing to do: ${tenant} is not suspended.`);
  }
}
