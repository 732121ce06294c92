import { hasPlaceholder, TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import {
  isSingleTenant,
  type MigrationHistoryName,
  type NamedMigration,
  readHistory,
} from '../../core/migration-history.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { MigrationNotGeneratedError } from '../../errors/schemas/migration-not-generated.error.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import type { MigrationClass } from '../../interfaces/tenant-migration.interface.js';
import { assertGenerable } from './generable-entities.js';
import { migrationSource, type MigrationStatements } from './migration-template.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';
import { risksOf } from './migration-risks.js';
import { applyHistory, compare, excerpt, rehearseDown, rehearseUp } from './scratch-comparison.js';
import { onScratchDataSource, type ScratchOptions } from './scratch-data-source.js';

/** Configures the generation of a migration. */
export interface MigrationGeneratorOptions extends ScratchOptions {
  /** Lists the migrations of the shared schema. */
  readonly sharedMigrations: readonly MigrationClass[];
  /** Lists the migrations of tenants' schemas. */
  readonly tenantMigrations: readonly MigrationClass[];
}

/** Holds a generated migration class. */
export interface GeneratedMigration {
  /** The name of the class, with its timestamp. */
  readonly name: string;
  /** The name of its file: `<timestamp>-<name in kebab case>.ts`. */
  readonly fileName: string;
  /** The source of the class. */
  readonly source: string;
  /** The number of statements in `up`. */
  readonly upStatements: number;
  /** What `up` does to rows that exist, one sentence each: it deletes data, or it fails because of them. */
  readonly risks: readonly string[];
  /** Whether the entities differ from the other history too. Generate that migration next. */
  readonly otherHistoryDiffers: boolean;
  /**
   * The reason why `down` of TypeORM does not run. An example is a new value of an enum whose column has a
   * default. The source contains it too. Undefined if `down` runs.
   */
  readonly downProblem: string | undefined;
  /**
   * Whether the class is written for `singleTenantMigrations`, whose `"public"` means the tenant's schema. This is so if the
   * newest migration of the history is one of these, and the statements name no shared table.
   */
  readonly isSingleTenant: boolean;
}

/** Begin the names of objects in the two schemas, as TypeORM writes them. */
const IN_SHARED = `${quoteIdentifier(SHARED_SCHEMA)}.`;
const IN_TENANT = `${quoteIdentifier(TENANT_SCHEMA)}.`;

const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
const TIMESTAMP_DIGITS = 13;

/**
 * Generates one migration for all tenants, or one of the shared schema. It applies both histories to a
 * scratch database in which the placeholder is a real schema. TypeORM compares that database with the
 * entities, and the result is tried there.
 *
 * The shared history comes first, as in a deployment. A tenant migration is rejected while the shared one is
 * incomplete, because a foreign key may need it. The scratch database gets the extensions of the named database that the
 * histories do not create.
 *
 * @param name the purpose of the migration, for example `AddPolls`
 * @param now milliseconds since 1970. The migration is always later than the newest of its history
 * @returns undefined when the entities do not differ from the history
 * @throws TenancyOptionsError for an invalid name or history, before a statement is sent
 * @throws MigrationFailedError when a migration of either history does not apply
 * @throws MigrationNotGeneratedError when another action must come first, which its message names
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
  const isTypeOrms = histories.tenant.some(({ migration }) => isSingleTenant(migration));
  const generating = onScratchDataSource(options, isTypeOrms, async (dataSource, extensions) => {
    assertGenerable(history, dataSource.entityMetadatas);
    await applyHistory(dataSource, SHARED_SCHEMA, histories.shared, extensions);
    await applyHistory(dataSource, TENANT_SCHEMA, histories.tenant, extensions);
    await extensions.provideAll();
    const found = await compare(dataSource);
    if (found[history].up.length === 0) return undefined;
    if (history === 'tenant' && found.shared.up.length > 0) {
      throw new MigrationNotGeneratedError(
        history,
        `The shared entities also differ from their migrations (${excerpt(found.shared.up)}), which run first. ` +
          'Generate that migration first: tenant-schemas generate-migration <Name> --shared',
      );
    }
    const path = extensions.pathOfNames(history === 'shared' || isTypeOrms);
    await rehearseUp(history, dataSource, found, path);
    const downProblem = await rehearseDown(dataSource, found[history], path);
    return { ...found, downProblem };
  });
  const generated = await generating.catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== POSTGRES_ERROR.insufficientPrivilege) throw error;
    throw new MigrationNotGeneratedError(
      history,
      'The login cannot create the scratch database. Name another server or login with --url, or run as an administrator: ALTER ROLE <login> CREATEDB;',
      { cause: error },
    );
  });
  if (!generated) return undefined;
  const { downProblem, [history]: statements, [other]: otherStatements } = generated;
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const timestamp = Math.max(now, newestTimestamp(histories[history]) + 1);
  const className = `${title}${timestamp}`;
  const newest = histories[history].at(-1)?.migration;
  const single = newest && isSingleTenant(newest) ? toSingleTenant(statements) : undefined;
  return {
    name: className,
    isSingleTenant: single !== undefined,
    fileName: `${timestamp}-${kebabCase(title)}.ts`,
    source: migrationSource(className, single ?? statements, downProblem),
    upStatements: statements.up.length,
    risks: risksOf(statements.up),
    otherHistoryDiffers: otherStatements.up.length > 0,
    downProblem,
  };
}

/**
 * Returns the statements as a single-tenant application writes them. Undefined if they name a shared table, or the schema
 * elsewhere than before a name.
 */
function toSingleTenant({ up, down }: MigrationStatements): MigrationStatements | undefined {
  if ([...up, ...down].some((statement) => statement.includes(IN_SHARED))) {
    return undefined;
  }
  const [convertedUp, convertedDown] = [up, down].map((statements) =>
    statements.map((statement) => statement.replaceAll(IN_TENANT, IN_SHARED)),
  ) as [string[], string[]];
  const converted = { up: convertedUp, down: convertedDown };
  return [...converted.up, ...converted.down].some(hasPlaceholder) ? undefined : converted;
}

function newestTimestamp(history: readonly NamedMigration[]): number {
  return Number(history.at(-1)?.name.slice(-TIMESTAMP_DIGITS) ?? 0);
}

function kebabCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, '$1$3-$2$4').toLowerCase();
}
