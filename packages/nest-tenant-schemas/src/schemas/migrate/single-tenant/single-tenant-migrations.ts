import type { DataSourceOptions } from 'typeorm';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import { TenancyOptionsError } from '../../../errors/tenancy-options.error.js';
import type { MigrationClass } from '../../../interfaces/tenant-migration.interface.js';
import { isMigrationClass, loadMigrationFiles } from './migration-files.js';
import { tenantMigrationOf, type TypeOrmMigrationClass } from './single-tenant-migration.js';

/** Lists migrations like TypeORM's option `migrations`: classes, paths and globs. */
export type SingleTenantMigrationList = readonly (TypeOrmMigrationClass | string)[];

/** Describes where the migrations of a single-tenant application are. */
export type SingleTenantMigrationSource =
  SingleTenantMigrationList | { readonly glob: string | readonly string[] };

/** Describes the parts of a migration that only migrations of the engine have. */
const ENGINE_STYLE = new RegExp(String.raw`\b(?:${TENANT_SCHEMA}|TENANT_SCHEMA)\b`);

const OPTION = 'singleTenantMigrations';

/** Holds the migrations of a single-tenant application, until {@link load} reads their files. */
export class SingleTenantMigrations {
  /** @param source undefined for the option `migrations` of the DataSource */
  constructor(private readonly source: SingleTenantMigrationSource | undefined) {}

  /**
   * Loads the migrations, as migrations of tenants.
   *
   * @param options the options of the DataSource
   * @throws TenancyOptionsError for a source without migrations, and for what is not a migration of a single-tenant application
   */
  async load({ migrations }: Pick<DataSourceOptions, 'migrations'>): Promise<MigrationClass[]> {
    const listed = await Promise.all(this.list(migrations).map(loadEntry));
    return listed.flat().map((Migration) => {
      assertSingleTenant(Migration);
      return tenantMigrationOf(Migration);
    });
  }

  private list(migrations: DataSourceOptions['migrations']): SingleTenantMigrationList {
    const { source } = this;
    const list =
      source === undefined
        ? Object.values(migrations ?? {})
        : 'glob' in source
          ? [source.glob].flat()
          : source;
    if (list.length > 0) return list as SingleTenantMigrationList;
    throw new TenancyOptionsError(
      OPTION,
      source === undefined
        ? 'must find migrations: the DataSource has no option `migrations`. Set it, or list the migrations: ' +
            "singleTenantMigrations({ glob: 'dist/migrations/*.js' })"
        : 'must list at least one migration, or be left out',
    );
  }
}

/**
 * Makes the existing TypeORM migrations of a single-tenant application the migrations of every tenant. Their files stay
 * unchanged. Each one runs with the tenant's schema as the search path, and `"public".` in its SQL becomes the tenant's schema.
 *
 * @param source classes, paths and globs, as in TypeORM's option `migrations`. Default: that option of the DataSource
 * @returns a value for the option `tenantMigrations` of `TenantModule`
 * @throws TenancyOptionsError for a source that is neither a list nor a glob
 * @example
 * TenantModule.forRoot({ tenantMigrations: singleTenantMigrations({ glob: 'dist/migrations/*.js' }) })
 */
export function singleTenantMigrations(
  source?: SingleTenantMigrationSource,
): SingleTenantMigrations {
  if (source !== undefined && !Array.isArray(source) && !hasGlob(source)) {
    throw new TenancyOptionsError(
      OPTION,
      'must get a list of classes and globs, or { glob }, or nothing for the migrations of the DataSource',
    );
  }
  return new SingleTenantMigrations(source);
}

function hasGlob(source: unknown): boolean {
  const { glob } = (source ?? {}) as { glob?: unknown };
  return typeof glob === 'string' || Array.isArray(glob);
}

async function loadEntry(entry: unknown): Promise<TypeOrmMigrationClass[]> {
  if (typeof entry === 'string') return loadMigrationFiles(entry);
  if (isMigrationClass(entry)) return [entry];
  const name = typeof entry === 'function' ? `class ${entry.name}` : JSON.stringify(entry);
  throw new TenancyOptionsError(OPTION, `must list migrations: ${name} has no up() and down()`);
}

/** @throws TenancyOptionsError for a migration that is written for the engine */
function assertSingleTenant(Migration: TypeOrmMigrationClass): void {
  const { up, down, upInNewSchema } = Migration.prototype as Partial<
    Record<'up' | 'down' | 'upInNewSchema', unknown>
  >;
  const isEngineStyle =
    upInNewSchema !== undefined || [up, down].some((method) => ENGINE_STYLE.test(String(method)));
  if (!isEngineStyle) return;
  throw new TenancyOptionsError(
    OPTION,
    `must list migrations of a single-tenant application: ${Migration.name} is written for tenants. Its "public" means the ` +
      `shared schema. List it beside them: tenantMigrations: [singleTenantMigrations(…), ${Migration.name}]`,
  );
}
