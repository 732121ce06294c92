// The commands in an application that gives them nothing but itself: tenants with a name, and a registry of its own.
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type OnModuleDestroy, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  SchemaMigrator,
  type Tenant,
  tenantDataSourceOptions,
  TenantModule,
  TenantNotFoundError,
  TenantProvisioner,
} from '../../src/index.js';
import {
  CliRuntime,
  type OpenApplication,
  TenantCommandsModule,
  type TenantCommandsOptions,
  TenantSuspension,
  UsageError,
} from '../../src/commands/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { runCommandOf } from './run-command.js';

interface NamedTenant extends Tenant {
  readonly name: string;
  readonly lockedBy?: string | null;
}

const ACME: NamedTenant = {
  id: '00000000-0000-4000-8000-00000000000a',
  schema: 'acme',
  name: 'Acme',
};
const GLOBEX: NamedTenant = {
  id: '00000000-0000-4000-8000-00000000000b',
  schema: 'globex',
  name: 'Globex',
};

class CreateNotes1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE "__tenant__"."notes" (text text NOT NULL)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "__tenant__"."notes"');
  }
}

const NOTE = new EntitySchema<{ text: string }>({
  name: 'note',
  tableName: 'notes',
  columns: { text: { type: 'text', primary: true } },
});

let database: TestDatabase;
let entities: EntitySchema[];
let registry: MemoryRegistry;

/** What happens to the application, in order. */
const events: string[] = [];

class Witness implements OnModuleDestroy {
  onModuleDestroy(): void {
    events.push('closed');
  }
}

const open: OpenApplication = async (_options, onEnd) => {
  onEnd(async () => events.push('released'));
  events.push('opened');
  return NestFactory.createApplicationContext(
    {
      module: class ApplicationModule {},
      imports: [
        TypeOrmModule.forRoot({
          ...tenantDataSourceOptions({ url: database.url, entities, poolSize: 2 }),
          retryAttempts: 1,
        }),
        TenantModule.forRoot({ registry, tenantMigrations: [CreateNotes1700000000000] }),
      ],
      providers: [Witness],
    },
    { logger: false, abortOnError: false },
  );
};

const commandsWith = (options: Partial<TenantCommandsOptions> = {}): Type => {
  @Module({ imports: [TenantCommandsModule.register({ open, ...options })] })
  class Commands {}
  return Commands;
};

const run = (...words: string[]): Promise<string> => runCommandOf(commandsWith(), ...words);

const schemas = (): Promise<unknown[]> =>
  database.sql(
    `SELECT table_schema FROM information_schema.tables WHERE table_name = 'notes' ORDER BY 1`,
  );

const named = (...names: string[]): unknown[] => names.map((name) => ({ table_schema: name }));

beforeEach(async () => {
  entities = [];
  database = await createTestDatabase();
  registry = new MemoryRegistry();
  await new CliRuntime(open).use(TenantProvisioner, async (provisioner) => {
    for (const tenant of [ACME, GLOBEX]) await provisioner.create(tenant);
  });
  events.length = 0;
});

afterEach(() => database.drop());

it('lists tenants by their name, schema and id', async () => {
  expect(await run('list-tenants')).toBe(
    `NAME    SCHEMA  ID
Acme    acme    ${ACME.id}
Globex  globex  ${GLOBEX.id}
`,
  );
  expect(JSON.parse(await run('list-tenants', '--json'))).toEqual([ACME, GLOBEX]);
  registry.tenants.clear();
  expect(await run('list-tenants')).toBe('There are no tenants yet.\n');
});

it('calls a tenant without a name by its schema', async () => {
  registry.tenants.set(ACME.id, { id: ACME.id, schema: ACME.schema });
  expect(JSON.parse(await run('delete-tenant', 'acme', '--force', '--json'))).toEqual({
    id: ACME.id,
    schema: 'acme',
  });
  registry.tenants.set(GLOBEX.id, { id: GLOBEX.id, schema: GLOBEX.schema });
  expect(await run('delete-tenant', 'globex', '--force')).toBe(
    'Deleted tenant "globex" with its schema globex.\n',
  );
  expect(await schemas()).toEqual([]);
});

it('renames a tenant and its schema', async () => {
  expect(await run('rename-tenant', 'acme', '--name', 'Acme Ltd', '--schema', 'acme_ltd')).toBe(
    'The tenant in schema acme is now "Acme Ltd" in schema acme_ltd.\n',
  );
  expect(registry.tenants.get(ACME.id)).toEqual({ ...ACME, name: 'Acme Ltd', schema: 'acme_ltd' });
  expect(await schemas()).toEqual(named('acme_ltd', 'globex'));
});

it('adopts a schema of no tenant', async () => {
  await database.sql('CREATE SCHEMA initech; CREATE TABLE initech.notes (text text NOT NULL)');
  const printed = await run('adopt-schema', 'initech', '--name', 'Initech', '--applied', 'all');
  const adopted = [...registry.tenants.values()].find(({ schema }) => schema === 'initech');
  expect(adopted).toEqual({ id: adopted?.id, name: 'Initech', schema: 'initech' });
  expect(printed).toBe(`Adopted schema initech as tenant "Initech".\n  id  ${adopted?.id}\n`);
  expect(await run('doctor')).toBe('No problems found.\n');
});

it('generates a migration into a folder', async () => {
  expect(await run('generate-migration', 'AddKey')).toBe(
    'The tenant migrations match the entities. No migration was written.\n',
  );
  entities = [NOTE];
  const dir = await mkdtemp(join(tmpdir(), 'generated-'));
  try {
    const printed = await run('generate-migration', 'AddKey', '--dir', join(dir, 'new'));
    const [file = ''] = await readdir(join(dir, 'new'));
    expect(file).toMatch(/^\d{13}-add-key\.ts$/);
    expect(printed).toContain(`Wrote ${join(dir, 'new', file)} (1 statement).`);
    expect(await readFile(join(dir, 'new', file), 'utf8')).toContain('ADD CONSTRAINT');
    const nothing: unknown = JSON.parse(await run('generate-migration', 'A', '--shared', '--json'));
    expect(nothing).toEqual({ file: null, statements: 0, risks: [] });
  } finally {
    await rm(dir, { recursive: true });
  }
});

it('generates a migration beside the newest one of the source', async () => {
  const application = await mkdtemp(join(tmpdir(), 'application-'));
  const before = process.cwd();
  process.chdir(application);
  try {
    entities = [NOTE];
    const inFolder = async (command: string): Promise<string> =>
      /Wrote (\S+)\//.exec(await run('generate-migration', command))?.[1] ?? 'nothing';
    expect(await inFolder('AddKey')).toBe(join('src', 'migrations'));
    const folder = join('src', 'database', 'history');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '1700000000000-create-notes.ts'), '');
    expect(await inFolder('AddKey')).toBe(folder);
  } finally {
    process.chdir(before);
    await rm(application, { recursive: true });
  }
});

it('clones a tenant into another one', async () => {
  const printed = await run('clone-tenant', 'acme', '--name', 'Staging', '--schema', 'staging');
  const clone = [...registry.tenants.values()].find(({ schema }) => schema === 'staging');
  expect(clone).toEqual({ id: clone?.id, name: 'Staging', schema: 'staging' });
  expect(printed).toBe(
    `Cloned acme into tenant "Staging" in schema staging.\n  id  ${clone?.id}\n`,
  );
  expect(await schemas()).toEqual(named('acme', 'globex', 'staging'));
});

it('migrates the schemas of tenants', async () => {
  await database.sql('DROP SCHEMA acme CASCADE; CREATE SCHEMA acme');
  const printed = await run('migrate-schemas', '--tenant');
  expect(
    printed
      .replaceAll(/\d+ ms/g, 'n ms')
      .trim()
      .split('\n')
      .toSorted(),
  ).toEqual(['acme: applied CreateNotes1700000000000 (n ms)', 'globex: up to date (n ms)']);
  expect(await run('migrations-status', '--schema', 'acme')).toBe('acme: up to date (1 applied)\n');
});

it.each([
  [['rename-tenant', 'acme', '--schema', 'Public'], '--schema must'],
  [['rename-tenant', 'acme', '--name', ' '], '--name must not be blank'],
  [['clone-tenant', 'acme', '--name', 'X', '--schema', 'pg_x'], '--schema must'],
])('does not open the application for %j', async (words, problem) => {
  const outcome = run(...words);
  await expect(outcome).rejects.toThrow(problem);
  await expect(outcome).rejects.toBeInstanceOf(UsageError);
  expect(events).toEqual([]);
});

it('closes the application and then releases, also if the command fails', async () => {
  await run('list-tenants');
  expect(events.splice(0)).toEqual(['opened', 'closed', 'released']);
  await expect(run('delete-tenant', 'unknown', '--force')).rejects.toThrow(TenantNotFoundError);
  expect(events).toEqual(['opened', 'closed', 'released']);
});

it('releases if the application does not open', async () => {
  const runtime = new CliRuntime(async (_options, onEnd) => {
    onEnd(async () => events.push('first'));
    onEnd(async () => events.push('second'));
    throw new Error('no server');
  });
  await expect(runtime.use(SchemaMigrator, async () => undefined)).rejects.toThrow('no server');
  expect(events).toEqual(['second', 'first']);
});

describe('suspension', () => {
  it('has no commands unless the application can suspend tenants', async () => {
    await expect(run('suspend-tenant', 'acme')).rejects.toThrow("unknown command 'suspend-tenant'");
  });

  it('is the column `suspended` by default, and never cloned', async () => {
    const commands = commandsWith({ suspension: TenantSuspension });
    expect(await runCommandOf(commands, 'suspend-tenant', 'acme')).toBe(
      'Suspended tenant "Acme" in schema acme.\n',
    );
    expect(registry.tenants.get(ACME.id)).toEqual({ ...ACME, suspended: true });
    await runCommandOf(commands, 'clone-tenant', 'acme', '--name', 'Copy', '--schema', 'copy');
    const clone = [...registry.tenants.values()].find(({ schema }) => schema === 'copy');
    expect(clone).toMatchObject({ name: 'Copy', suspended: false });
    expect(await runCommandOf(commands, 'suspend-tenant', 'acme')).toBe(
      'Nothing to do: tenant "Acme" in schema acme is already suspended.\n',
    );
  });

  it("is another column by the application's own class", async () => {
    class Lock extends TenantSuspension<NamedTenant> {
      override isSuspended({ lockedBy }: NamedTenant): boolean {
        return typeof lockedBy === 'string';
      }

      override changes(suspended: boolean): { lockedBy: string | null } {
        return { lockedBy: suspended ? 'operator' : null };
      }
    }
    const commands = commandsWith({ suspension: Lock });
    await runCommandOf(commands, 'suspend-tenant', 'acme');
    expect(registry.tenants.get(ACME.id)).toEqual({ ...ACME, lockedBy: 'operator' });
    expect(await runCommandOf(commands, 'resume-tenant', 'acme')).toBe(
      'Resumed tenant "Acme" in schema acme.\n',
    );
    expect(registry.tenants.get(ACME.id)).toEqual({ ...ACME, lockedBy: null });
  });
});
