// Where tenants are if the application says it: in the table of an entity, in a fixed list, or in a provider.
import { Injectable } from '@nestjs/common';
import { Column, DataSource, Entity, PrimaryColumn, type QueryRunner } from 'typeorm';
import {
  CreateTenantsTable1400000000000,
  type NewTenant,
  SchemaMigrator,
  TENANT_REGISTRY,
  TenancyOptionsError,
  type Tenant,
  TenantConflictError,
  TenantManager,
  TenantProvisioner,
  type TenantRegistry,
  TenantRenamer,
} from '../../src/index.js';
import { A, B, Note } from '../tenancy/support.js';

import { codeOf, useServedApplication } from './served-application.js';

/** Tenants in a table of the application. */
@Entity({ name: 'customers', schema: 'public' })
class Customer implements Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'text', unique: true })
  schema!: string;

  @Column({ type: 'text', unique: true })
  name!: string;

  @Column({ type: 'text', default: 'free' })
  plan?: string;
}

/** Tenants whose columns have other names in the database. */
@Entity({ name: 'renamed', schema: 'public' })
class Renamed implements Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'text', name: 'schema_name' })
  schema!: string;

  @Column({ type: 'text', name: 'title' })
  name!: string;
}

/** The engine's own table, with a column of the application. */
@Entity({ name: 'tenants', schema: 'public' })
class Own implements Tenant {
  @PrimaryColumn('uuid')
  id!: string;

  @Column({ type: 'text' })
  schema!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'text' })
  plan?: string;
}

class AddPlan1700000000001 {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      "ALTER TABLE public.tenants ADD COLUMN plan text NOT NULL DEFAULT 'free'",
    );
  }

  async down(): Promise<void> {}
}

/** An entity of the application without a column `schema`. */
@Entity({ name: 'regions', schema: 'public' })
class Region {
  @PrimaryColumn('uuid')
  id!: string;
}

const served = useServedApplication([Customer, Region, Renamed, Own]);

const notesOf = ({ id }: Tenant): Promise<[number, unknown]> =>
  served.request({ 'X-Tenant-ID': id });

describe('an entity of the application', () => {
  beforeEach(() =>
    served.database.sql(
      `CREATE TABLE public.customers (id uuid PRIMARY KEY, schema text NOT NULL UNIQUE, name text NOT NULL UNIQUE, plan text NOT NULL DEFAULT 'free')`,
    ),
  );

  const acme: Customer = { ...A, name: 'Acme', plan: 'paid' };

  it('keeps the tenants, with its own columns', async () => {
    const app = await served.start({ registry: { entity: Customer } as never });
    const provisioner = app.get<TenantProvisioner<Customer>>(TenantProvisioner);
    await provisioner.create(acme);
    expect(await notesOf(acme)).toEqual([200, []]);
    const registry = app.get<TenantRegistry<Customer>>(TENANT_REGISTRY);
    expect(await registry.findBySchema?.(A.schema)).toEqual(acme);
    expect(await registry.findByName?.('Acme')).toEqual(acme);
    await expect(provisioner.create({ ...B, name: 'Acme' })).rejects.toEqual(
      new TenantConflictError('tenant name "Acme"'),
    );
    const renamer = app.get<TenantRenamer<Customer>>(TenantRenamer);
    expect(await renamer.rename(acme, { name: 'Acme Inc' })).toMatchObject({ plan: 'paid' });
    await provisioner.drop(acme);
    expect(await served.database.sql('SELECT id FROM public.customers')).toEqual([]);
    expect(await served.database.sql(`SELECT FROM pg_class WHERE relname = 'tenants'`)).toEqual([]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty text', ''],
  ])('is not searched for %s of a resolver', async (_, id) => {
    const app = await served.start({
      registry: { entity: Customer } as never,
      resolver: { resolve: () => id as never },
    });
    await app.get(TenantProvisioner).create(acme as Tenant);
    expect(codeOf(await served.request({}))).toEqual([400, 'TENANT_HEADER_MISSING']);
    const registry = app.get<TenantRegistry<Customer>>(TENANT_REGISTRY);
    expect(await registry.find(id as never)).toBeUndefined();
    expect(await registry.findBySchema?.(id as never)).toBeUndefined();
    const manager = app.get(DataSource).manager;
    await expect(registry.remove?.(manager, { schema: A.schema } as never)).rejects.toThrow(
      'A tenant must have an id and a schema.',
    );
  });

  it('answers 404 to an id that its column cannot hold', async () => {
    await served.start({
      registry: { entity: Customer } as never,
      resolver: { resolve: () => 'no-uuid' },
    });
    expect(codeOf(await notesOf(A))).toEqual([404, 'TENANT_NOT_FOUND']);
  });

  it('names the column that is taken, whatever the database calls it', async () => {
    await served.database.sql(
      'CREATE TABLE public.renamed (id uuid PRIMARY KEY, schema_name text UNIQUE, title text UNIQUE)',
    );
    const app = await served.start({ registry: { entity: Renamed } as never });
    const tenants = app.get<TenantManager<Renamed>>(TenantManager);
    await tenants.create({ schema: 'one', name: 'One' });
    const again = (columns: NewTenant<Renamed>): Promise<unknown> => tenants.create(columns);
    await expect(again({ schema: 'one', name: 'Two' })).rejects.toEqual(
      new TenantConflictError('schema "one"'),
    );
    await expect(again({ schema: 'two', name: 'One' })).rejects.toEqual(
      new TenantConflictError('tenant name "One"'),
    );
  });

  it('can be the table that the engine created, with columns of its own', async () => {
    const before = await served.start();
    await before.get(TenantManager).create({ schema: 'one', name: 'One' } as never);
    await before.close();
    const after = await served.start({
      registry: { entity: Own } as never,
      sharedMigrations: [CreateTenantsTable1400000000000, AddPlan1700000000001],
    });
    const tenants = after.get<TenantManager<Own>>(TenantManager);
    expect(await tenants.getBySchema('one')).toMatchObject({ name: 'One', plan: 'free' });
    await after.close();
    const elsewhere = await served.start({
      registry: { tenants: [A] } as never,
      sharedMigrations: [AddPlan1700000000001],
    });
    expect((await elsewhere.get(SchemaMigrator).sharedStatus()).pending).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['is not in the DataSource', class Unknown {}, 'must be an entity of the DataSource'],
    ["is one of the tenants' own tables", Note, `Declare it as @Entity({ schema: 'public' })`],
    ['has no column for the schema', Region, 'must have a column schema (Region has none)'],
  ])('is rejected at start-up if it %s', async (_, entity, problem) => {
    await expect(served.start({ registry: { entity } as never })).rejects.toThrow(problem);
  });
});

describe('a fixed list', () => {
  it('serves its tenants once their schemas are created', async () => {
    const tenants = [{ ...A, id: A.id.toUpperCase() }, B];
    const app = await served.start({ registry: { tenants } as never });
    const provisioner = app.get(TenantProvisioner);
    await provisioner.create(tenants[0] as Tenant);
    expect(await notesOf(A)).toEqual([200, []]);
    expect((await notesOf(B))[0]).not.toBe(200);
    await expect(
      provisioner.create({ id: crypto.randomUUID(), schema: 'tenant_c' }),
    ).rejects.toThrow('must have the tenant before it is created');
    await provisioner.drop(A);
    expect(
      await served.database.sql(`SELECT FROM pg_namespace WHERE nspname LIKE 'tenant_%'`),
    ).toEqual([]);
  });

  it('is rejected at start-up if it repeats a schema', async () => {
    const tenants = [A, { ...B, schema: A.schema }];
    await expect(served.start({ registry: { tenants } as never })).rejects.toThrow(
      TenancyOptionsError,
    );
  });
});

describe('a provider of the application', () => {
  @Injectable()
  class FromDatabase implements TenantRegistry {
    constructor(private readonly dataSource: DataSource) {}

    async find(id: string): Promise<Tenant | undefined> {
      const rows: Tenant[] = await this.dataSource.query(
        'SELECT id, schema FROM public.my_tenants WHERE id = $1',
        [id],
      );
      return rows[0];
    }

    async *all(): AsyncGenerator<Tenant> {
      yield* (await this.dataSource.query('SELECT id, schema FROM public.my_tenants')) as Tenant[];
    }
  }

  class Incomplete {
    find(): void {}
  }

  it('is created with its dependencies', async () => {
    await served.database.sql(
      `CREATE TABLE public.my_tenants (id uuid, schema text);
       INSERT INTO public.my_tenants VALUES ('${A.id}', 'tenant_a'); CREATE SCHEMA tenant_a`,
    );
    const app = await served.start({ registry: FromDatabase as never });
    const migrated: string[] = [];
    for await (const { schema } of app.get(SchemaMigrator).migrateAll({ tenants: true })) {
      migrated.push(schema);
    }
    expect(migrated).toEqual(['tenant_a']);
    expect(await notesOf(A)).toEqual([200, []]);
  });

  it('is rejected at start-up if it lacks a method', async () => {
    await expect(served.start({ registry: Incomplete as never })).rejects.toThrow(
      'has no method all()',
    );
  });
});

it('rejects a change listener without a channel if the table is not the engine’s', async () => {
  await expect(
    served.start({ registry: { tenants: [A] } as never, changeListener: {} }),
  ).rejects.toThrow('must name the channel');
});
