import { Command, Option } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { NewClient } from '../clients/dto/new-client.dto.js';
import { readEnvironment } from '../config/environment.js';
import { askNewClient } from './ask-new-client.js';
import { UsageError } from './exit-code.js';
import { curlLine } from './curl-line.js';
import { print, printJson, printProblem } from './output.js';
import { canAsk, Questions } from './questions.js';
import { TenancyCommand } from './tenancy-command.js';
import { type FieldNames, validateInput } from './validate-input.js';
import { parseYesNo } from './yes-no.js';

interface Options {
  readonly name?: string;
  readonly schema?: string;
  readonly paidUntil?: string;
  readonly onTrial?: boolean;
  readonly access?: NewClient['access'];
  readonly json?: boolean;
}

const FLAGS: FieldNames<NewClient> = {
  tenant_name: '--name',
  schema_name: '--schema',
  paid_until: '--paid-until',
  on_trial: '--on-trial',
  access: '--access',
};

@Command({
  name: 'create-tenant',
  description:
    'Creates a tenant: its row, its schema and all its tables, or nothing at all. ' +
    'On a terminal it asks for what no flag gives.',
})
export class CreateTenantCommand extends TenancyCommand {
  async run(_args: string[], options: Options): Promise<void> {
    const given = validateInput(inputOf(options), FLAGS);
    const asks = canAsk() && !options.json;
    if (!asks && given.tenant_name === undefined) {
      throw new UsageError('Give the tenant a name: --name <name>.');
    }
    const client = await this.runtime.useMigrated(ClientsService, async (clients) => {
      const input = asks ? await ask(given, clients) : given;
      warnOfPastDate(input);
      return clients.create(input);
    });
    const view = new ClientView(client);
    if (options.json) return printJson(view);
    print(`Created tenant "${view.tenant_name}" in schema ${view.schema_name}.`);
    print(`  tenant_uuid  ${view.tenant_uuid}`);
    print();
    print('Try it, while the server runs:');
    print(`  ${curlLine(readEnvironment(), view.tenant_uuid, '/polls')}`);
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
    description: 'last day that is paid for, YYYY-MM-DD (default, and "": never expires)',
  })
  parsePaidUntil(value: string): string {
    return value;
  }

  @Option({ flags: '--on-trial <y/n>', description: 'y, n, true or false (default: n)' })
  parseOnTrial(value: string): boolean {
    return parseYesNo('--on-trial', value);
  }

  @Option({
    flags: '--access <access>',
    description: 'who may use it (default: open)',
    choices: ['open', 'members'],
  })
  parseAccess(value: string): string {
    return value;
  }
}

function inputOf({ name, schema, paidUntil, onTrial, access }: Options): NewClient {
  return Object.assign(new NewClient(), {
    tenant_name: name,
    schema_name: schema,
    paid_until: paidUntil === '' ? null : paidUntil,
    on_trial: onTrial,
    access,
  });
}

async function ask(given: NewClient, clients: ClientsService): Promise<NewClient> {
  const questions = new Questions();
  try {
    return await askNewClient(given, clients, questions);
  } finally {
    questions.close();
  }
}

function warnOfPastDate({ paid_until, on_trial }: NewClient): void {
  const today = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
  if (!paid_until || paid_until >= today) return;
  const since = on_trial ? 'as soon as it is no longer on trial' : 'from the start';
  printProblem(`Warning: ${paid_until} is past, so the tenant is expired ${since}.`);
}
