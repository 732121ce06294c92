// The source of a generated migration runs exactly the SQL that it was given, whatever that SQL holds, and is
// what Prettier would write.
import { execFileSync } from 'node:child_process';
import { transformSync } from '@swc/core';
import { migrationSource } from './migration-template.js';

const NAME = 'AddPolls1700000000000';
const SHORT = 'DROP TABLE "__tenant__"."polls"';
const LONG = `CREATE TABLE "__tenant__"."polls" (${'"column" text NOT NULL, '.repeat(10)}"id" int)`;
/** Fills a line of 100 columns to the last one, and one character more. */
const EXACT = `SELECT '${'x'.repeat(59)}'`;

interface Migration {
  readonly name: string;
  up(queryRunner: { query(text: string): Promise<void> }): Promise<void>;
  down(queryRunner: { query(text: string): Promise<void> }): Promise<void>;
}

function evaluate(source: string): Migration {
  const { code } = transformSync(source, {
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  const exported: Record<string, new () => Migration> = {};
  new Function('exports', code)(exported);
  const Migration = exported[NAME];
  if (!Migration) throw new Error(`The source exports ${Object.keys(exported).join(', ')}.`);
  return new Migration();
}

it('runs the statements as they were given, in their order', async () => {
  const up = [SHORT, LONG, "COMMENT ON TABLE t IS 'it''s `a` ${b} \\${c} \\n\r\n\t\u2028 ü \\'"];
  const down = [LONG, SHORT];
  const migration = evaluate(migrationSource(NAME, { up, down }));
  const ran: string[] = [];
  const queryRunner = { query: async (text: string) => void ran.push(text) };
  await migration.up(queryRunner);
  expect(ran.splice(0)).toEqual(up);
  await migration.down(queryRunner);
  expect(ran).toEqual(down);
  expect(migration.name).toBe(NAME);
});

it('is formatted as Prettier formats it', () => {
  const up = [SHORT, LONG, EXACT, `${EXACT.slice(0, -1)}x'`, 'SELECT `\n\\ ${x}', "SELECT 'a'"];
  const source = migrationSource(NAME, { up, down: [SHORT] }, 'of\ntwo */ lines');
  const formatted = execFileSync(
    process.execPath,
    ['node_modules/prettier/bin/prettier.cjs', '--stdin-filepath', 'src/migration.ts'],
    { input: source, encoding: 'utf8' },
  );
  expect(source).toBe(formatted);
  expect(source.split('\n').filter((line) => line.length === 100)).toHaveLength(1);
});
