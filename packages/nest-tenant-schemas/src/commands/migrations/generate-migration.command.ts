import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'nest-commander';
import { MigrationGenerator } from '../../index.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { print, printJson, printProblem } from '../terminal/output/output.js';
import { DEFAULT_FOLDER, folderOfMigration } from './migrations-folder.js';

interface Options {
  readonly shared?: boolean;
  readonly dir?: string;
  readonly url?: string;
  readonly json?: boolean;
}

@Command({
  name: 'generate-migration',
  description:
    'Compares the entities with the migrations in a scratch database, and writes the missing migration. ' +
    'One migration serves all tenants. The command changes no other database.',
  arguments: '<name>',
  argsDescription: { name: 'the purpose of the migration, e.g. AddVotes' },
})
export class GenerateMigrationCommand extends TenancyCommand {
  async run([name = '']: string[], options: Options): Promise<void> {
    const { shared = false, url, json } = options;
    const history = shared ? 'shared' : 'tenant';
    const { generated, newest } = await this.runtime.use(MigrationGenerator, async (generator) => ({
      generated: await generator.generate(history, name, url),
      newest: generator.newestOf(history),
    }));
    if (!generated) {
      if (json) printJson({ file: null, statements: 0, risks: [] });
      else print(`The ${history} migrations match the entities. No migration was written.`);
      return;
    }
    const { fileName, source, upStatements, risks, isSingleTenant } = generated;
    const { otherHistoryDiffers, downProblem } = generated;
    const dir = options.dir ?? (await folderOfMigration(newest));
    await mkdir(dir, { recursive: true });
    const file = join(dir, fileName);
    await writeFile(file, source, { flag: 'wx' });
    if (json) printJson({ file, statements: upStatements, risks });
    else {
      print(`Wrote ${file} (${upStatements} ${upStatements === 1 ? 'statement' : 'statements'}).`);
      const list = isSingleTenant ? 'singleTenantMigrations()' : `${history}Migrations`;
      print(`Review the file, and check that ${list} lists it.`);
      print('Then build, and run: tenant-schemas migrate-schemas');
    }
    for (const risk of risks) printProblem(`Check the migration. ${risk}`);
    if (otherHistoryDiffers) {
      printProblem(
        `The ${shared ? 'tenant' : 'shared'} entities also differ from their migrations. Generate that migration next.`,
      );
    }
    if (downProblem !== undefined) {
      printProblem(`Correct the down() of the migration. It fails: ${downProblem}`);
    }
  }

  @Option({ flags: '--shared', description: 'compare the shared schema instead of the tenants' })
  parseShared(): boolean {
    return true;
  }

  @Option({
    flags: '--dir <folder>',
    description: `folder of the migration (default: that of the newest one, else ${DEFAULT_FOLDER})`,
  })
  parseDir(value: string): string {
    return value;
  }

  @Option({
    flags: '--url <url>',
    description: 'address of the server for the scratch database (default: that of the DataSource)',
  })
  parseUrl(value: string): string {
    return value;
  }
}
