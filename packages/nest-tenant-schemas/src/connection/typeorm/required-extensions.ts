import type { DataSource } from 'typeorm';
import type { PostgresOptions } from './typeorm-versions.js';

/** Holds the options of TypeORM on extensions, as the application sets them. */
export type ExtensionOptions = Pick<PostgresOptions, 'installExtensions' | 'uuidExtension'>;

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

/**
 * Returns the extensions that TypeORM would install at the connect of a single-tenant application. These are the ones that its
 * entities need, and those of the option `extensions`.
 * https://github.com/typeorm/typeorm/blob/master/src/driver/postgres/PostgresDriver.ts
 *
 * @returns none for `installExtensions: false`, and for a DataSource of another origin
 */
export function requiredExtensions({ options, entityMetadatas }: DataSource): readonly string[] {
  const { extra, extensions = [] } = options as PostgresOptions & {
    extra?: { extensionOptions?: ExtensionOptions };
    /** Only TypeORM 1 has this option. */
    extensions?: readonly string[];
  };
  const given = extra?.extensionOptions;
  if (!given || given.installExtensions === false) return [];
  const names = entityMetadatas.flatMap(({ columns, generatedColumns, exclusions }) => [
    ...(generatedColumns.some(({ generationStrategy }) => generationStrategy === 'uuid')
      ? [given.uuidExtension ?? 'uuid-ossp']
      : []),
    ...columns.flatMap(({ type }) => (typeof type === 'string' && EXTENSION_OF[type]) || []),
    ...(exclusions.length > 0 ? ['btree_gist'] : []),
  ]);
  return [...new Set([...names, ...extensions])];
}
