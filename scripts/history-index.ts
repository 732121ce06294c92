/** What the two histories are, for the docstring of their index. */
const TITLES = {
  shared: 'History of the shared schema.',
  tenant: "History of each tenant's schema.",
} as const;

/** Where Prettier breaks lines. */
const LINE_WIDTH = 100;

/** A file of a history's directory. */
export interface HistoryFile {
  readonly name: string;
  readonly source: string;
}

/**
 * The source of a history's `index.ts`: the migration of every file whose name begins with a timestamp,
 * in the order of their names.
 *
 * @throws Error naming a file that exports no class
 */
export function historyIndex(history: keyof typeof TITLES, files: readonly HistoryFile[]): string {
  const migrations = files
    .filter(({ name }) => /^\d{13}-.+\.ts$/.test(name))
    .toSorted((one, two) => one.name.localeCompare(two.name))
    .map(({ name, source }) => {
      const className = /^export class (\w+)/m.exec(source)?.[1];
      if (className === undefined) throw new Error(`${name} exports no migration class.`);
      return { className, path: `./${name.replace(/\.ts$/, '.js')}` };
    });
  const names = migrations.map(({ className }) => className);
  const declaration = `export const ${history}Migrations: readonly MigrationClass[] =`;
  const inline = `${declaration} [${names.join(', ')}];`;
  return [
    `import type { MigrationClass } from 'nest-tenant-schemas';`,
    ...migrations.map(({ className, path }) => `import { ${className} } from '${path}';`),
    '',
    `/** ${TITLES[history]} */`,
    inline.length <= LINE_WIDTH
      ? inline
      : [`${declaration} [`, ...names.map((name) => `  ${name},`), '];'].join('\n'),
    '',
  ].join('\n');
}
