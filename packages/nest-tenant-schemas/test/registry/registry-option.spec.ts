// Where tenants are if the application says it: in the table of an entity, in a fixed list, or in a provider.
import { Injectable } from '@nestjs/common';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import {
  SchemaMigrator,
  TENANT_REGISTRY,
  TenancyOptionsError,
  type Tenant,
  TenantConflictError,
  TenantProvisioner,
  type TenantRegistry,
  TenantRenamer,
} from '../../src/index.js';
import { A, B, Note } from '../tenancy/support.js';

import { useServedApplication } from './served-application.js';

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

/** An entity of the application without a column `schema`. */
@Entity({ name: 'regions', schema: 'public' })
class Region {
  @PrimaryColumn('uuid')
  id!: string;
}

const served = useServedApplication([Customer, Region]);

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
    await provisioner.create(A);
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
