import { Logger } from '@nestjs/common';
import { createWalledTenants, type WalledTenants } from '../tenancy/walled-tenants.js';
import { homeOf } from './ledger.js';
import { TENANTS } from './settings.js';

/** A database in which every tenant has one note, and one remark on it. Its `sql` is a superuser's, who ends backends. */
export async function createModelDatabase(): Promise<WalledTenants> {
  const walled = await createWalledTenants(TENANTS);
  const database = { ...walled, sql: walled.sqlAsSuperuser };
  for (const tenant of TENANTS) {
    await database.sql(
      `INSERT INTO ${tenant.schema}.notes (text) VALUES ('${homeOf(tenant)}');
       INSERT INTO ${tenant.schema}.remarks (text, "noteId") VALUES ('${homeOf(tenant)}', 1)`,
    );
  }
  return database;
}

/** A connection that is released dirty is warned of; the model releases thousands. */
export function muteWarnings(): void {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation();
}
