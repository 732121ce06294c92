// npm run migration:create -- tenant|shared <Name>: writes a migration without statements, and lists it in the
// history's index. Asks no database.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyIndex } from './history-index.js';

const USAGE = 'Usage: npm run migration:create -- tenant|shared <Name>, e.g. tenant FillVotes';

const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const TIMESTAMP = /^\d{13}(?=-.+\.ts$)/;

/** A table of each history as its migrations name it. */
const EXAMPLES = {
  shared: '"public"."clients"',
  tenant: '"__tenant__"."polls", in each tenant\'s schema',
} as const;

function main([history, name, ...rest]: string[]): void {
  const isHistory = history === 'tenant' || history === 'shared';
  if (!isHistory || name === undefined || !NAME.test(name) || rest.length > 0) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const directory = join('src', 'database', 'migrations', history);
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  // Later than the newest in any case: migrations run in this order.
  const timestamp = Math.max(Date.now(), newestTimestamp(directory) + 1);
  const file = join(directory, `${timestamp}-${kebabCase(title)}.ts`);
  writeFileSync(file, source(`${title}${timestamp}`, EXAMPLES[history]), { flag: 'wx' });
  const files = readdirSync(directory).map((fileName) => ({
    name: fileName,
    source: readFileSync(join(directory, fileName), 'utf8'),
  }));
  writeFileSync(join(directory, 'index.ts'), historyIndex(history, files));
  process.stdout.write(`Wrote ${file}. Write its statements, then run:\n`);
  process.stdout.write('  npm run -s cli -- migrate-schemas --dry-run\n');
}

function newestTimestamp(directory: string): number {
  return Math.max(
    0,
    ...readdirSync(directory).map((name) => Number(TIMESTAMP.exec(name)?.[0] ?? 0)),
  );
}

function kebabCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
}

/** An SQL comment is a statement that does nothing. */
function source(className: string, example: string): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${className} implements MigrationInterface {
  name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`-- SQL: ${example}\`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`-- SQL that takes it back\`);
  }
}
`;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
