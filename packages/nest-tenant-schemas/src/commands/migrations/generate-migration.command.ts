import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'nest-commander';
import { MigrationGenerator } from '../../index.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { print, printJson, printProblem } from '../terminal/output.js';

interface Options {
  readonly shared?: boolean;
  readonly dir?: string;
  readonly url?: string;
  readonly json?: boolean;
}

const DEFAULT_FOLDER = join('src', 'migrations');

@Command({
  name: 'generate-migration',
  description:
    'Writes the migration that the entities need and the history lacks, once for all tenants. ' +
    'It compares them in a scratch database, and changes no other.',
  arguments: '<name>',
  argsDescription: { name: 'the purpose of the migration, e.g. AddVotes' },
})
export class GenerateMigrationCommand extends TenancyCommand {
  async run([name = '']: string[], options: Options): Promise<void> {
    const { shared = false, dir = DEFAULT_FOLDER, url, json } = options;
    const history = shared ? 'shared' : 'tenant';
    const generated = await this.runtime.use(MigrationGenerator, (generator) =>
      generator.generate(history, name, url),
    );
    if (!generated) {
      if (json) printJson({ file: null, statements: 0 });
      else print(`The ${history} history is up to date with its entities.`);
      return;
    }
    const { fileName, source, upStatements, otherHistoryDiffers, downProblem, isSingleTenant } =
      generated;
    await mkdir(dir, { recursive: true });
    const file = join(dir, fileName);
    await writeFile(file, source, { flag: 'wx' });
    if (json) printJson({ file, statements: upStatements });
    else {
      print(`Wrote ${file} (${upStatements} statements). Read it, and see that`);
      print(`${isSingleTenant ? 'singleTenantMigrations()' : `${history}Migrations`} lists it.`);
      print('Then build, and run: tenant-schemas migrate-schemas');
    }
    if (otherHistoryDiffers) {
      printProblem('The entities differ from the other history as well. Generate it next.');
    }
    if (downProblem !== undefined) {
      printProblem(`Its down() does not run as it is: ${downProblem}`);
    }
  }

  @Option({ flags: '--shared', description: 'for the shared schema instead of the tenants' })
  parseShared(): boolean {
    return true;
  }

  @Option({
    flags: '--dir <folder>',
    description: `where to write it (default: ${DEFAULT_FOLDER})`,
  })
  parseDir(value: string): string {
    return value;
  }

  @Option({
    flags: '--url <url>',
    description: "a server for the scratch database (default: the DataSource's)",
  })
  parseUrl(value: string): string {
    return value;
  }
}
