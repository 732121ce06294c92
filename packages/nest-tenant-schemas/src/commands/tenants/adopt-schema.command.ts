import { Command, Option } from 'nest-commander';
import { SchemaAdopter } from '../../index.js';
import { addColumn, type ColumnValues, withColumns } from '../options/column-option.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { print, printJson } from '../terminal/output/output.js';
import { TenantNaming } from './tenant-naming.js';
import { TenantPresenter } from './tenant-presenter.js';

interface Options {
  readonly name?: string;
  readonly applied?: string;
  readonly set?: ColumnValues;
  readonly json?: boolean;
}

@Command({
  name: 'adopt-schema',
  description:
    'Turns an existing schema into a tenant: adds its row, and records the migrations that the schema has. ' +
    "Drops TypeORM's migrations table. All other tables and rows stay as they are.",
  arguments: '<schema>',
  argsDescription: { schema: 'a schema that no tenant has' },
})
export class AdoptSchemaCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
    private readonly naming: TenantNaming,
  ) {
    super(runtime);
  }

  async run([schema = '']: string[], { name, applied, set, json }: Options): Promise<void> {
    const { naming, presenter } = this;
    const names = { ...(name !== undefined && { name }), schema };
    naming.check(names);
    const columns = withColumns(set, naming.created(names));
    const tenant = await this.runtime.useMigrated(SchemaAdopter, (adopter) =>
      adopter.adoptSchema(columns, { applied }),
    );
    if (json) return printJson(presenter.toJson(tenant));
    print(`Adopted schema ${schema} as tenant "${presenter.nameOf(tenant)}".`);
    print(`  ${presenter.idLabel}  ${tenant.id}`);
  }

  @Option({
    flags: '--name <name>',
    description: 'name of the tenant; required if the table of tenants requires a name',
  })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '--applied <migration>',
    description:
      'newest migration that the schema contains, or all, or none; required for a schema without a migrations table, rejected for others',
  })
  parseApplied(value: string): string {
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
}
