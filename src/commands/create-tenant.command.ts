import { Command, Option } from 'nest-commander';
import { ClientsService } from '../clients/clients.service.js';
import { ClientView } from '../clients/dto/client.dto.js';
import { NewClient } from '../clients/dto/new-client.dto.js';
import { readEnvironment } from '../config/environment.js';
import { NewUser } from '../users/dto/user-input.dto.js';
import { askNewClient } from './ask-new-client.js';
import { askPassword, USER_NAMES } from './users/ask-new-user.js';
import { curlLine } from './curl-line.js';
import {
  APPLICATION,
  canAsk,
  nameSome,
  parseYesNo,
  print,
  printJson,
  printProblem,
  Questions,
  TenancyCommand,
  UsageError,
} from 'nest-tenant-schemas/commands';
import { makeFirstAdmin } from './users/first-admin.js';
import { passwordLines, type UserReport } from './users/user-report.js';
import { type FieldNames, validateInput } from './validate-input.js';

interface Options {
  readonly name?: string;
  readonly schema?: string;
  readonly paidUntil?: string;
  readonly onTrial?: boolean;
  readonly access?: NewClient['access'];
  readonly admin?: string;
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
    'Creates a tenant: its row, its schema and all its tables. If the creation fails, the command removes the schema. ' +
    'On a terminal the command asks for missing values.',
})
export class CreateTenantCommand extends TenancyCommand {
  async run(_args: string[], { admin, ...options }: Options): Promise<void> {
    const given = validateInput(inputOf(options), FLAGS);
    if (admin !== undefined) {
      const names = { ...USER_NAMES, username: '--admin' };
      validateInput(Object.assign(new NewUser(), { username: admin }), names);
    }
    const asks = canAsk() && !options.json;
    if (!asks && given.tenant_name === undefined) {
      throw new UsageError('The tenant needs a name: --name <name>.');
    }
    await this.runtime.useMigrated(APPLICATION, async (application) => {
      const clients = application.get(ClientsService, { strict: false });
      const { input, password } = asks
        ? await ask(given, admin, clients)
        : { input: given, password: undefined };
      warnOfPastDate(input);
      const firstAdmin =
        admin === undefined ? undefined : await makeFirstAdmin(application, admin, password);
      const client = await clients.create(input, firstAdmin?.fill);
      const view = new ClientView(client);
      // Print before the database is closed: closing may fail, and a generated password is printed only once.
      printTenant(view, firstAdmin?.report(), options.json);
      // The tenant exists, so the command succeeds even if this query fails.
      warnOfObstacles(view, await clients.readRenameObstacles(client).catch(() => []));
      if (!firstAdmin) warnOfNoAdmin(view);
    });
  }

  @Option({ flags: '--name <name>', description: 'name of the tenant, 1 to 100 characters' })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '--schema <schema>',
    description: 'schema name (default: derived from the name)',
  })
  parseSchema(value: string): string {
    return value;
  }

  @Option({
    flags: '--paid-until <date>',
    description:
      'last paid day (UTC), YYYY-MM-DD; without it, or with "", the tenant never expires',
  })
  parsePaidUntil(value: string): string {
    return value;
  }

  @Option({
    flags: '--on-trial <y/n>',
    description: 'whether the tenant is on trial: y, yes, true, n, no or false (default: n)',
  })
  parseOnTrial(value: string): boolean {
    return parseYesNo('--on-trial', value);
  }

  @Option({
    flags: '--access <access>',
    description:
      'open: anyone with its uuid may use the tenant; members: only its users (default: open)',
    choices: ['open', 'members'],
  })
  parseAccess(value: string): string {
    return value;
  }

  @Option({
    flags: '--admin <username>',
    description:
      'also create its first admin; the command asks for the password, or generates and prints it',
  })
  parseAdmin(value: string): string {
    return value;
  }
}

function inputOf({ name, schema, paidUntil, onTrial, access }: Omit<Options, 'admin'>): NewClient {
  return Object.assign(new NewClient(), {
    tenant_name: name,
    schema_name: schema,
    paid_until: paidUntil === '' ? null : paidUntil,
    on_trial: onTrial,
    access,
  });
}

function printTenant(view: ClientView, admin: UserReport | undefined, json = false): void {
  if (json) return printJson({ ...view, ...(admin && { admin }) });
  print(`Created tenant "${view.tenant_name}" in schema ${view.schema_name}.`);
  print(`  tenant_uuid  ${view.tenant_uuid}`);
  if (admin) {
    print(`Created admin "${admin.username}".`);
    for (const line of passwordLines(admin)) print(line);
  }
  print();
  print('Try it, while the server runs:');
  print(`  ${curlLine(readEnvironment(), view.tenant_uuid, '/polls')}`);
}

async function ask(
  given: NewClient,
  admin: string | undefined,
  clients: ClientsService,
): Promise<{ input: NewClient; password: string | undefined }> {
  const questions = new Questions();
  try {
    const input = await askNewClient(given, clients, questions);
    return { input, password: admin === undefined ? undefined : await askPassword(questions) };
  } finally {
    questions.close();
  }
}

function warnOfNoAdmin({ access, schema_name }: ClientView): void {
  if (access !== 'members') return;
  printProblem(
    'Warning: no user can register in this tenant, and it has no admin yet. Create one: ' +
      `tenant-schemas create-user ${schema_name} --admin`,
  );
}

function warnOfPastDate({ paid_until, on_trial }: NewClient): void {
  const today = new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
  if (!paid_until || paid_until >= today) return;
  const since = on_trial ? 'when its trial ends' : 'from the start';
  printProblem(`Warning: ${paid_until} is in the past, so the tenant is expired ${since}.`);
}

function warnOfObstacles({ schema_name }: ClientView, objects: readonly string[]): void {
  if (objects.length === 0) return;
  printProblem(
    `Warning: the schema name "${schema_name}" also occurs in ${nameSome(objects)}. Renaming this tenant will need --force.`,
  );
}
