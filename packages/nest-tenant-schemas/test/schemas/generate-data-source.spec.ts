// Migrations are generated over the connection options of the application's DataSource, with the extensions of its database.
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { SSL, startTlsTerminator } from 'test-support/tls-terminator.js';
import {
  createTenantDataSource,
  type GeneratedMigration,
  loadTenantMigrations,
  type MigrationClass,
  MigrationGenerator,
  type MigrationHistoryName,
  singleTenantMigrations,
  type TenantDataSourceOptions,
} from '../../src/index.js';

const USER = new EntitySchema<{ id: string; name: string; email: string }>({
  name: 'user',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid', primaryKeyConstraintName: 'PK' },
    name: { type: 'text', nullable: true },
  },
});
const PLAN = new EntitySchema({ ...USER.options, name: 'plan', schema: 'public' });

/** A migration of a single-tenant application, or of the shared schema. */
function migration(...statements: string[]): new () => MigrationInterface {
  return class implements MigrationInterface {
    readonly name = 'Create1715028537217';
    async up(queryRunner: QueryRunner): Promise<void> {
      for (const statement of statements) await queryRunner.query(statement);
    }
    async down(): Promise<void> {}
  };
}

const create = (name: string, id = 'DEFAULT uuid_generate_v4()'): string =>
  `CREATE TABLE ${name} ("id" uuid NOT NULL ${id}, CONSTRAINT "PK" PRIMARY KEY ("id"))`;

const CREATE_USER = create('"user"');

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
});

interface Given {
  readonly options?: TenantDataSourceOptions;
  readonly entities?: EntitySchema[];
  readonly single?: readonly (new () => MigrationInterface)[];
  readonly shared?: readonly (new () => MigrationInterface)[];
  readonly history?: MigrationHistoryName;
}

async function generate({
  options = { url: database.directUrl },
  entities = [USER],
  single = [],
  shared = [],
  history = 'tenant',
}: Given): Promise<GeneratedMigration | undefined> {
  const dataSource = await createTenantDataSource({ ...options, entities }).initialize();
  try {
    const tenant = single.length > 0 ? singleTenantMigrations(single) : [];
    const generator = new MigrationGenerator(
      dataSource,
      shared as readonly MigrationClass[],
      await loadTenantMigrations(tenant, dataSource),
    );
    return await generator.generate(history, 'AddName');
  } finally {
    await dataSource.destroy();
  }
}

/** The parts of the address, as an application without a URL gives them. */
function parts(): TenantDataSourceOptions {
  const { hostname, port, username, password } = new URL(database.directUrl);
  return {
    host: hostname,
    port: Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: database.name,
  };
}

describe('the connection', () => {
  it.each([
    ['an empty url', () => ({ url: '', ...parts() })],
    ['a function as password', () => ({ ...parts(), password: () => parts().password as string })],
    ['a URL with a query', () => ({ url: `${database.directUrl}?application_name=generator` })],
  ] as const)('uses %s', async (_, options) => {
    expect(await generate({ options: options() })).toMatchObject({ upStatements: 1 });
  });

  it.each([
    ['ssl', { ssl: SSL }],
    ['extra.ssl', { extra: { ssl: SSL } }],
  ])('is encrypted by %s', async (_, options) => {
    const terminator = await startTlsTerminator(database.directUrl);
    try {
      const address = { ...parts(), host: '127.0.0.1', port: terminator.port };
      const given = { ...address, ...options } as TenantDataSourceOptions;
      expect(await generate({ options: given })).toMatchObject({ upStatements: 1 });
      expect(terminator.encrypted).toBeGreaterThan(1);
    } finally {
      await terminator.close();
    }
  });
});

describe('the extensions', () => {
  const install = (name: string, schema: string): Promise<unknown> =>
    database.sql(
      `CREATE SCHEMA IF NOT EXISTS ${schema}; CREATE EXTENSION ${name} SCHEMA ${schema}`,
    );

  it.each(['public', 'extensions'])(
    'serve the migrations of a single-tenant application from %s',
    async (schema) => {
      await install('"uuid-ossp"', schema);
      await install('pg_trgm', schema);
      const single = [
        migration(
          CREATE_USER,
          'ALTER TABLE "user" ADD "name" text',
          'CREATE INDEX "trgm" ON "user" USING gin ("name" gin_trgm_ops)',
          'DROP INDEX "trgm"',
        ),
      ];
      expect(await generate({ single })).toBeUndefined();
    },
  );

  it('are installed for entities if the database of the application has none', async () => {
    const generated = await generate({ single: [migration(CREATE_USER)] });
    expect(generated?.source).toContain('ALTER TABLE "public"."user" ADD "name" text');
    expect(await database.sql(`SELECT FROM pg_extension WHERE extname = 'uuid-ossp'`)).toEqual([]);
  });

  it.each(['public', 'extensions'])('serve shared migrations from %s', async (schema) => {
    await install('"uuid-ossp"', schema);
    const shared = [migration(create('"public"."plan"'))];
    const generated = await generate({ entities: [PLAN], shared, history: 'shared' });
    expect(generated?.source).toContain('ALTER TABLE "public"."plan" ADD "name" text');
  });

  it.each(['IF NOT EXISTS ', ''])(
    'may be created by shared migrations too, with %j',
    async (condition) => {
      await install('citext', 'extensions');
      const shared = [
        migration(
          `CREATE SCHEMA ${condition}extensions`,
          `CREATE EXTENSION ${condition}citext SCHEMA extensions`,
          `${create('"public"."plan"', 'DEFAULT gen_random_uuid()')}`,
        ),
      ];
      const generated = await generate({ entities: [PLAN], shared, history: 'shared' });
      expect(generated?.source).toContain('ADD "name" text');
    },
  );

  it('serve the new columns of a generated migration', async () => {
    await install('citext', 'public');
    const entity = new EntitySchema({
      ...USER.options,
      columns: { ...USER.options.columns, email: { type: 'citext', nullable: true } },
    });
    const generated = await generate({ entities: [entity], single: [migration(CREATE_USER)] });
    expect(generated?.source).toContain('ADD "email" citext');
  });

  it('do not hide an error of a migration', async () => {
    await install('citext', 'public');
    const single = [migration('SELECT no_such_function()')];
    await expect(generate({ single })).rejects.toThrow('no_such_function() does not exist');
  });
});

it.each([
  [{}, 'gen_random_uuid()'],
  [{ uuidExtension: 'uuid-ossp' }, 'uuid_generate_v4()'],
] as const)('writes the defaults of the options %j', async (options, expected) => {
  const pet = new EntitySchema({
    name: 'pet',
    columns: { id: { type: 'uuid', primary: true, generated: 'uuid' } },
  });
  const generated = await generate({
    options: { url: database.directUrl, ...options },
    entities: [USER, pet],
    single: [migration(CREATE_USER, 'ALTER TABLE "user" ADD "name" text')],
  });
  expect(generated?.source).toContain(expected);
});
