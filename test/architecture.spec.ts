// Imports run one way: composition, commands, features, the engine's index; and inside the engine from the
// module down to its core. First the rules are seen refusing, then every source file is held against them.
import { spawnSync } from 'node:child_process';
import { globalProblem, importProblem } from './support/architecture/architecture-rules.js';
import { readSource, readSourceFiles } from './support/architecture/source-files.js';

const ENGINE = 'packages/nest-tenant-schemas/src';
const EMBEDDED = 'packages/embedded-postgres-server/src';

/** Files that hand the environment on to a child process, and read no setting from it. */
const HANDS_ENVIRONMENT_ON = [`${EMBEDDED}/claims/processes.ts`, `${EMBEDDED}/server/run.ts`];

describe('the rules', () => {
  it.each([
    ['src/main.ts', 'src/app.module.ts'],
    ['src/cli.module.ts', 'src/commands/create-tenant.command.ts'],
    ['src/app.module.ts', 'src/polls/polls.module.ts'],
    ['ormconfig.ts', 'src/database/data-source-options.ts'],
    ['src/database/entities.ts', 'src/polls/poll.entity.ts'],
    ['src/commands/create-tenant.command.ts', 'src/clients/clients.service.ts'],
    ['src/polls/polls.controller.ts', 'src/users/auth/current-user.decorator.ts'],
    ['src/polls/dto/poll.dto.ts', 'src/polls/poll.entity.ts'],
    ['src/clients/client.entity.ts', 'nest-tenant-schemas'],
    ['src/polls/polls.module.ts', 'nest-tenant-schemas/testing'],
    ['src/cli.module.ts', 'nest-tenant-schemas/commands'],
    ['src/commands/create-tenant.command.ts', 'nest-tenant-schemas/commands'],
    ['src/http/errors/error-response.ts', 'nest-tenant-schemas'],
    ['src/database/open-database.ts', 'embedded-postgres-server'],
    ['src/config/kept-secret.ts', 'embedded-postgres-server/private-file'],
    ['src/polls/dto/poll.dto.ts', 'class-validator'],
    [`${ENGINE}/context/tenant-scope.ts`, `${ENGINE}/core/names/schema-name.ts`],
    [`${ENGINE}/core/names/schema-name.ts`, `${ENGINE}/errors/schema-name-invalid.error.ts`],
    [`${ENGINE}/connection/pool/tenant-pool.ts`, `${ENGINE}/context/tenant-context.ts`],
    [
      `${ENGINE}/schemas/migrate/schema-migrator.ts`,
      `${ENGINE}/connection/typeorm/bound-data-source.ts`,
    ],
    [`${ENGINE}/tenant.module.ts`, `${ENGINE}/request/tenant.guard.ts`],
    [`${ENGINE}/tenant.module.ts`, `${ENGINE}/registry/listener/announcer-of.ts`],
    [
      `${ENGINE}/registry/listener/announcer-of.ts`,
      `${ENGINE}/connection/pool/transaction-pooler.ts`,
    ],
    [`${ENGINE}/testing/index.ts`, `${ENGINE}/index.ts`],
    [`${ENGINE}/commands/fleet/doctor.command.ts`, `${ENGINE}/index.ts`],
    [`${ENGINE}/commands/fleet/doctor.command.ts`, `${ENGINE}/commands/runtime/tenancy-command.ts`],
    [`${ENGINE}/commands/fleet/doctor.command.ts`, 'nest-commander'],
    [`${ENGINE}/commands/terminal/progress-bar.ts`, 'cli-progress'],
    [`${ENGINE}/commands/runtime/tenancy-command.ts`, '@nestjs/common'],
    [`${ENGINE}/connection/pool/tenant-pool.ts`, 'typeorm/metadata/RelationMetadata.js'],
    [`${ENGINE}/tenant.module.ts`, '@nestjs/common'],
    [`${ENGINE}/request/tenant.guard.ts`, '@nestjs/core'],
    [`${ENGINE}/core/migrations-fingerprint.ts`, 'node:crypto'],
    [`${EMBEDDED}/claims/claims.ts`, `${EMBEDDED}/layout.ts`],
    [`${EMBEDDED}/server/ready.ts`, 'pg'],
  ])('let %s import %s', (file, target) => {
    expect(importProblem(file, target)).toBeUndefined();
  });

  it.each([
    ['src/polls/polls.service.ts', 'src/clients/client.entity.ts', 'polls may not import clients'],
    ['src/users/user.entity.ts', 'src/polls/poll.entity.ts', 'users may not import polls'],
    ['src/clients/clients.service.ts', 'src/users/user.entity.ts', 'clients may not import users'],
    ['src/polls/polls.service.ts', 'src/database/entities.ts', 'polls may not import database'],
    ['src/polls/polls.service.ts', 'src/main.ts', 'polls may not import root'],
    ['src/polls/polls.service.ts', 'ormconfig.ts', 'polls may not import root'],
    ['src/clients/x.ts', 'src/commands/output.ts', 'clients may not import commands'],
    ['src/commands/x.command.ts', 'src/database/entities.ts', 'commands may not import database'],
    ['src/commands/x.command.ts', 'src/cli.module.ts', 'commands may not import root'],
    ['src/database/entities.ts', 'src/commands/output.ts', 'database may not import commands'],
    ['src/http/errors/error.filter.ts', 'src/polls/poll.entity.ts', 'http may not import polls'],
    [
      'src/config/environment.ts',
      'nest-tenant-schemas',
      'config may not import nest-tenant-schemas',
    ],
    [
      `${ENGINE}/index.ts`,
      'src/clients/client.entity.ts',
      'nest-tenant-schemas may not import src/clients/client.entity.ts',
    ],
    [
      `${ENGINE}/tenant.module.ts`,
      'src/config/x.ts',
      'nest-tenant-schemas may not import src/config/x.ts',
    ],
    [
      `${ENGINE}/x.ts`,
      `${EMBEDDED}/index.ts`,
      `nest-tenant-schemas may not import ${EMBEDDED}/index.ts`,
    ],
    [
      `${EMBEDDED}/x.ts`,
      'nest-tenant-schemas',
      'embedded-postgres-server may not import the package nest-tenant-schemas',
    ],
    ['src/polls/x.ts', 'embedded-postgres-server', 'polls may not import embedded-postgres-server'],
    [
      'src/polls/polls.module.ts',
      `${ENGINE}/tenant.module.ts`,
      `a package is imported by its name, not as ${ENGINE}/tenant.module.ts`,
    ],
    [
      'src/main.ts',
      'nest-tenant-schemas/dist/core/schema-placeholder.js',
      'nest-tenant-schemas exports no nest-tenant-schemas/dist/core/schema-placeholder.js',
    ],
    [
      `${ENGINE}/core/x.ts`,
      `${ENGINE}/index.ts`,
      'in nest-tenant-schemas, core may not import root',
    ],
    [
      `${ENGINE}/commands/x.ts`,
      `${ENGINE}/start-up-checks.ts`,
      `in nest-tenant-schemas, commands may import index.ts only, not ${ENGINE}/start-up-checks.ts`,
    ],
    [
      `${ENGINE}/testing/x.ts`,
      `${ENGINE}/tenancy.constants.ts`,
      `in nest-tenant-schemas, testing may import index.ts only, not ${ENGINE}/tenancy.constants.ts`,
    ],
    [
      `${ENGINE}/commands/x.ts`,
      `${ENGINE}/schemas/migrate/schema-migrator.ts`,
      'in nest-tenant-schemas, commands may not import schemas',
    ],
    [
      `${ENGINE}/index.ts`,
      `${ENGINE}/commands/index.ts`,
      'in nest-tenant-schemas, root may not import commands',
    ],
    [
      `${ENGINE}/tenant.module.ts`,
      'nest-commander',
      'nest-tenant-schemas may not import the package nest-commander',
    ],
    [
      'src/polls/polls.module.ts',
      'nest-tenant-schemas/commands',
      'polls may not import nest-tenant-schemas/commands',
    ],
    [
      `${ENGINE}/index.ts`,
      `${ENGINE}/testing/y.ts`,
      'in nest-tenant-schemas, root may not import testing',
    ],
    [`${ENGINE}/x.ts`, 'express', 'nest-tenant-schemas may not import the package express'],
    [
      `${ENGINE}/x.ts`,
      '@nestjs/platform-fastify',
      'nest-tenant-schemas may not import the package @nestjs/platform-fastify',
    ],
    [
      `${ENGINE}/connection/pool/tenant-pool.ts`,
      '@nestjs/common',
      'in nest-tenant-schemas, connection may not import Nest',
    ],
    [`${ENGINE}/x.ts`, 'pg-cursor', 'nest-tenant-schemas may not import the package pg-cursor'],
    ['src/shop/x.ts', 'typeorm', 'the room src/shop is not in the rules'],
    [`${ENGINE}/shop/x.ts`, `${ENGINE}/core/y.ts`, `the room ${ENGINE}/shop is not in the rules`],
  ])('do not let %s import %s', (file, target, problem) => {
    expect(importProblem(file, target)).toBe(`${file}: ${problem}`);
  });

  it.each([
    ['core', 'context'],
    ['errors', 'context'],
    ['interfaces', 'connection'],
    ['context', 'connection'],
    ['connection', 'schemas'],
    ['connection', 'request'],
    ['schemas', 'request'],
    ['request', 'schemas'],
    ['registry', 'request'],
    ['registry', 'schemas'],
    ['request', 'registry'],
    ['schemas', 'registry'],
    ['connection', 'registry'],
    ['schemas', 'testing'],
    ['schemas', 'commands'],
    ['request', 'commands'],
    ['connection', 'commands'],
    ['commands', 'connection'],
    ['testing', 'commands'],
  ])('do not let %s import %s inside the engine', (from, to) => {
    expect(importProblem(`${ENGINE}/${from}/x.ts`, `${ENGINE}/${to}/y.ts`)).toBe(
      `${ENGINE}/${from}/x.ts: in nest-tenant-schemas, ${from} may not import ${to}`,
    );
  });

  it.each([
    ['src/config/environment.ts', 'process.env', undefined],
    ['src/main.ts', 'process.exit', undefined],
    ['src/polls/x.ts', 'process.env', 'only config reads process.env'],
    ['src/polls/x.ts', 'node:process', 'only config reads process.env'],
    [`${ENGINE}/x.ts`, 'process.env', 'only config reads process.env'],
    [`${ENGINE}/x.ts`, 'process.exit', 'nest-tenant-schemas may not use process.exit'],
    [`${ENGINE}/x.ts`, 'process.exitCode', 'nest-tenant-schemas may not use process.exitCode'],
    [`${ENGINE}/x.ts`, 'console.warn', 'nest-tenant-schemas may not use console.warn'],
    [`${ENGINE}/x.ts`, 'process.nextTick', undefined],
    [`${ENGINE}/commands/x.ts`, 'process.exit', undefined],
    [`${ENGINE}/commands/x.ts`, 'console.warn', 'nest-tenant-schemas may not use console.warn'],
    [`${ENGINE}/commands/x.ts`, 'process.env', 'only config reads process.env'],
  ])('judge in %s the use of %s', (file, use, problem) => {
    expect(globalProblem(file, use)).toBe(problem && `${file}: ${problem}`);
  });

  it('see every form of import and of use', () => {
    const { imports, globals } = readSource(
      'src/polls/x.ts',
      `import a from './a.js'; import type { B } from '../b.js'; export * from '../../c.js';
       import 'd'; const e = await import('e/f'); // import g from 'g'; process.env.H
       process.env.I; process['env']; const { env: j } = process; console.log('process.exit()');`,
    );
    expect(imports).toEqual(['src/polls/a.ts', 'src/b.ts', 'c.ts', 'd', 'e/f']);
    expect(globals).toEqual(['process.env', 'process.env', 'process.env', 'console.log']);
  });
});

describe('the source files', () => {
  const files = readSourceFiles(process.cwd());

  it('import in the right direction only', () => {
    const edges = files.flatMap(({ path, imports }) => imports.map((target) => [path, target]));
    expect(edges).toContainEqual([
      `${ENGINE}/index.ts`,
      `${ENGINE}/core/names/schema-placeholder.ts`,
    ]);
    expect(
      edges.map(([path = '', target = '']) => importProblem(path, target)).filter(Boolean),
    ).toEqual([]);
  });

  it('read the environment in config only, and never print or exit in the engine', () => {
    const problems = files.flatMap(({ path, imports, globals }) =>
      [...globals, ...imports.filter((name) => /^(?:node:)?process$/.test(name))].flatMap(
        (use) => globalProblem(path, use) ?? [],
      ),
    );
    const handsOn = HANDS_ENVIRONMENT_ON.map((path) => `${path}: only config reads process.env`);
    expect([...new Set(problems)].toSorted()).toEqual(handsOn);
  });
});

it('has Markdown without conflict markers', () => {
  const grep = ['grep', '-nE', '^(<{7}|(> ?){7}|={7}$|\\| ={7} )', '--', '*.md'];
  expect(spawnSync('git', grep, { encoding: 'utf8' }).stdout).toBe('');
});
