import { Command, Option } from 'nest-commander';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { UsageError } from '../terminal/exit-code.js';
import { print, printJson } from '../terminal/output/output.js';
import { canAsk, Questions } from '../terminal/questions.js';
import { SCHEMA_ARGUMENT } from '../options/schema-argument.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { TenantPresenter } from './tenant-presenter.js';

interface Options {
  readonly force?: boolean;
  readonly cascade?: boolean;
  readonly json?: boolean;
}

@Command({
  name: 'delete-tenant',
  description:
    'Deletes a tenant permanently: its row, its schema and all its data. ' +
    'On a terminal the command asks for confirmation. It fails if objects outside the schema depend on the schema.',
  ...SCHEMA_ARGUMENT,
})
export class DeleteTenantCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
  ) {
    super(runtime);
  }

  async run([schema = '']: string[], { force, cascade = false, json }: Options): Promise<void> {
    if (!force && (json || !canAsk())) {
      throw new UsageError(
        `Schema "${schema}" was not deleted, because the command cannot ask for confirmation here. ` +
          'To delete the tenant with all its data, add --force.',
      );
    }
    const { presenter } = this;
    const tenant = await this.runtime.useUpToDate(TenantManager, async (tenants) => {
      const found = await tenants.getBySchema(schema);
      if (!force) await confirm(presenter.nameOf(found), schema);
      await tenants.drop(found, { cascade });
      return found;
    });
    if (json) return printJson(presenter.toJson(tenant));
    print(`Deleted tenant "${presenter.nameOf(tenant)}" with its schema ${schema}.`);
  }

  @Option({ flags: '--force', description: 'delete without confirmation' })
  parseForce(): boolean {
    return true;
  }

  @Option({
    flags: '--cascade',
    description:
      'also drop objects outside the schema that depend on it, e.g. views, foreign keys and columns',
  })
  parseCascade(): boolean {
    return true;
  }
}

/** @throws Error when the answer is not the schema's name */
async function confirm(name: string, schema: string): Promise<void> {
  const questions = new Questions();
  try {
    const question = `This deletes tenant "${name}" with all its data. To confirm, type its schema name (${schema})`;
    await questions.ask(question, (answer) => {
      if (answer !== schema)
        throw new Error(`The answer was not "${schema}". Nothing was deleted.`);
    });
  } finally {
    questions.close();
  }
}
