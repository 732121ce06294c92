// The option seed: rows that every new tenant begins with, by a function or by a provider with repositories.
import { Injectable, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Column, Entity, type EntityManager, PrimaryColumn, Repository } from 'typeorm';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  SchemaAdopter,
  SchemaDoctor,
  SchemaMigrator,
  type TableTenant,
  tenantContext,
  tenantDataSourceOptions,
  TenantManager,
  TenantModule,
  type TenantModuleOptions,
  type TenantSeeder,
} from '../../src/index.js';
import { type OpenApplication, TenantCommandsModule } from '../../src/commands/index.js';
import { createTestTenant } from '../../src/testing/index.js';
import { runCommandOf } from '../commands/run-command.js';

@Entity('roles')
class Role {
  @PrimaryColumn({ type: 'text' }) name!: string;
  @Column({ type: 'text' }) writtenBy!: string;
}

class CreateRoles1700000000000 {
  async up(queryRunner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await queryRunner.query(
      'CREATE TABLE "__tenant__".roles (name text PRIMARY KEY, "writtenBy" text NOT NULL)',
    );
  }

  async down(): Promise<void> {}
}

@Injectable()
class RolesService {
  constructor(@InjectRepository(Role) private readonly roles: Repository<Role>) {}

  async add(name: string): Promise<void> {
    const { schema } = tenantContext.require();
    if (!(await this.roles.existsBy({ name }))) await this.roles.save({ name, writtenBy: schema });
  }
}

/** As an application writes it for a single tenant: its services take repositories. */
@Injectable()
class RolesSeed implements TenantSeeder {
  constructor(private readonly roles: RolesService) {}

  async seed(): Promise<void> {
    await this.roles.add('admin');
    await this.roles.add('user');
    if (tenantContext.require().schema === 'failing') throw new Error('no roles');
  }
}

/** Is a provider of a feature, not of the module that imports TenantModule. */
@Module({ imports: [TypeOrmModule.forFeature([Role])], providers: [RolesService, RolesSeed] })
class RolesModule {}

const byFunction = async (
  manager: EntityManager,
  { schema }: { schema: string },
): Promise<void> => {
  await manager.insert(Role, { name: 'admin', writtenBy: schema });
  await manager.insert(Role, { name: 'user', writtenBy: schema });
  if (schema === 'failing') throw new Error('no roles');
};

let database: TestDatabase;
let opened: INestApplicationContext[];

beforeEach(async () => {
  database = await createTestDatabase();
  opened = [];
});

afterEach(async () => {
  for (const application of opened) await application.close();
  await database.drop();
});

type Seed = TenantModuleOptions['seed'];

async function open(seed: Seed): Promise<INestApplicationContext> {
  @Module({
    imports: [
      TypeOrmModule.forRoot(
        tenantDataSourceOptions({ url: database.url, entities: [Role], poolSize: 3 }),
      ),
      TenantModule.forRoot({ tenantMigrations: [CreateRoles1700000000000], ...(seed && { seed }) }),
      RolesModule,
    ],
  })
  class AppModule {}

  const application = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
    abortOnError: false,
  });
  opened.push(application);
  const { error } = await application.get(SchemaMigrator).migrateShared();
  if (error) throw error;
  return application;
}

const rolesOf = async (schema: string): Promise<unknown[]> =>
  (await database.sql(`SELECT name, "writtenBy" FROM ${schema}.roles ORDER BY name`)).map(
    ({ name, writtenBy }: Record<string, unknown>) => `${String(name)} of ${String(writtenBy)}`,
  );

const seededIn = (schema: string): string[] => [`admin of ${schema}`, `user of ${schema}`];

describe.each<[string, Seed]>([
  ['a function', byFunction],
  ['a provider with repositories', RolesSeed],
])('%s', (_name, seed) => {
  it('seeds each new tenant, before the rows of the caller', async () => {
    const application = await open(seed);
    const tenants = application.get<TenantManager<TableTenant>>(TenantManager);
    await tenants.create({ name: 'One', schema: 'one' });
    await tenants.create({ name: 'Two', schema: 'two' }, async (manager) => {
      await manager.insert(Role, { name: 'zoo', writtenBy: `${await manager.count(Role)}` });
    });
    expect(await rolesOf('one')).toEqual(seededIn('one'));
    expect(await rolesOf('two')).toEqual([...seededIn('two'), 'zoo of 2']);
    const { tenant } = await createTestTenant(application, {
      seed: async (manager) => {
        await manager.update(Role, { name: 'user' }, { writtenBy: 'test' });
      },
    });
    expect(await rolesOf(tenant.schema)).toEqual([`admin of ${tenant.schema}`, 'user of test']);
    for await (const finding of application.get(SchemaDoctor).examine()) {
      throw new Error(finding.problem);
    }
  });

  it('leaves nothing of a tenant behind if it fails', async () => {
    const application = await open(seed);
    const tenants = application.get<TenantManager<TableTenant>>(TenantManager);
    await expect(tenants.create({ name: 'F', schema: 'failing' })).rejects.toThrow('no roles');
    expect(await database.sql('SELECT FROM public.tenants')).toEqual([]);
    expect(await database.sql("SELECT FROM pg_namespace WHERE nspname = 'failing'")).toEqual([]);
  });

  it('does not seed clones and adopted schemas', async () => {
    const application = await open(seed);
    const tenants = application.get<TenantManager<TableTenant>>(TenantManager);
    await tenants.create({ name: 'One', schema: 'one' });
    await tenants.clone('one', () => ({ name: 'Copy', schema: 'copy' }));
    expect(await rolesOf('copy')).toEqual(seededIn('one'));
    await tenants.clone('one', () => ({ name: 'Empty', schema: 'empty' }), { withData: false });
    expect(await rolesOf('empty')).toEqual([]);
    await database.sql(
      'CREATE SCHEMA own; CREATE TABLE own.roles (name text PRIMARY KEY, "writtenBy" text NOT NULL)',
    );
    const adopter = application.get<SchemaAdopter<TableTenant>>(SchemaAdopter);
    await adopter.adoptSchema({ name: 'Own', schema: 'own' }, { applied: 'all' });
    expect(await rolesOf('own')).toEqual([]);
  });

  it('seeds the tenant of create-tenant', async () => {
    const application: OpenApplication = () => open(seed);
    @Module({ imports: [TenantCommandsModule.register({ open: application })] })
    class Commands {}
    await runCommandOf(Commands, 'create-tenant', '--name', 'One');
    opened = [];
    expect(await rolesOf('one')).toEqual(seededIn('one'));
  });
});

it('creates empty tenants without the option', async () => {
  const application = await open(undefined);
  await application
    .get<TenantManager<TableTenant>>(TenantManager)
    .create({ name: 'One', schema: 'one' });
  expect(await rolesOf('one')).toEqual([]);
});

it('rejects at startup a class that no module provides', async () => {
  class Unknown implements TenantSeeder {
    async seed(): Promise<void> {}
  }
  await expect(open(Unknown)).rejects.toThrow(
    'TenantModule: seed (Unknown) must be a provider without a request scope. Add it to the providers of a module',
  );
});
