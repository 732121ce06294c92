import { DataSource, type DataSourceOptions } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import {
  type MigrationHistoryName,
  type NamedMigration,
  readHistory,
} from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { MigrationNotGeneratedError } from '../../errors/schemas/migration-not-generated.error.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import type { MigrationClass } from '../../interfaces/tenant-migration.interface.js';
import { assertGenerable } from './generable-entities.js';
import { migrationSource } from './migration-template.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import { applyHistory, compare, excerpt, rehearseDown, rehearseUp } from './scratch-comparison.js';
import { withScratchDatabase } from './scratch-database.js';

export interface MigrationGeneratorOptions {
  /**
   * Address of a server, not of a pooler, with a login that may create databases. The database that it
   * names is only connected to.
   */
  readonly url: string;
  /** All entities of the application, shared ones and tenants'. */
  readonly entities: DataSourceOptions['entities'];
  readonly sharedMigrations: readonly MigrationClass[];
  readonly tenantMigrations: readonly MigrationClass[];
  /** The application's, if its DataSource has one. Default TypeORM's. */
  readonly namingStrategy?: DataSourceOptions['namingStrategy'];
  /** The application's, if its DataSource has one. Default none. */
  readonly entityPrefix?: DataSourceOptions['entityPrefix'];
}

export interface GeneratedMigration {
  /** Name of the class, with its timestamp. */
  readonly name: string;
  /** `<timestamp>-<name in kebab case>.ts` */
  readonly fileName: string;
  readonly source: string;
  /** How many statements `up` runs. */
  readonly upStatements: number;
  /** Whether the entities differ from the other history as well: generate that one next. */
  readonly otherHistoryDiffers: boolean;
  /**
   * Why `down` does not run as TypeORM wrote it (so for a value added to an enum whose column has a
   * default); the source says it as well. Undefined when it runs.
   */
  readonly downProblem: string | undefined;
}

const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const TIMESTAMP_DIGITS = 13;

/**
 * Generates one migration for every tenant, or one of the shared schema: applies both histories to a
 * scratch database whose schema really is called as the placeholder, lets TypeORM compare it with the
 * entities, and rehearses there what it will return.
 *
 * The shared history goes first, as it does in a deployment: a tenant migration is refused while the
 * shared one lacks something, since a foreign key may need it. Extensions that entities use are made by
 * the shared history; there are no others in the scratch database.
 *
 * @param name what the migration does, e.g. `AddPolls`
 * @param now milliseconds since 1970; the migration is later than the newest of its history in any case
 * @returns undefined when the entities do not differ from the history
 * @throws TenancyOptionsError for a name or a history that breaks a rule, before anything is sent
 * @throws MigrationFailedError when a migration of either history does not apply
 * @throws MigrationNotGeneratedError when something has to be done first; its message says what
 */
export async function generateMigration(
  history: MigrationHistoryName,
  name: string,
  options: MigrationGeneratorOptions,
  now = Date.now(),
): Promise<GeneratedMigration | undefined> {
  if (!NAME.test(name)) {
    throw new TenancyOptionsError(
      'generateMigration: name',
      `must be letters a-z and digits, a letter first, e.g. AddPolls (got ${JSON.stringify(name)})`,
    );
  }
  const histories = {
    shared: readHistory(options.sharedMigrations, 'generateMigration: sharedMigrations'),
    tenant: readHistory(options.tenantMigrations, 'generateMigration: tenantMigrations'),
  };
  const other = history === 'shared' ? 'tenant' : 'shared';
  const generated = await onScratchDataSource(history, options, async (dataSource) => {
    assertGenerable(history, dataSource.entityMetadatas);
    await applyHistory(dataSource, SHARED_SCHEMA, histories.shared);
    await applyHistory(dataSource, TENANT_SCHEMA, histories.tenant);
    const found = await compare(dataSource);
    if (found[history].up.length === 0) return undefined;
    if (history === 'tenant' && found.shared.up.length > 0) {
      throw new MigrationNotGeneratedError(
        history,
        `The shared history differs from its entities as well (${excerpt(found.shared.up)}) and runs ` +
          'first. Generate its migration: npm run migration:generate -- shared <Name>',
      );
    }
    await rehearseUp(history, dataSource, found);
    return { ...found, downProblem: await rehearseDown(dataSource, found[history]) };
  });
  if (!generated) return undefined;
  const { downProblem, [history]: statements, [other]: otherStatements } = generated;
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const timestamp = Math.max(now, newestTimestamp(histories[history]) + 1);
  const className = `${title}${timestamp}`;
  return {
    name: className,
    fileName: `${timestamp}-${kebabCase(title)}.ts`,
    source: migrationSource(className, statements, downProblem),
    upStatements: statements.up.length,
    otherHistoryDiffers: otherStatements.up.length > 0,
    downProblem,
  };
}

/** Runs work on a plain TypeORM DataSource of a scratch database: no tenant, nothing written over. */
async function onScratchDataSource<T>(
  history: MigrationHistoryName,
  { url, entities, namingStrategy, entityPrefix }: MigrationGeneratorOptions,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  try {
    return await withScratchDatabase(url, async (scratchUrl) => {
      const dataSource = new DataSource({
        type: 'postgres',
        url: scratchUrl,
        schema: TENANT_SCHEMA,
        entities,
        // As in tenantDataSourceOptions: they decide what TypeORM writes.
        uuidExtension: 'pgcrypto',
        installExtensions: false,
        ...(namingStrategy && { namingStrategy }),
        ...(entityPrefix !== undefined && { entityPrefix }),
      });
      await dataSource.initialize();
      try {
        return await work(dataSource);
      } finally {
        await dataSource.destroy();
      }
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== POSTGRES_ERROR.insufficientPrivilege) throw error;
    throw new MigrationNotGeneratedError(
      history,
      'Its login may not create the scratch database that it needs: ALTER ROLE <login> CREATEDB;',
      { cause: error },
    );
  }
}

function newestTimestamp(history: readonly NamedMigration[]): number {
  return Number(history.at(-1)?.name.slice(-TIMESTAMP_DIGITS) ?? 0);
}

function kebabCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
}
