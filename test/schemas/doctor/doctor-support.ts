// What the specs of the doctor share: a doctor for a history, its findings, and how they are written.
import type { DataSource } from 'typeorm';
import { sharedMigrations } from '../../../src/database/migrations/shared/index.js';
import {
  type Finding,
  type MigrationClass,
  readHistory,
  SchemaDoctor,
  type SchemaSelection,
} from 'nest-tenant-schemas';
import { everything } from '../clone/clone-support.js';
import { schemasOf } from '../support.js';

/** The names that the migrations of `support.ts` have. */
export const STEP = (second: number): string => `Step${1_700_000_000_000 + second * 1000}`;

export const migrate = (schema: string): string =>
  `tenant-schemas migrate-schemas --schema ${schema}`;

export function doctorFor(
  dataSource: DataSource,
  tenant: readonly MigrationClass[] = everything,
  shared: readonly MigrationClass[] = sharedMigrations,
): SchemaDoctor {
  return new SchemaDoctor(dataSource, schemasOf(dataSource, tenant).registry, {
    shared: readHistory(shared, 'shared'),
    tenant: readHistory(tenant, 'tenant'),
  });
}

export async function collect(
  doctor: SchemaDoctor,
  selection?: SchemaSelection,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of doctor.examine(selection)) found.push(finding);
  return found;
}
