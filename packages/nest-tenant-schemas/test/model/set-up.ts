import { Logger } from '@nestjs/common';
import type { Tenant } from '../../src/index.js';
import {
  createTenantsWithRoles,
  type TenantsWithRoles,
} from '../tenancy/roles/tenants-with-roles.js';
import { homeOf } from './world/expected-rows.js';
import { TENANTS } from './settings.js';

/** A database in which every tenant has one note, and one remark on it. Its `sql` is a superuser's, who ends backends. */
export async function createModelDatabase(): Promise<TenantsWithRoles> {
  const withRoles = await createTenantsWithRoles(TENANTS);
  const database = { ...withRoles, sql: withRoles.sqlAsSuperuser };
  for (const tenant of TENANTS) {
    await database.sql(
      `${enumType(tenant)}; ALTER TABLE ${tenant.schema}.notes ADD COLUMN mood ${tenant.schema}.mood;
       ALTER TABLE ${tenant.schema}.notes ADD mpath text, ADD "parentId" int;
       INSERT INTO ${tenant.schema}.notes (text, mpath) VALUES ('${homeOf(tenant)}', '1.');
       INSERT INTO ${tenant.schema}.remarks (text, "noteId") VALUES ('${homeOf(tenant)}', 1)`,
    );
  }
  return database;
}

const enumType = ({ schema }: Tenant): string =>
  `CREATE TYPE ${schema}.mood AS ENUM ('calm', 'glad')`;

/**
 * Replaces the enum type of a tenant's notes, as a migration does that TypeORM generates: the column gets a new type of the same
 * name. Does nothing if a transaction holds the table.
 */
export function replaceEnum(tenant: Tenant): string {
  const { schema } = tenant;
  return `DO $do$ BEGIN
    LOCK TABLE ${schema}.notes IN ACCESS EXCLUSIVE MODE NOWAIT;
    ALTER TYPE ${schema}.mood RENAME TO mood_old;
    ${enumType(tenant)};
    ALTER TABLE ${schema}.notes ALTER COLUMN mood TYPE ${schema}.mood USING mood::text::${schema}.mood;
    DROP TYPE ${schema}.mood_old;
  EXCEPTION WHEN lock_not_available THEN NULL; END $do$`;
}

/** A connection that is released dirty is warned of; the model releases thousands. */
export function muteWarnings(): void {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
}
