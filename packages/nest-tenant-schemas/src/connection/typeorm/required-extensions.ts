import type { DataSource } from 'typeorm';

/** Holds the options of TypeORM on extensions, as the application sets them. */
export interface ExtensionOptions {
  readonly installExtensions?: boolean;
  readonly uuidExtension?: 'pgcrypto' | 'uuid-ossp';
  /** Only TypeORM 1 has this option. */
  readonly extensions?: readonly string[];
}

/** Maps types of columns to the extension that TypeORM installs for them. */
const EXTENSION_OF: Readonly<Record<string, string>> = {
  citext: 'citext',
  hstore: 'hstore',
  geometry: 'postgis',
  geography: 'postgis',
  cube: 'cube',
  ltree: 'ltree',
  vector: 'vector',
  halfvec: 'vector',
};

/** Selects the options on extensions. */
export function pickExtensionOptions(options: ExtensionOptions): ExtensionOptions {
  const { installExtensions, uuidExtension, extensions } = options;
  return {
    ...(installExtensions !== undefined && { installExtensions }),
    ...(uuidExtension !== undefined && { uuidExtension }),
    ...(extensions !== undefined && { extensions }),
  };
}

/** Returns the options of a DataSource that was made with `tenantDataSourceOptions`. */
export function extensionOptionsOf({ options }: DataSource): ExtensionOptions | undefined {
  return (options.extra as { extensionOptions?: ExtensionOptions } | undefined)?.extensionOptions;
}

/**
 * Returns the extensions that TypeORM would install at the connect of a single-tenant application. These are the ones that its
 * entities need, and those of the option `extensions`.
 * https://github.com/typeorm/typeorm/blob/master/src/driver/postgres/PostgresDriver.ts
 *
 * @param given the options of the application
 * @returns none for `installExtensions: false`, and without options
 */
export function requiredExtensions(
  { entityMetadatas }: DataSource,
  given: ExtensionOptions | undefined,
): readonly string[] {
  if (!given || given.installExtensions === false) return [];
  const names = entityMetadatas.flatMap(({ columns, generatedColumns, exclusions }) => [
    ...(generatedColumns.some(({ generationStrategy }) => generationStrategy === 'uuid')
      ? [given.uuidExtension ?? 'uuid-ossp']
      : []),
    ...columns.flatMap(({ type }) => (typeof type === 'string' && EXTENSION_OF[type]) || []),
    ...(exclusions.length > 0 ? ['btree_gist'] : []),
  ]);
  return [...new Set([...names, ...(given.extensions ?? [])])];
}
