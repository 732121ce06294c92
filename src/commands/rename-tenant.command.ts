import { Command, Option } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { UsageError } from './exit-code.js';
import { type NewNames, validateNames } from './new-names.js';
import { print, printJson } from './output.js';
import { SCHEMA_ARGUMENT } from './schema-argument.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options extends NewNames {
  readonly json?: boolean;
}

@Command({
  name: 'rename-tenant',
  description: 'Gives a tenant another name, another schema name, or both. Its uuid stays.',
  ...SCHEMA_ARGUMENT,
})
export class RenameTenantCommand extends TenancyCommand {
  async run([from = '']: string[], { name, schema, json }: Options): Promise<void> {
    if (name === undefined && schema === undefined) {
      throw new UsageError('Give what is to change: --name <name>, --schema <schema>, or both.');
    }
    validateNames({ name, schema });
    const client = await this.runtime.useUpToDate(ClientsService, (clients) =>
      clients.rename(from, { name, schema }),
    );
    if (json) return printJson(new ClientView(client));
    print(`The tenant in schema ${from} is now "${client.name}" in schema ${client.schema}.`);
  }

  @Option({ flags: '--name <name>', description: 'new name of the tenant, 1 to 100 characters' })
  parseName(value: string): string {
    return value;
  }

  @Option({ flags: '--schema <schema>', description: 'new schema name' })
  parseSchema(value: string): string {
    return value;
  }
}
