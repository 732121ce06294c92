import { at, type SourceChange } from './source-change.js';

/** Names what replaces a command of TypeORM's command line, which works on the schema `public`. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  'migration:run': 'Instead, run: tenant-schemas migrate-schemas',
  'migration:generate': 'Instead, run: tenant-schemas generate-migration <Name>',
  'migration:revert': 'Instead, run: tenant-schemas revert-schemas --all',
  'migration:show': 'Instead, run: tenant-schemas migrations-status',
  'schema:sync': 'Remove it. It creates the tables of tenants in public',
  'schema:drop': 'Remove it. It drops all tables of public, also the table of the tenants',
};

const COMMANDS = /(?<![\w:-])(?:migration:(?:run|generate|revert|show)|schema:(?:sync|drop))\b/g;

/**
 * Lists the scripts that run commands of TypeORM, in the order of the file. A script may run several.
 *
 * @param text the content of package.json
 */
export function findTypeormScripts(file: string, text: string): SourceChange[] {
  const { scripts = {} } = JSON.parse(text) as { scripts?: Readonly<Record<string, string>> };
  const lines = text.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith('"scripts"'));
  return Object.entries(scripts).flatMap(([name, command]) => {
    const index = lines.findIndex(
      (line, n) => n >= start && line.startsWith(`${JSON.stringify(name)}:`),
    );
    // A file of one line has all scripts in its first line.
    const line = { file, line: Math.max(index, 0) + 1, text: lines[index] ?? command };
    const found = new Set(command.match(COMMANDS));
    return [...found].map((each) =>
      at(line, `Script ${name} runs ${each} of TypeORM. ${REPLACEMENTS[each]}`),
    );
  });
}
