import { Command, Option } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { validateNames } from './new-names.js';
import { print, printJson } from './output.js';
import { SCHEMA_ARGUMENT } from './schema-argument.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options {
  readonly name: string;
  readonly schema: string;
  readonly data: boolean;
  readonly json?: boolean;
}

@Command({
  name: 'clone-tenant',
  description: 'Makes a tenant out of another one, with its data: whole, or nothing at all.',
  ...SCHEMA_ARGUMENT,
})
export class CloneTenantCommand extends TenancyCommand {
  async run([source = '']: string[], { name, schema, data, json }: Options): Promise<void> {
    validateNames({ name, schema });
    const client = await this.runtime.useUpToDate(ClientsService, (clients) =>
      clients.clone(source, { name, schema }, { withData: data }),
    );
    if (json) return printJson(new ClientView(client));
    const what = data ? '' : ', without its data';
    print(`Cloned ${source} into tenant "${client.name}" in schema ${client.schema}${what}.`);
    print(`  tenant_uuid  ${client.id}`);
  }

  @Option({ flags: '--name <name>', description: 'name of the new tenant', required: true })
  parseName(value: string): string {
    return value;
  }

  @Option({ flags: '--schema <schema>', description: 'schema of the new tenant', required: true })
  parseSchema(value: string): string {
    return value;
  }

  @Option({ flags: '--no-data', description: 'tables only, with what migrations write into them' })
  parseData(): boolean {
    return false;
  }
}
