import { Command, Option } from 'nest-commander';
import {
  suggestSchemaName,
  TENANT_REGISTRY,
  TenantManager,
  TenantNotFoundError,
  type TenantRegistry,
} from '../../index.js';
import { addColumn, type ColumnValues, withColumns } from '../options/column-option.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { APPLICATION } from '../scoped/tenant-scoped-command.js';
import { UsageError } from '../terminal/exit-code.js';
import { print, printJson } from '../terminal/output/output.js';
import { canAsk, Questions } from '../terminal/questions.js';
import { type NewNames, TenantNaming } from './tenant-naming.js';
import { TenantPresenter } from './tenant-presenter.js';

interface Options extends NewNames {
  readonly set?: ColumnValues;
  readonly json?: boolean;
}

@Command({
  name: 'create-tenant',
  description:
    'Creates a tenant: its row, its schema and all its tables. If the creation fails, the command removes the schema. ' +
    'On a terminal the command asks for missing names.',
})
export class CreateTenantCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
    private readonly naming: TenantNaming,
  ) {
    super(runtime);
  }

  async run(_args: string[], { name, schema, set, json }: Options): Promise<void> {
    const { naming, presenter } = this;
    const given = { ...(name !== undefined && { name }), ...(schema !== undefined && { schema }) };
    naming.check(given);
    const asks = canAsk() && !json;
    if (!asks && name === undefined && schema === undefined) {
      throw new UsageError('The tenant needs a name: --name <name>.');
    }
    const tenant = await this.runtime.useMigrated(APPLICATION, async (application) => {
      const tenants = application.get(TenantManager, { strict: false });
      const registry = application.get<TenantRegistry>(TENANT_REGISTRY, { strict: false });
      const hasNames = registry.findByName !== undefined;
      const names = complete(asks ? await this.ask(given, hasNames, tenants) : given);
      naming.check(names);
      return tenants.create(withColumns(set, naming.created(names)));
    });
    if (json) return printJson(presenter.toJson(tenant));
    print(`Created tenant "${presenter.nameOf(tenant)}" in schema ${tenant.schema}.`);
    print(`  ${presenter.idLabel}  ${tenant.id}`);
  }

  @Option({ flags: '--name <name>', description: 'name of the tenant' })
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
    flags: '--set <column=value>',
    description:
      "value of another column of the tenant's row, e.g. --set plan=pro --set seats=3; repeatable",
  })
  parseSet(value: string, before?: ColumnValues): ColumnValues {
    return addColumn(value, before);
  }

  /** Asks for the names that are not given. */
  private async ask(
    { name: givenName, schema: givenSchema }: NewNames,
    hasNames: boolean,
    tenants: TenantManager,
  ): Promise<NewNames> {
    const questions = new Questions();
    try {
      const name =
        givenName ??
        (hasNames
          ? await questions.ask('Name', (answer) => this.checked('name', answer))
          : undefined);
      const schema = givenSchema ?? (await this.askSchema(questions, name, tenants));
      return { ...(name !== undefined && { name }), schema };
    } finally {
      questions.close();
    }
  }

  private async askSchema(
    questions: Questions,
    name: string | undefined,
    tenants: TenantManager,
  ): Promise<string> {
    const suggested = name === undefined ? undefined : suggestSchemaName(name);
    const offered =
      suggested !== undefined && !(await isTaken(tenants, suggested)) ? suggested : undefined;
    const question = offered === undefined ? 'Schema' : `Schema [${offered}]`;
    return questions.ask(question, (answer) =>
      this.checked('schema', answer === '' ? (offered ?? '') : answer),
    );
  }

  /** @throws UsageError with the rule that the answer breaks */
  private checked(kind: 'name' | 'schema', answer: string): string {
    if (answer === '') throw new UsageError(`The ${kind} must not be blank`);
    this.naming.check({ [kind]: answer });
    return answer;
  }
}

/** Returns the names with the schema that the name suggests, if none is given. */
function complete({ name, schema }: NewNames): NewNames & { readonly schema: string } {
  return {
    ...(name !== undefined && { name }),
    schema: schema ?? suggestSchemaName(name ?? ''),
  };
}

async function isTaken(tenants: TenantManager, schema: string): Promise<boolean> {
  try {
    return Boolean(await tenants.getBySchema(schema));
  } catch (error) {
    if (error instanceof TenantNotFoundError) return false;
    throw error;
  }
}
