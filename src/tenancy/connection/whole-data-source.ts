import type { DataSource } from 'typeorm';
import { OperationRefusedError } from '../errors/operation-refused.error.js';

const MIGRATE = 'Use the migrator: tenant-schemas migrate-schemas.';
const DROP = 'Drop one tenant with: tenant-schemas delete-tenant <schema>.';

const REFUSED_OPERATIONS = {
  synchronize: MIGRATE,
  runMigrations: MIGRATE,
  undoLastMigration: 'Use the migrator: tenant-schemas revert-schemas.',
  dropDatabase: DROP,
} as const;

/**
 * Makes the operations that reach beyond one tenant throw, with the command to use instead.
 * `clearDatabase` in a tenant, for one, drops the tables of `public` as well.
 */
export function refuseWholeDataSourceOperations(dataSource: DataSource): void {
  for (const [operation, instead] of Object.entries(REFUSED_OPERATIONS)) {
    Object.defineProperty(dataSource, operation, { value: refuse(operation, instead) });
  }
  const createQueryRunner = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const queryRunner = createQueryRunner(mode);
    queryRunner.clearDatabase = refuseClearDatabase;
    return queryRunner;
  };
}

function refuse(operation: string, instead: string): () => Promise<never> {
  return () => Promise.reject(new OperationRefusedError(`${operation}()`, instead));
}

const refuseClearDatabase = refuse('clearDatabase', DROP);
