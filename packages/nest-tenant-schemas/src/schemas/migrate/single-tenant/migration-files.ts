import { extname, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { importOrRequireFile } from 'typeorm/util/ImportUtils.js';
import { TenancyOptionsError } from '../../../errors/tenancy-options.error.js';
import type { TypeOrmMigrationClass } from './single-tenant-migration.js';

/** Lists the extensions of files that TypeORM loads. */
const EXTENSIONS: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

const DECLARATIONS = /\.d\.[mc]?ts$/;

/** Matches the time at the end of a name that TypeORM generates. */
const TIMESTAMP = /\d{13}$/;

/**
 * Loads the migrations of files, like TypeORM does.
 *
 * @param glob a path or a glob, absolute or relative to the working directory
 * @throws TenancyOptionsError for a glob without files, and for a file that cannot be loaded or exports no migration
 */
export async function loadMigrationFiles(glob: string): Promise<TypeOrmMigrationClass[]> {
  const pattern = process.platform === 'win32' ? glob.replaceAll('\\', '/') : glob;
  const files = globSync(pattern, { absolute: true, expandDirectories: false })
    .filter((file) => EXTENSIONS.has(extname(file)) && !DECLARATIONS.test(file))
    .toSorted();
  if (files.length === 0) {
    throw new TenancyOptionsError(
      'singleTenantMigrations',
      `must name existing files: no JavaScript or TypeScript file matches "${glob}" in ${process.cwd()}. Correct the glob, ` +
        'or build the application first.',
    );
  }
  const loaded = await Promise.all(files.map((file) => loadFile(resolve(file))));
  return loaded.flat();
}

async function loadFile(file: string): Promise<TypeOrmMigrationClass[]> {
  let exported: unknown;
  try {
    [exported] = await importOrRequireFile(file);
  } catch (error) {
    throw new TenancyOptionsError(
      'singleTenantMigrations',
      `must match files that load: ${file} failed with "${error instanceof Error ? error.message : String(error)}"`,
    );
  }
  const migrations = [...new Set(valuesOf(exported))].filter(isMigrationClass);
  if (migrations.length > 0) return migrations;
  throw new TenancyOptionsError(
    'singleTenantMigrations',
    `must match files of migrations only: ${file} exports no class with up() and down(). Move the file, or narrow the glob.`,
  );
}

/** Returns the exports of a module, and the elements of exported lists. */
function valuesOf(exported: unknown): unknown[] {
  if (typeof exported !== 'object' || exported === null) return [exported];
  return Object.values(exported).flatMap(valuesOf);
}

/** Returns whether a value is a migration class. A class whose `up` is a property has a name with a timestamp. */
export function isMigrationClass(value: unknown): value is TypeOrmMigrationClass {
  if (typeof value !== 'function') return false;
  const { up } = (value.prototype ?? {}) as { up?: unknown };
  return typeof up === 'function' || TIMESTAMP.test(value.name);
}
