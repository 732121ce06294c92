import type { MigrationClass } from 'nest-tenant-schemas';
import { CreateClients1795000000000 } from './1795000000000-create-clients.js';
import { AddAuditLog1795532186713 } from './1795532186713-add-audit-log.js';

/** Migrations of the shared schema, oldest first. */
export const sharedMigrations: readonly MigrationClass[] = [
  CreateClients1795000000000,
  AddAuditLog1795532186713,
];
