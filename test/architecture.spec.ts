// Imports run one way: composition, commands, features, the engine's index; and inside the engine from the
// module down to its core. First the rules are seen refusing, then every source file is held against them.
import { globalProblem, importProblem } from './support/architecture-rules.js';
import { readSource, readSourceFiles } from './support/source-files.js';

/** Files that hand the environment on to a child process, and read no setting from it. */
const HANDS_ENVIRONMENT_ON = ['src/database/embedded/processes.ts', 'src/database/embedded/run.ts'];

describe('the rules', () => {
  it.each([
    ['src/main.ts', 'src/app.module.ts'],
    ['src/cli.module.ts', 'src/commands/create-tenant.command.ts'],
    ['src/app.module.ts', 'src/polls/polls.module.ts'],
    ['ormconfig.ts', 'src/database/data-source-options.ts'],
    ['src/database/entities.ts', 'src/polls/poll.entity.ts'],
    ['src/commands/create-tenant.command.ts', 'src/clients/clients.service.ts'],
    ['src/polls/polls.controller.ts', 'src/users/current-user.decorator.ts'],
    ['src/polls/dto/poll.dto.ts', 'src/polls/poll.entity.ts'],
    ['src/clients/client.entity.ts', 'src/tenancy/index.ts'],
    ['src/polls/polls.module.ts', 'src/tenancy/testing/run-in-tenant.ts'],
    ['src/http/error-response.ts', 'src/tenancy/index.ts'],
    ['src/polls/dto/poll.dto.ts', 'class-validator'],
    ['src/tenancy/context/tenant-scope.ts', 'src/tenancy/core/schema-name.ts'],
    ['src/tenancy/core/schema-name.ts', 'src/tenancy/errors/schema-name-invalid.error.ts'],
    ['src/tenancy/connection/tenant-pool.ts', 'src/tenancy/context/tenant-context.ts'],
    ['src/tenancy/schemas/schema-migrator.ts', 'src/tenancy/connection/bound-data-source.ts'],
    ['src/tenancy/tenant.module.ts', 'src/tenancy/resolution/tenant.guard.ts'],
    ['src/tenancy/testing/index.ts', 'src/tenancy/index.ts'],
    ['src/tenancy/connection/tenant-pool.ts', 'typeorm/metadata/RelationMetadata.js'],
    ['src/tenancy/tenant.module.ts', '@nestjs/common'],
    ['src/tenancy/core/ledger-digest.ts', 'node:crypto'],
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
    ['src/http/error.filter.ts', 'src/polls/poll.entity.ts', 'http may not import polls'],
    ['src/config/environment.ts', 'src/tenancy/index.ts', 'config may not import tenancy'],
    ['src/tenancy/index.ts', 'src/clients/client.entity.ts', 'tenancy may not import clients'],
    ['src/tenancy/tenant.module.ts', 'src/config/x.ts', 'tenancy may not import config'],
    [
      'src/polls/polls.module.ts',
      'src/tenancy/tenant.module.ts',
      'only src/tenancy/index.ts is for others, not src/tenancy/tenant.module.ts',
    ],
    [
      'src/main.ts',
      'src/tenancy/core/marker.ts',
      'only src/tenancy/index.ts is for others, not src/tenancy/core/marker.ts',
    ],
    ['src/tenancy/core/x.ts', 'src/tenancy/index.ts', 'in tenancy, core may not import root'],
    ['src/tenancy/index.ts', 'src/tenancy/testing/y.ts', 'in tenancy, root may not import testing'],
    ['src/tenancy/x.ts', 'express', 'tenancy may not import the package express'],
    [
      'src/tenancy/x.ts',
      '@nestjs/platform-fastify',
      'tenancy may not import the package @nestjs/platform-fastify',
    ],
    ['src/tenancy/x.ts', 'pg-cursor', 'tenancy may not import the package pg-cursor'],
    ['src/shop/x.ts', 'typeorm', 'the room src/shop is not in the rules'],
    [
      'src/tenancy/shop/x.ts',
      'src/tenancy/core/y.ts',
      'the room src/tenancy/shop is not in the rules',
    ],
  ])('do not let %s import %s', (file, target, problem) => {
    expect(importProblem(file, target)).toBe(`${file}: ${problem}`);
  });

  it.each([
    ['core', 'context'],
    ['errors', 'context'],
    ['interfaces', 'connection'],
    ['context', 'connection'],
    ['connection', 'schemas'],
    ['connection', 'resolution'],
    ['schemas', 'resolution'],
    ['resolution', 'schemas'],
    ['schemas', 'testing'],
  ])('do not let %s import %s inside the engine', (from, to) => {
    expect(importProblem(`src/tenancy/${from}/x.ts`, `src/tenancy/${to}/y.ts`)).toBe(
      `src/tenancy/${from}/x.ts: in tenancy, ${from} may not import ${to}`,
    );
  });

  it.each([
    ['src/config/environment.ts', 'process.env', undefined],
    ['src/main.ts', 'process.exit', undefined],
    ['src/polls/x.ts', 'process.env', 'only config reads process.env'],
    ['src/polls/x.ts', 'node:process', 'only config reads process.env'],
    ['src/tenancy/x.ts', 'process.env', 'only config reads process.env'],
    ['src/tenancy/x.ts', 'process.exit', 'tenancy may not use process.exit'],
    ['src/tenancy/x.ts', 'process.exitCode', 'tenancy may not use process.exitCode'],
    ['src/tenancy/x.ts', 'console.warn', 'tenancy may not use console.warn'],
    ['src/tenancy/x.ts', 'process.nextTick', undefined],
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
    expect(edges).toContainEqual(['src/tenancy/index.ts', 'src/tenancy/core/marker.ts']);
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
