// The built package, loaded by `require` and by `import`, and installed twice: a process has one tenant context.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '../../../..');
const PACKAGE = join(ROOT, 'packages/nest-tenant-schemas');

/** Applications in one folder. Each has its own copy of the package, and all share the other packages of the repository. */
let folder: string;
const applications = ['one', 'other'];
const copyIn = (application: string): string =>
  join(folder, application, 'node_modules/nest-tenant-schemas');

beforeAll(async () => {
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, 'loading-'));
  const built = join(folder, 'dist');
  await run(process.execPath, ['scripts/build/build-packages.js', 'nest-tenant-schemas', built], {
    cwd: ROOT,
  });
  for (const application of applications) {
    await cp(built, join(copyIn(application), 'dist'), { recursive: true });
    await cp(join(PACKAGE, 'package.json'), join(copyIn(application), 'package.json'));
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a module of the first application and returns what it prints. */
async function printed(fileName: string, source: string): Promise<unknown> {
  const file = join(folder, 'one', fileName);
  await writeFile(file, source);
  const { stdout, stderr } = await run(process.execPath, [file]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const REQUIRED_BY_ES_MODULE = `
import { createRequire } from 'node:module';
import * as imported from 'nest-tenant-schemas';
const require = createRequire(import.meta.url);
const required = require('nest-tenant-schemas');`;

const IMPORTED_BY_COMMONJS = `
const required = require('nest-tenant-schemas');
import('nest-tenant-schemas').then((imported) => {`;

describe.each([
  ['an ES module', 'both.mjs', REQUIRED_BY_ES_MODULE, ''],
  ['CommonJS', 'both.cjs', IMPORTED_BY_COMMONJS, '});'],
])('both forms in %s', (_, fileName, before, after) => {
  it('have the same exports, and differ in what registers with Nest only', async () => {
    const lines = `
      const names = Object.keys(required);
      console.log(JSON.stringify({
        missing: names.filter((name) => !(name in imported)),
        differ: names.filter((name) => required[name] !== imported[name]),
      }));`;
    expect(await printed(fileName, `${before}${lines}${after}`)).toEqual({
      missing: [],
      differ: [
        'assertTokenOfTenant',
        'claimsOfTenant',
        'TenantTokenError',
        'TenantModule',
        'InjectTenantDataSource',
        'CurrentTenant',
        'BeforeTenant',
        'PublicRoute',
        'ForEachTenant',
        'TenancyExceptionFilter',
      ],
    });
  });

  it('have the same exports of the commands', async () => {
    const lines = `
      const commands = require('nest-tenant-schemas/commands');
      import('nest-tenant-schemas/commands').then((importedCommands) => {
        const names = Object.keys(commands);
        const missing = names.filter((name) => !(name in importedCommands));
        console.log(JSON.stringify([names.includes('TenantCommandsModule'), missing]));
      });`;
    expect(await printed(fileName, `${before}${lines}${after}`)).toEqual([true, []]);
  });

  it('protect a DataSource of the other form, and read its tenant context', async () => {
    const lines = `
      const { DataSource } = require('typeorm');
      const options = imported.tenantDataSourceOptions({ url: 'postgres://localhost/none' });
      const dataSource = required.protectDataSource(new DataSource(options));
      imported.tenantContext.run({ id: 'id', schema: 'acme' }, () =>
        console.log(JSON.stringify([
          required.tenantContext.require().schema,
          imported.protectDataSource(dataSource) === dataSource,
        ])));`;
    expect(await printed(fileName, `${before}${lines}${after}`)).toEqual(['acme', true]);
  });
});

it('shares its tenant context with a second copy of the package', async () => {
  const source = `
    const one = require('nest-tenant-schemas');
    const other = require(${JSON.stringify(copyIn('other'))});
    const schemaIn = (copy) => copy.tenantContext.current?.schema;
    one.tenantContext.run({ id: 'id', schema: 'acme' }, () => {
      const nested = other.tenantContext.runWithoutTenant(() => schemaIn(one) ?? 'none');
      console.log(JSON.stringify([one.tenantContext === other.tenantContext, schemaIn(other), nested]));
    });`;
  expect(await printed('copies.cjs', source)).toEqual([false, 'acme', 'none']);
});

describe('without nest-commander', () => {
  const INSTALLED = '@nestjs lru-cache pg reflect-metadata rxjs tinyglobby typeorm'.split(' ');
  let bare: string;

  beforeAll(async () => {
    // Outside the repository, whose packages Node.js would find.
    bare = await mkdtemp(join(tmpdir(), 'loading-'));
    await cp(copyIn('one'), join(bare, 'node_modules/nest-tenant-schemas'), { recursive: true });
    for (const name of INSTALLED) {
      await symlink(join(ROOT, 'node_modules', name), join(bare, 'node_modules', name));
    }
  });

  afterAll(() => rm(bare, { recursive: true, force: true }));

  it.each([
    ['required', 'app.cjs', (entry: string) => `require('${entry}');`],
    ['imported', 'app.mjs', (entry: string) => `import '${entry}';`],
  ])('the engine can be %s, and the commands cannot', async (_, fileName, load) => {
    const file = join(bare, fileName);
    await writeFile(file, load('nest-tenant-schemas'));
    await expect(run(process.execPath, [file])).resolves.toEqual({ stdout: '', stderr: '' });
    await writeFile(file, load('nest-tenant-schemas/commands'));
    await expect(run(process.execPath, [file])).rejects.toThrow('nest-commander');
  });
});
