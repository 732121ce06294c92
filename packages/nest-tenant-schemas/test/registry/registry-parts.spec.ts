// Reading is the only required part of a registry: with it an application serves requests and migrates schemas. What
// needs another part fails before it changes anything, with an error that names the missing method.
import {
  Controller,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import {
  type ChangeListenerOptions,
  SchemaMigrator,
  TENANT_ANNOUNCER,
  TenancyOptionsError,
  type Tenant,
  type TenantAnnouncer,
  TenantCloner,
  TenantModule,
  TenantProvisioner,
  type TenantRegistry,
  TenantRenamer,
} from '../../src/index.js';
import { MemoryRegistry } from 'test-support/memory-registry.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, B, createTwoTenants, Note, openTenantDataSource } from '../tenancy/support.js';

const NEW: Tenant = { id: '00000000-0000-4000-8000-00000000000c', schema: 'tenant_c' };

/** The required part, over a list. */
class ReadingRegistry implements TenantRegistry {
  find(id: string): Promise<Tenant | undefined> {
    return Promise.resolve([A, B].find((tenant) => tenant.id === id));
  }

  async *all(): AsyncGenerator<Tenant> {
    yield* [A, B];
  }
}

@Controller('notes')
class NotesController {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  @Get()
  async read(): Promise<string[]> {
    return (await this.notes.find()).map(({ text }) => text);
  }
}

/** A cache of the application's own. */
@Injectable()
class Subscriber {
  constructor(@Inject(TENANT_ANNOUNCER) changes: TenantAnnouncer) {
    changes.onChange(() => undefined);
  }
}

let database: TestDatabase;
let dataSource: DataSource;
let app: INestApplication | undefined;

beforeEach(async () => {
  database = await createTwoTenants();
  dataSource = await openTenantDataSource(database, { poolSize: 2 });
});

afterEach(async () => {
  await app?.close();
  app = undefined;
  // A start-up that failed has closed nothing.
  if (dataSource.isInitialized) await dataSource.destroy();
  await database.drop();
});

async function start(
  registry: object,
  providers: Type[] = [],
  changeListener?: ChangeListenerOptions,
): Promise<INestApplication> {
  const module = {
    module: class ApplicationModule {},
    imports: [
      TypeOrmModule.forRootAsync({
        useFactory: () => dataSource.options,
        dataSourceFactory: () => Promise.resolve(dataSource),
      }),
      TenantModule.forRoot({
        registry: registry as TenantRegistry,
        ...(changeListener && { changeListener }),
      }),
      TenantModule.forFeature([Note]),
    ],
    controllers: [NotesController],
    providers,
  };
  const started = await NestFactory.create(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app = started;
  await started.listen(0, '127.0.0.1');
  return started;
}

async function readNotes({ id }: Tenant): Promise<unknown> {
  const response = await fetch(`${await app?.getUrl()}/notes`, { headers: { 'X-Tenant-ID': id } });
  return response.json();
}

const schemas = (): Promise<unknown[]> =>
  database.sql(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant%' ORDER BY nspname`);

const missing = (method: string): TenancyOptionsError =>
  expect.objectContaining({
    code: 'OPTIONS_INVALID',
    message: expect.stringMatching(
      `^TenantModule: registry has no method ${method}\\(\\), which is needed to [a-z ']+\\. Implement it`,
    ),
  }) as TenancyOptionsError;

it('serves requests and migrates schemas with a registry that only reads', async () => {
  const reading = await start(new ReadingRegistry());
  await database.sql(
    `INSERT INTO tenant_a.notes (text) VALUES ('of a'); INSERT INTO tenant_b.notes (text) VALUES ('of b')`,
  );
  expect(await Promise.all([A, B].map(readNotes))).toEqual([['of a'], ['of b']]);
  const migrated: unknown[] = [];
  for await (const { schema, error } of reading.get(SchemaMigrator).migrateAll({ tenants: true })) {
    migrated.push([schema, error]);
  }
  expect(migrated.toSorted()).toEqual([
    [A.schema, undefined],
    [B.schema, undefined],
  ]);
});

type Operation = (application: INestApplication) => Promise<unknown>;

const OPERATIONS: readonly [name: string, method: string, operation: Operation][] = [
  ['create', 'insert', (each) => each.get(TenantProvisioner).create(NEW)],
  ['clone', 'insert', (each) => each.get(TenantCloner).clone(B, NEW)],
  ['rename', 'update', (each) => each.get(TenantRenamer).rename(A, { schema: NEW.schema })],
  ['drop', 'remove', (each) => each.get(TenantProvisioner).drop(A)],
];

it.each(OPERATIONS)('does not %s a tenant without %s()', async (_name, method, operation) => {
  const reading = await start(new ReadingRegistry());
  const before = await schemas();
  await expect(operation(reading)).rejects.toEqual(missing(method));
  expect(await schemas()).toEqual(before);
});

it.each(OPERATIONS.filter(([name]) => name !== 'clone'))(
  'control: %s changes the schemas once the registry has %s()',
  async (_name, _method, operation) => {
    const writing = await start(new MemoryRegistry([A, B]));
    const before = await schemas();
    await operation(writing);
    expect(await schemas()).not.toEqual(before);
  },
);

it('announces nothing without notifyChange()', async () => {
  const announcer = (await start(new ReadingRegistry())).get<TenantAnnouncer>(TENANT_ANNOUNCER);
  await expect(announcer.notifyChange({} as EntityManager, A)).rejects.toEqual(
    missing('notifyChange'),
  );
});

it('rejects at start-up a subscriber to changes that the registry does not announce', async () => {
  await expect(start(new ReadingRegistry(), [Subscriber])).rejects.toEqual(missing('onChange'));
  // Control: the same subscriber starts with a registry that announces them.
  await expect(start(new MemoryRegistry([A, B]), [Subscriber])).resolves.toBeDefined();
});

const readsOf = new ReadingRegistry();

it.each([
  ['find', { all: readsOf.all }],
  ['all', { find: readsOf.find }],
  ['all', { find: readsOf.find, all: [A, B] }],
  ['find', null],
])('rejects at start-up a registry without %s()', async (method, registry) => {
  await expect(start(registry as object)).rejects.toEqual(missing(method));
});

it('rejects at start-up a change listener beside a registry that announces changes', async () => {
  await expect(start(new MemoryRegistry([A, B]), [], { channel: 'tenants' })).rejects.toThrow(
    'TenantModule: changeListener must be omitted if the registry announces changes itself',
  );
});

it.each(['', 'a\0b', 'é'.repeat(32), 7])('rejects at start-up the channel %j', async (channel) => {
  await expect(start(new ReadingRegistry(), [], { channel: channel as string })).rejects.toThrow(
    /^TenantModule: changeListener\.channel must be a name of 1 to 63 bytes/,
  );
});
