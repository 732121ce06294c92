import type { DataSource } from 'typeorm';
import { type MigrationClass, SchemaDropper, type SchemaDropperOptions } from 'nest-tenant-schemas';
import type { TestDatabase } from 'test-support/test-database.js';
import { rows } from '../clone/clone-support.js';
import { newClient, schemasOf } from '../support.js';

type Client = ReturnType<typeof newClient>;

/** What drops schemas that have a history. */
export function dropperOf(
  dataSource: DataSource,
  history: readonly MigrationClass[],
  options: SchemaDropperOptions = {},
): SchemaDropper<Client> {
  return new SchemaDropper(dataSource, schemasOf(dataSource, history).registry, options);
}

/** A tenant `acme` with rows, to be dropped. */
export async function provisionAcme(
  dataSource: DataSource,
  database: TestDatabase,
  history: readonly MigrationClass[],
): Promise<Client> {
  const client = newClient('acme');
  await schemasOf(dataSource, history).provisioner.create(client);
  await database.sql(rows('acme'));
  return client;
}
