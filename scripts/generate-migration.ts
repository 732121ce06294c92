// npm run migration:generate -- tenant|shared <Name>: compares the entities with a history, writes the
// migration that is missing, and lists it in the history's index.
import 'reflect-metadata';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../src/config/environment.js';
import { entities } from '../src/database/entities.js';
import { sharedMigrations } from '../src/database/migrations/shared/index.js';
import { tenantMigrations } from '../src/database/migrations/tenant/index.js';
import { openDatabase } from '../src/database/open-database.js';
import { generateMigration } from 'nest-tenant-schemas';
import { historyIndex } from './history-index.js';

const USAGE = 'Usage: npm run migration:generate -- tenant|shared <Name>, e.g. tenant AddVotes';

async function main([history, name]: string[]): Promise<void> {
  if ((history !== 'tenant' && history !== 'shared') || name === undefined) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const environment = readEnvironment();
  const database = await openDatabase(
    { ...environment, databaseUrl: environment.databaseDirectUrl ?? environment.databaseUrl },
    (line) => process.stderr.write(`${line}\n`),
  );
  try {
    const options = { url: database.url, entities, sharedMigrations, tenantMigrations };
    const generated = await generateMigration(history, name, options);
    if (!generated) {
      process.stdout.write(
        `The ${history} migrations match the entities. No migration was written.\n`,
      );
      return;
    }
    const directory = join('src', 'database', 'migrations', history);
    writeFileSync(join(directory, generated.fileName), generated.source, { flag: 'wx' });
    const files = readdirSync(directory).map((fileName) => ({
      name: fileName,
      source: readFileSync(join(directory, fileName), 'utf8'),
    }));
    writeFileSync(join(directory, 'index.ts'), historyIndex(history, files));
    const file = join(directory, generated.fileName);
    process.stdout.write(
      `Wrote ${file} (${generated.upStatements} statements). Read it, then run:\n`,
    );
    process.stdout.write('  npm run -s cli -- migrate-schemas\n');
    if (generated.otherHistoryDiffers) {
      process.stderr.write(
        'The entities also differ from the other migrations. Generate that migration next.\n',
      );
    }
    if (generated.downProblem !== undefined) {
      process.stderr.write(
        `Correct the down() of the migration. It fails: ${generated.downProblem}\n`,
      );
    }
  } finally {
    await database.release();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
