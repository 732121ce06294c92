import { DataSource } from 'typeorm';

/** Lists what a DataSource does when it connects, by its options `dropSchema`, `synchronize` and `migrationsRun`. */
const CHANGES = ['dropDatabase', 'synchronize', 'runMigrations'] as const;

/**
 * Opens a single-tenant application without what its DataSource would change in the database. Otherwise a command that only
 * reads would migrate it.
 */
export async function withoutSchemaChanges<T>(open: () => Promise<T>): Promise<T> {
  const { prototype } = DataSource;
  const { dropDatabase, synchronize, runMigrations } = prototype;
  for (const name of CHANGES) Object.assign(prototype, { [name]: () => Promise.resolve([]) });
  try {
    return await open();
  } finally {
    Object.assign(prototype, { dropDatabase, synchronize, runMigrations });
  }
}
