import { Command, Option } from 'nest-commander';
import { NewClient } from '../clients/dto/new-client.dto.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { ClientsService } from '../clients/clients.service.js';
import { UsageError } from './exit-code.js';
import { print, printJson } from './output.js';
import { TenancyCommand } from './tenancy-command.js';
import { validateInput } from './validate-input.js';
import { parseYesNo } from './yes-no.js';

interface Options {
  readonly name?: string;
  readonly schema?: string;
  readonly paidUntil?: string;
  readonly onTrial?: boolean;
  readonly access?: NewClient['access'];
  readonly json?: boolean;
}

@Command({
  name: 'create-tenant',
  description: 'Creates a tenant: its row, its schema and all its tables, or nothing at all.',
})
export class CreateTenantCommand extends TenancyCommand {
  async run(_args: string[], options: Options): Promise<void> {
    const { name, schema, paidUntil, onTrial, access } = options;
    if (name === undefined) throw new UsageError('Give the tenant a name: --name <name>.');
    const input = validateInput(
      Object.assign(new NewClient(), {
        tenant_name: name,
        schema_name: schema,
        paid_until: paidUntil,
        on_trial: onTrial,
        access,
      }),
    );
    const client = await this.runtime.useMigrated(ClientsService, (clients) =>
      clients.create(input),
    );
    const view = new ClientView(client);
    if (options.json) return printJson(view);
    print(`Created tenant "${view.tenant_name}" in schema ${view.schema_name}.`);
    print(`  tenant_uuid  ${view.tenant_uuid}`);
    print();
    print('Try it, while the server runs:');
    print(`  curl -H 'X-Request-ID: ${view.tenant_uuid}' http://127.0.0.1:3000/polls`);
  }

  @Option({ flags: '--name <name>', description: 'name of the tenant, 1 to 100 characters' })
  parseName(value: string): string {
    return value;
  }

  @Option({ flags: '--schema <schema>', description: 'schema name (default: made from the name)' })
  parseSchema(value: string): string {
    return value;
  }

  @Option({
    flags: '--paid-until <date>',
    description: 'last day that is paid for, YYYY-MM-DD (default: never expires)',
  })
  parsePaidUntil(value: string): string {
    return value;
  }

  @Option({ flags: '--on-trial <y/n>', description: 'y, n, true or false (default: n)' })
  parseOnTrial(value: string): boolean {
    return parseYesNo(value);
  }

  @Option({
    flags: '--access <access>',
    description: 'who may use it',
    choices: ['open', 'members'],
  })
  parseAccess(value: string): string {
    return value;
  }
}
