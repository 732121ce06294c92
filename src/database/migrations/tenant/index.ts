import type { MigrationClass } from '../../../tenancy/index.js';
import { CreatePolls1795000000001 } from './1795000000001-create-polls.js';

/** History of each tenant's schema. */
export const tenantMigrations: readonly MigrationClass[] = [CreatePolls1795000000001];
