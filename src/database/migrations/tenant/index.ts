import type { MigrationClass } from 'nest-tenant-schemas';
import { CreatePolls1795000000001 } from './1795000000001-create-polls.js';
import { CreateUsers1795532275114 } from './1795532275114-create-users.js';
import { AddVotes1795532304382 } from './1795532304382-add-votes.js';

/** Migrations of each tenant's schema, oldest first. */
export const tenantMigrations: readonly MigrationClass[] = [
  CreatePolls1795000000001,
  CreateUsers1795532275114,
  AddVotes1795532304382,
];
