// The program of the built package, in applications that have no command line of their own.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

const ROOT = join(__dirname, '../../../..');
const BIN = join(ROOT, 'packages/nest-tenant-schemas/dist/esm/commands/bin/tenant-schemas.js');

const IMPORTS = `
const { Module } = require('@nestjs/common');
const { TypeOrmModule } = require('@nestjs/typeorm');
const { TenantModule, tenantDataSourceOptions } = require('nest-tenant-schemas');`;

const DATABASE =
  'TypeOrmModule.forRoot(tenantDataSourceOptions({ url: process.env.DATABASE_URL }))';

/** An application whose tenants are in the engine's own table. */
const APPLICATION = `${IMPORTS}
class AppModule {}
Module({ imports: [${DATABASE}, TenantModule.forRoot()] })(AppModule);`;

/** Files of an application, by what its folder's name says of it. */
const FILES = {
  'app.cjs': `${APPLICATION} module.exports = { AppModule };`,
  'app.mjs': `import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    ${APPLICATION} export { AppModule };`,
  'opened.cjs': `${APPLICATION}
    const { NestFactory } = require('@nestjs/core');
    exports.openApplication = () => NestFactory.createApplicationContext(AppModule, { logger: false });`,
  'several.cjs': `${APPLICATION} module.exports = { One: AppModule, Other: class Other {} };`,
  'single-tenant.cjs': `class AppModule {} module.exports = { AppModule };`,
  'app.ts': 'export class AppModule {}',
};

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'bin-'));
  for (const [name, source] of Object.entries(FILES)) await writeFile(join(folder, name), source);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await database.drop();
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: string[]): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: database.url };
  const running = promisify(execFile)(process.execPath, [BIN, ...args], { cwd: folder, env });
  return running.then(
    (ended) => ({ code: 0, ...ended }),
    (ended: Ended) => ended,
  );
}

it('creates, lists and deletes a tenant', async () => {
  const created = await run('--app', 'app.cjs', 'create-tenant', '--name', 'Acme & Söhne');
  expect(created).toMatchObject({ code: 0, stderr: '' });
  expect(created.stdout).toContain('Created tenant "Acme & Söhne" in schema acme_sohne.\n');
  expect((await run('--app=app.cjs', 'list-tenants')).stdout).toMatch(
    /^NAME +SCHEMA +ID +SUSPENDED\nAcme & Söhne +acme_sohne +\S+ +no\n$/,
  );
  const deleted = await run('--app', 'app.cjs', 'delete-tenant', 'acme_sohne', '--force');
  expect(deleted).toMatchObject({ code: 0, stderr: '' });
});

it.each(['app.mjs', 'opened.cjs', 'several.cjs#One'])('loads %s', async (app) => {
  const migrated = await run('--app', app, 'migrate-schemas', '--shared');
  expect(migrated).toMatchObject({ code: 0, stderr: '' });
  expect(migrated.stdout).toContain('public: ');
});

it('takes the application from package.json, and sets columns of the row', async () => {
  const file = join(folder, 'package.json');
  await writeFile(file, '{ "tenant-schemas": { "app": "app.cjs" } }');
  const created = await run(
    'create-tenant',
    '--name',
    'A',
    '--schema',
    'a',
    '--set',
    'suspended=true',
    '--json',
  );
  expect(created).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(created.stdout)).toEqual({
    id: expect.any(String),
    name: 'A',
    schema: 'a',
    suspended: true,
  });
  await rm(file);
});

it('shows the help without an application', async () => {
  expect(await run('--help')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: tenant-schemas [--app <module>] [options] [command]'),
  });
});

it.each([
  [
    ['list-tenants'],
    "The commands need the application's module. For example: npx tenant-schemas --app",
  ],
  [['--app'], "--app needs the path of the application's module."],
  [['--app', 'none.js', 'list-tenants'], 'none.js does not exist. Build the application first.'],
  [['--app', 'app.ts', 'list-tenants'], 'Build the application, and name the JavaScript file.'],
  [['--app', 'several.cjs', 'list-tenants'], 'It exports One, Other. Name one of them: --app'],
  [
    ['--app', 'app.cjs#Other', 'list-tenants'],
    'app.cjs does not export Other. It exports AppModule.',
  ],
  [
    ['--app', 'single-tenant.cjs', 'list-tenants'],
    'The application does not import TenantModule. Add TenantModule.forRoot()',
  ],
  [['--app', 'app.cjs', 'create-tenant'], 'The tenant needs a name: --name <name>.'],
  [
    ['--app', 'app.cjs', 'create-tenant', '--name', 'B', '--set', 'plan=pro'],
    'The table of tenants has no column plan. The columns of public.tenants are id, name, schema',
  ],
  [
    ['--app', 'app.cjs', 'create-tenant', '--schema', 'b'],
    "A tenant's name must have 1 to 100 characters",
  ],
  [
    ['--app', 'app.cjs', 'create-tenant', '--name', 'b'.repeat(101)],
    "A tenant's name must have 1 to 100 characters",
  ],
])('rejects %j with what to do', async (args, problem) => {
  const ended = await run(...args);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(problem);
});
