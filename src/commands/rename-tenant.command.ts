import { Command, Option } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { UsageError } from './exit-code.js';
import { type NewNames, validateNames } from './new-names.js';
import { print, printJson, printProblem } from './output.js';
import { SCHEMA_ARGUMENT } from './schema-argument.js';
import { TenancyCommand } from './tenancy-command.js';

interface Options extends NewNames {
  readonly force?: boolean;
  readonly json?: boolean;
}

@Command({
  name: 'rename-tenant',
  description: 'Gives a tenant another name, another schema name, or both. Its uuid stays.',
  ...SCHEMA_ARGUMENT,
})
export class RenameTenantCommand extends TenancyCommand {
  async run([from = '']: string[], { name, schema, force = false, json }: Options): Promise<void> {
    if (name === undefined && schema === undefined) {
      throw new UsageError('Give what is to change: --name <name>, --schema <schema>, or both.');
    }
    validateNames({ name, schema });
    const client = await this.runtime.useUpToDate(ClientsService, (clients) =>
      clients.rename(from, { name, schema }, { force, onKept: warnOfKept }),
    );
    if (json) return printJson(new ClientView(client));
    print(`The tenant in schema ${from} is now "${client.name}" in schema ${client.schema}.`);
  }

  @Option({ flags: '--name <name>', description: 'new name of the tenant, 1 to 100 characters' })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '--force',
    description: 'also if something, as a string in a view, would keep the old schema name',
  })
  parseForce(): boolean {
    return true;
  }

  @Option({ flags: '--schema <schema>', description: 'new schema name' })
  parseSchema(value: string): string {
    return value;
  }
}

function warnOfKept(objects: readonly string[]): void {
  printProblem(`Warning: these keep the old schema name: ${objects.join(', ')}.`);
}
