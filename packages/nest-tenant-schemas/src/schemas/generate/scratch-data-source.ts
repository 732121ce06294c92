import type pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  type ExtensionOptions,
  requiredExtensions,
} from '../../connection/typeorm/required-extensions.js';
import type { PostgresOptions } from '../../connection/typeorm/typeorm-versions.js';
import { readIsolationOptions } from '../../connection/wire/isolation-options.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import { withScratchDatabase } from './scratch-database.js';
import { ScratchExtensions } from './scratch-extensions.js';

/** Configures the DataSource of a scratch database. */
export interface ScratchOptions {
  /**
   * Sets the address of a server, not of a pooler, with a login that may create databases. It is a URL, or the settings of
   * node-postgres. The named database stays unchanged.
   */
  readonly url: string | pg.ClientConfig;
  /** Lists all entities of the application, shared ones and tenants'. */
  readonly entities: DataSourceOptions['entities'];
  /** Sets the naming strategy of the application's DataSource. Default: TypeORM's. */
  readonly namingStrategy?: DataSourceOptions['namingStrategy'];
  /** Sets the entity prefix of the application's DataSource. Default: none. */
  readonly entityPrefix?: DataSourceOptions['entityPrefix'];
  /** Sets the options of the application's DataSource on extensions. Default: those of TypeORM. */
  readonly extensionOptions?: ExtensionOptions;
  /** Lists the schemas of extensions, as in `tenantDataSourceOptions`. */
  readonly extensionSchemas?: readonly string[];
}

/**
 * Runs work on a plain TypeORM DataSource of a scratch database, without a tenant and without replacing the
 * placeholder.
 */
export function onScratchDataSource<T>(
  options: ScratchOptions,
  isTypeOrms: boolean,
  work: (dataSource: DataSource, extensions: ScratchExtensions) => Promise<T>,
): Promise<T> {
  const { url, extensionOptions = {} } = options;
  const server = typeof url === 'string' ? { connectionString: url } : url;
  return withScratchDatabase(server, async (scratch, found) => {
    const schemas = found.filter(({ name }) => name === 'uuid-ossp').map(({ schema }) => schema);
    if (isTypeOrms) schemas.push(SHARED_SCHEMA);
    const dataSource = new DataSource(dataSourceOptions(scratch, options, schemas));
    await dataSource.initialize();
    try {
      // The engine installs these in an empty database, too.
      const required = isTypeOrms ? requiredExtensions(dataSource, extensionOptions) : [];
      const all = [...found, ...required.map((name) => ({ name, schema: SHARED_SCHEMA }))];
      return await work(dataSource, new ScratchExtensions(dataSource, all));
    } finally {
      await dataSource.destroy();
    }
  });
}

/** @param schemas schemas whose objects the catalogue writes without the schema */
function dataSourceOptions(
  scratch: pg.ClientConfig,
  options: ScratchOptions,
  schemas: readonly string[],
): PostgresOptions {
  const { entities, namingStrategy, entityPrefix, extensionOptions, extensionSchemas } = options;
  return {
    type: 'postgres',
    schema: TENANT_SCHEMA,
    entities: entities as NonNullable<typeof entities>,
    // These equal the ones of tenantDataSourceOptions, because they affect what TypeORM writes.
    uuidExtension: extensionOptions?.uuidExtension ?? 'pgcrypto',
    installExtensions: false,
    ...(namingStrategy && { namingStrategy }),
    ...(entityPrefix !== undefined && { entityPrefix }),
    extra: {
      ...scratch,
      // TypeORM recognizes the default uuid_generate_v4() only without the schema of its extension, and omits the first schema
      // of the path from names of tables.
      ...(schemas.length > 0 && {
        options: `${scratch.options ?? ''} ${searchPathOption(['pg_catalog', ...schemas])}`,
      }),
      isolationOptions: readIsolationOptions({ ...(extensionSchemas && { extensionSchemas }) }),
    },
  };
}

/** Returns the option of a connection that sets its search path. */
function searchPathOption(path: readonly string[]): string {
  const value = path.map(quoteIdentifier).join(',');
  return `-c search_path=${value.replaceAll(/[\\\s]/g, String.raw`\$&`)}`;
}
