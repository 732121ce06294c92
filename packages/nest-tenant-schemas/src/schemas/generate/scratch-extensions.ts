import type { DataSource } from 'typeorm';
import { isolationOptionsOf } from '../../connection/wire/isolation-options.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import { SHARED_SCHEMA } from '../catalog/schema-target.js';

/** Names an extension, and the schema of its objects. */
export interface InstalledExtension {
  readonly name: string;
  readonly schema: string;
}

/** Reads the extensions of a database in the order of their creation. Each database has those of `pg_catalog`. */
export const READ_EXTENSIONS = `SELECT e.extname AS name, n.nspname AS schema
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
  WHERE n.nspname <> 'pg_catalog' ORDER BY e.oid`;

/**
 * Provides the extensions of the application's database to a scratch database. Migrations may create extensions themselves, so
 * an extension is installed only when a migration fails without it.
 */
export class ScratchExtensions {
  private readonly waiting: InstalledExtension[];
  private readonly problems: string[] = [];
  /** Whether migrations find objects of extensions without a schema name. */
  isInPath = false;

  constructor(
    private readonly dataSource: DataSource,
    extensions: readonly InstalledExtension[],
  ) {
    this.waiting = [...extensions];
  }

  /** Returns a search path of these schemas, and those of extensions. */
  pathOf(...schemas: readonly string[]): string {
    const { extensionSchemas } = isolationOptionsOf(this.dataSource);
    return [...schemas, ...extensionSchemas, 'pg_temp'].map(quoteIdentifier).join(', ');
  }

  /**
   * Returns a search path for statements that name the schema of what they create. The server rejects new objects without a
   * schema name, because the first schema would get them.
   */
  pathOfNames(isInPublic: boolean): string {
    return this.pathOf('pg_catalog', ...(isInPublic ? [SHARED_SCHEMA] : []));
  }

  /** Returns what to add to the error of a migration: the extensions that could not be installed. */
  get explanation(): string {
    if (this.problems.length === 0) return '';
    return (
      `. The scratch database lacks extensions: ${this.problems.join('; ')}. ` +
      'Generate with a login that may install them: --url'
    );
  }

  /**
   * Takes the next step to provide extensions. The first step adds their schemas to the search path of migrations. Each
   * other one installs an extension.
   *
   * @returns false if no step is left
   */
  async provideNext(): Promise<boolean> {
    if (!this.isInPath) {
      this.isInPath = true;
      return true;
    }
    const next = this.waiting.shift();
    if (!next) return false;
    await this.install(next);
    return true;
  }

  /** Installs all extensions that are left. */
  async provideAll(): Promise<void> {
    while (await this.provideNext());
  }

  private async install({ name, schema }: InstalledExtension): Promise<void> {
    const [extension, target] = [quoteIdentifier(name), quoteIdentifier(schema)];
    try {
      await this.dataSource.query(`CREATE SCHEMA IF NOT EXISTS ${target}`);
      await this.dataSource.query(`CREATE EXTENSION IF NOT EXISTS ${extension} SCHEMA ${target}`);
    } catch (error) {
      this.problems.push((error as Error).message);
    }
  }
}
