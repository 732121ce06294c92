import type { MigrationClass } from '../../../tenancy/index.js';
import { CreateClients1795000000000 } from './1795000000000-create-clients.js';

/** History of the shared schema. */
export const sharedMigrations: readonly MigrationClass[] = [CreateClients1795000000000];
