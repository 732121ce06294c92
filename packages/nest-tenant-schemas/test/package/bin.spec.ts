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

/** Keeps the event loop alive, as a file watcher or a connection to Redis does. */
const KEEPS_RUNNING = 'setInterval(() => undefined, 1_000_000);';

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
  // Node.js 24 loads files that end with .ts.
  'app.tsx': 'export class AppModule {}',
  'rejected.cjs': `${KEEPS_RUNNING}
    class AppModule { onModuleInit() { throw new Error('PORT is not a number.'); } }
    module.exports = { AppModule };`,
  'unreachable.cjs': `${IMPORTS} ${KEEPS_RUNNING}
    class AppModule {}
    const options = { url: 'postgres://postgres@localhost:1/none', retryAttempts: 0 };
    Module({ imports: [TypeOrmModule.forRoot(tenantDataSourceOptions(options)), TenantModule.forRoot()] })(AppModule);
    module.exports = { AppModule };`,
  'retries.cjs': `${IMPORTS}
    class AppModule {}
    const options = { url: 'postgres://postgres@127.0.0.1:1/none', retryAttempts: 2, retryDelay: 1 };
    Module({ imports: [TypeOrmModule.forRoot(tenantDataSourceOptions(options)), TenantModule.forRoot()] })(AppModule);
    module.exports = { AppModule };`,
  'keeps-running.cjs': `${KEEPS_RUNNING} ${APPLICATION} module.exports = { AppModule };`,
  'close-fails.cjs': `${KEEPS_RUNNING} ${APPLICATION}
    const { NestFactory } = require('@nestjs/core');
    exports.openApplication = async () => {
      const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
      return Object.assign(context, { close: () => Promise.reject(new Error('Redis is gone.')) });
    };`,
  'throws-text.cjs': `${KEEPS_RUNNING} exports.openApplication = () => Promise.reject('no settings');`,
  'never-opens.cjs': 'exports.openApplication = () => new Promise(() => undefined);',
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
  // The limit ends only a command that hangs.
  const limit = { timeout: 30_000, killSignal: 'SIGKILL' } as const;
  const options = { cwd: folder, env, ...limit };
  const running = promisify(execFile)(process.execPath, [BIN, ...args], options);
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

it.each([
  ['rejected.cjs', 'PORT is not a number.\n'],
  ['unreachable.cjs', expect.stringContaining('ECONNREFUSED')],
  ['throws-text.cjs', 'no settings\n'],
  [
    'never-opens.cjs',
    expect.stringContaining('The command ended before its work was done: a promise never settled.'),
  ],
])('exits 1 with the reason if %s does not start', async (app, stderr) => {
  expect(await run('--app', app, 'list-tenants')).toMatchObject({ code: 1, stdout: '', stderr });
});

it('exits although the application keeps timers after its close', async () => {
  const listed = await run('--app', 'keeps-running.cjs', 'migrate-schemas', '--shared');
  expect(listed).toMatchObject({ code: 0, stderr: '' });
});

it('reports that the application failed to close, and exits with the code of its work', async () => {
  const stderr = 'The application failed to close: Redis is gone.\n';
  const done = await run('--app', 'close-fails.cjs', 'migrate-schemas', '--shared');
  expect(done).toMatchObject({ code: 0, stderr });
  const failed = await run('--app', 'close-fails.cjs', 'delete-tenant', 'none', '--force');
  expect(failed).toMatchObject({ code: 2, stderr: `${stderr}No tenant has the schema none.\n` });
});

it('reports each attempt to reach the database, and then the failure', async () => {
  const ended = await run('--app', 'retries.cjs', 'list-tenants');
  const attempt = 'Could not connect to the database: Error: connect ECONNREFUSED 127.0.0.1:1\n';
  const stderr = `${attempt}${attempt}connect ECONNREFUSED 127.0.0.1:1\n`;
  expect(ended).toEqual(expect.objectContaining({ code: 1, stdout: '', stderr }));
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
  [['--app', 'app.tsx', 'list-tenants'], 'Build the application, and name the JavaScript file.'],
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
