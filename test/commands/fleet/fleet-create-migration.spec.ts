// npm run migration:create writes a migration that runs as it is and does nothing, and lists it in its index.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { transformSync } from '@swc/core';
import type { MigrationClass } from 'nest-tenant-schemas';
import { newClient, openSchemas, schemasOf } from '../../schemas/support.js';

/** Later than any time that a migration is created at. */
const NEWEST = 9_000_000_000_000;

let directory: string;
let history: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nts-'));
  for (const name of ['scripts', 'package.json', 'tsconfig.json']) {
    cpSync(name, join(directory, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  history = join(directory, 'src/database/migrations/tenant');
  mkdirSync(history, { recursive: true });
  writeFileSync(join(history, `${NEWEST}-old.ts`), `export class Old${NEWEST} {}\n`);
});

afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the script as npm does. */
function create(...args: string[]): { code: number | null; out: string; err: string } {
  const script = ['--import', '@swc-node/register/esm-register', 'scripts/create-migration.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...script, ...args], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

it('writes a migration later than the newest, and lists it', () => {
  const file = `src/database/migrations/tenant/${NEWEST + 1}-fill-votes.ts`;
  expect(create('tenant', 'fillVotes')).toEqual({
    code: 0,
    out: `Wrote ${file}. Write its statements, then run:\n  npm run -s cli -- migrate-schemas --dry-run\n`,
    err: '',
  });
  expect(readFileSync(join(history, 'index.ts'), 'utf8').split('\n')).toEqual([
    `import type { MigrationClass } from 'nest-tenant-schemas';`,
    `import { Old${NEWEST} } from './${NEWEST}-old.js';`,
    `import { FillVotes${NEWEST + 1} } from './${NEWEST + 1}-fill-votes.js';`,
    '',
    "/** History of each tenant's schema. */",
    'export const tenantMigrations: readonly MigrationClass[] = [',
    `  Old${NEWEST},`,
    `  FillVotes${NEWEST + 1},`,
    '];',
    '',
  ]);
});

it('writes one that runs as it is, in either direction', async () => {
  create('tenant', 'FillVotes');
  const name = `FillVotes${NEWEST + 1}`;
  const source = readFileSync(join(history, `${NEWEST + 1}-fill-votes.ts`), 'utf8');
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const exported: Record<string, MigrationClass> = {};
  new Function('exports', code)(exported);
  const { database, dataSource } = await openSchemas();
  try {
    await schemasOf(dataSource, []).provisioner.create(newClient('acme'));
    const { migrator, provisioner } = schemasOf(dataSource, [exported[name] as MigrationClass]);
    const { value } = await migrator.migrateAll({ tenants: true }).next();
    expect(value).toMatchObject({ schema: 'acme', status: 'applied', versions: [name] });
    const reverted = await migrator.revertAll({ tenants: true }, 1).next();
    expect(reverted.value).toMatchObject({ status: 'reverted', versions: [name] });
    await provisioner.create(newClient('later'));
  } finally {
    await dataSource.destroy();
    await database.drop();
  }
});

it.each([[[]], [['tenant']], [['tenants', 'A']], [['tenant', '../A']], [['tenant', 'A', 'B']]])(
  'takes %j for wrong usage, and writes nothing',
  (args) => {
    expect(create(...args)).toEqual({
      code: 2,
      out: '',
      err: 'Usage: npm run migration:create -- tenant|shared <Name>, e.g. tenant FillVotes\n',
    });
    expect(readdirSync(history)).toEqual([`${NEWEST}-old.ts`]);
  },
);
