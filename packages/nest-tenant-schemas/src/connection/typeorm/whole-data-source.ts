import type { DataSource } from 'typeorm';
import { OperationRefusedError } from '../../errors/operation-refused.error.js';

const MIGRATE = 'Use the migrator: tenant-schemas migrate-schemas.';

const REFUSED_OPERATIONS = {
  synchronize: MIGRATE,
  runMigrations: MIGRATE,
  undoLastMigration: 'Use the migrator: tenant-schemas revert-schemas.',
  dropDatabase: 'Drop one tenant with: tenant-schemas delete-tenant <schema>.',
} as const;

/** Makes operations that affect more than one tenant reject, with the command to use instead. */
export function refuseWholeDataSourceOperations(dataSource: DataSource): void {
  for (const [operation, instead] of Object.entries(REFUSED_OPERATIONS)) {
    const refuse = (): Promise<never> =>
      Promise.reject(new OperationRefusedError(`${operation}()`, instead));
    Object.defineProperty(dataSource, operation, { value: refuse });
  }
}
