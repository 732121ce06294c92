// Without the option `registry`, tenants are rows of the engine's own table.
import { type INestApplication } from '@nestjs/common';
import {
  type TableTenant,
  TENANT_REGISTRY,
  type Tenant,
  TenantConflictError,
  TenantProvisioner,
  type TenantRegistry,
  TenantRenamer,
} from '../../src/index.js';
import { until } from 'test-support/poll.js';
import { A, B } from '../tenancy/support.js';

import { codeOf, useServedApplication } from './served-application.js';

const served = useServedApplication();

const notesOf = ({ id }: Tenant): Promise<[number, unknown]> =>
  served.request({ 'X-Tenant-ID': id });

describe("the engine's own table", () => {
  const acme: TableTenant = { ...A, name: 'Acme' };
  const globex: TableTenant = { ...B, name: 'Globex' };

  let app: INestApplication;

  async function create(...tenants: TableTenant[]): Promise<TenantProvisioner<TableTenant>> {
    app = await served.start();
    const provisioner = app.get<TenantProvisioner<TableTenant>>(TenantProvisioner);
    for (const tenant of tenants) await provisioner.create(tenant);
    return provisioner;
  }

  it('serves tenants without any option', async () => {
    await create(acme);
    expect(await notesOf(acme)).toEqual([200, []]);
    expect(
      await served.database.sql('SELECT id, name, schema, suspended FROM public.tenants'),
    ).toEqual([{ id: acme.id, name: 'Acme', schema: acme.schema, suspended: false }]);
  });

  it('reads tenants by id, by schema, by name, and all of them by schema', async () => {
    await create(globex, acme);
    const registry = app.get<TenantRegistry<TableTenant>>(TENANT_REGISTRY);
    const row = expect.objectContaining({ ...acme, suspended: false }) as unknown;
    expect(await registry.find(acme.id)).toEqual(row);
    expect(await registry.findBySchema?.(acme.schema)).toEqual(row);
    expect(await registry.findByName?.('Acme')).toEqual(row);
    expect(await registry.find(crypto.randomUUID())).toBeUndefined();
    const schemas: string[] = [];
    for await (const { schema } of registry.all()) schemas.push(schema);
    expect(schemas).toEqual([acme.schema, globex.schema]);
  });

  it.each<[string, TableTenant, string]>([
    ['an id', { ...B, id: A.id, name: 'Other' }, `id ${A.id}`],
    ['a schema', { ...B, schema: A.schema, name: 'Other' }, `schema "${A.schema}"`],
    ['a name in other case', { ...B, name: 'ACME' }, 'tenant name "ACME"'],
  ])('rejects %s that is taken, and leaves nothing behind', async (_, tenant, taken) => {
    const provisioner = await create(acme);
    await expect(provisioner.create(tenant)).rejects.toEqual(new TenantConflictError(taken));
    expect(await served.database.sql('SELECT schema FROM public.tenants')).toEqual([
      { schema: A.schema },
    ]);
  });

  it('rejects a suspended tenant on the next request after its row changed by hand', async () => {
    await create(acme, globex);
    expect(await notesOf(acme)).toEqual([200, []]);
    await served.database.sql('UPDATE public.tenants SET suspended = true WHERE id = $1', [
      acme.id,
    ]);
    await until('the suspension', async () => (await notesOf(acme))[0] === 403);
    expect(codeOf(await notesOf(acme))).toEqual([403, 'TENANT_SUSPENDED']);
    expect(await notesOf(globex)).toEqual([200, []]);
  });

  it('renames and drops tenants', async () => {
    const provisioner = await create(acme, globex);
    const renamer = app.get<TenantRenamer<TableTenant>>(TenantRenamer);
    await expect(renamer.rename(acme, { name: 'globex' })).rejects.toThrow(TenantConflictError);
    const renamed = await renamer.rename(acme, { name: 'Acme Inc', schema: 'acme_inc' });
    expect(renamed).toMatchObject({ id: acme.id, name: 'Acme Inc', schema: 'acme_inc' });
    await provisioner.drop({ ...acme, schema: 'acme_inc' });
    expect(await served.database.sql('SELECT name FROM public.tenants')).toEqual([
      { name: 'Globex' },
    ]);
  });

  it('lets assertServable of the application replace the check for suspended tenants', async () => {
    const application = await served.start({ assertServable: () => undefined });
    await application
      .get<TenantProvisioner>(TenantProvisioner)
      .create({ ...acme, suspended: true } as Tenant);
    expect(await notesOf(acme)).toEqual([200, []]);
  });
});
