import { Command, Option } from 'nest-commander';
import { TenantManager } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { UsageError } from '../terminal/exit-code.js';
import { print, printJson } from '../terminal/output.js';
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
    'Deletes a tenant for good: its row, its schema and all its data. ' +
    "On a terminal it asks for the schema's name first. It is refused if objects of other schemas depend on it.",
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
        `Nobody can be asked whether to delete ${schema} with all its data: nothing was deleted. ` +
          'Say --force to delete it without a question.',
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

  @Option({ flags: '--force', description: 'delete without a question' })
  parseForce(): boolean {
    return true;
  }

  @Option({
    flags: '--cascade',
    description: 'also drop views, foreign keys and columns of other schemas that depend on it',
  })
  parseCascade(): boolean {
    return true;
  }
}

/** @throws Error when the answer is not the schema's name */
async function confirm(name: string, schema: string): Promise<void> {
  const questions = new Questions();
  try {
    const question = `This deletes tenant "${name}" with all its data. Type its schema's name, ${schema}`;
    await questions.ask(question, (answer) => {
      if (answer !== schema) throw new Error(`That is not ${schema}. Nothing was deleted.`);
    });
  } finally {
    questions.close();
  }
}
