import { Logger } from '@nestjs/common';
import type { TestDatabase } from '../support/test-database.js';
import { createTenants } from '../tenancy/support.js';
import { homeOf } from './ledger.js';
import { TENANTS } from './settings.js';

/** A database in which every tenant has one note, and one remark on it. */
export async function createModelDatabase(): Promise<TestDatabase> {
  const database = await createTenants(TENANTS);
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
