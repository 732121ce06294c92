import { DataSource } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';

/**
 * Lists what a DataSource does when it connects: by its options `dropSchema`, `synchronize` and `migrationsRun`, and for the
 * extensions of its entities.
 */
const CHANGES: readonly (readonly [prototype: object, methods: readonly string[]])[] = [
  [DataSource.prototype, ['dropDatabase', 'synchronize', 'runMigrations']],
  // Only TypeORM 1 has the last one.
  [PostgresDriver.prototype, ['enableExtensions', 'enableCustomExtensions']],
];

/**
 * Opens an application without what its DataSources would change in the database. Otherwise a command that only reads would
 * migrate the database of an application without tenants, or drop it, before the command finds that tenants are missing. The
 * DataSource of `tenantDataSourceOptions` changes nothing by itself.
 */
export async function withoutSchemaChanges<T>(open: () => Promise<T>): Promise<T> {
  const replaced = CHANGES.flatMap(([prototype, methods]) =>
    methods.map((name) => [prototype, name, Reflect.get(prototype, name) as unknown] as const),
  );
  for (const [prototype, name] of replaced) {
    Object.assign(prototype, { [name]: () => Promise.resolve([]) });
  }
  try {
    return await open();
  } finally {
    for (const [prototype, name, method] of replaced) Object.assign(prototype, { [name]: method });
  }
}
