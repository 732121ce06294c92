// What the specs of provisioning share: a history that has lived in a tenant, and what each command makes of it.
import type { DataSource } from 'typeorm';
import {
  type MigrationClass,
  type MigrationResult,
  readHistory,
  TenantCloner,
} from 'nest-tenant-schemas';
import type { Client } from '../../src/clients/client.entity.js';
import { collect, doctorFor } from '../schemas/doctor/doctor-support.js';
import { newClient, schemasOf } from '../schemas/support.js';

export const T = '"__tenant__"';

/** Creates a tenant with the first migration, and applies the others one by one. */
export async function live(
  dataSource: DataSource,
  history: readonly MigrationClass[],
  schema = 'lived',
): Promise<Client> {
  const tenant = newClient(schema);
  await schemasOf(dataSource, history.slice(0, 1)).provisioner.create(tenant);
  for (let length = 2; length <= history.length; length++) {
    await migrate(dataSource, history.slice(0, length));
  }
  return tenant;
}

/** Applies what is pending to all tenants. @throws the first failure */
export async function migrate(
  dataSource: DataSource,
  history: readonly MigrationClass[],
): Promise<MigrationResult[]> {
  const results: MigrationResult[] = [];
  for await (const result of schemasOf(dataSource, history).migrator.migrateAll({
    tenants: true,
  })) {
    if (result.error) throw result.error;
    results.push(result);
  }
  return results;
}

export function clone(
  dataSource: DataSource,
  history: readonly MigrationClass[],
  source: Client,
  schema: string,
): Promise<unknown> {
  const { registry } = schemasOf(dataSource, history);
  const cloner = new TenantCloner(dataSource, registry, readHistory(history, 'history'));
  return cloner.clone(source, newClient(schema));
}

/** What the doctor finds, in short. */
export async function findings(
  dataSource: DataSource,
  history: readonly MigrationClass[],
): Promise<string[]> {
  const found = await collect(doctorFor(dataSource, history));
  return found.map(({ schema, code }) => `${schema} ${code}`);
}
