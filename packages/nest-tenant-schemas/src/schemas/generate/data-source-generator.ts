import type { DataSource } from 'typeorm';
import { serverAddressOf } from '../../connection/pool/server-address.js';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import { extensionOptionsOf } from '../../connection/typeorm/required-extensions.js';
import { isolationOptionsOf } from '../../connection/wire/isolation-options.js';
import { type MigrationHistoryName, readHistory } from '../../core/migration-history.js';
import type { MigrationClass } from '../../interfaces/tenant-migration.interface.js';
import { type GeneratedMigration, generateMigration } from './migration-generator.js';

/** Generates migrations for the entities of the application's DataSource. */
export class MigrationGenerator {
  private readonly dataSource: DataSource;

  /**
   * @param sharedMigrations the migrations of the shared schema
   * @param tenantMigrations the migrations of tenants, as `loadTenantMigrations` returns them
   */
  constructor(
    dataSource: DataSource,
    private readonly sharedMigrations: readonly MigrationClass[],
    private readonly tenantMigrations: readonly MigrationClass[],
  ) {
    this.dataSource = plainDataSourceOf(dataSource);
  }

  /**
   * Generates what the entities need and the history lacks, like {@link generateMigration}.
   *
   * @param name the purpose of the migration, for example `AddPolls`
   * @param url address of the server. Default, also for an empty text: the connection options of the DataSource
   * @returns undefined when the entities do not differ from the history
   * @throws TenancyOptionsError for an invalid name
   */
  generate(
    history: MigrationHistoryName,
    name: string,
    url?: string,
  ): Promise<GeneratedMigration | undefined> {
    const { dataSource } = this;
    const { entities, namingStrategy, entityPrefix } = dataSource.options;
    const extensionOptions = extensionOptionsOf(dataSource);
    return generateMigration(history, name, {
      url: url || serverAddressOf(dataSource),
      entities,
      sharedMigrations: this.sharedMigrations,
      tenantMigrations: this.tenantMigrations,
      ...(namingStrategy && { namingStrategy }),
      ...(entityPrefix !== undefined && { entityPrefix }),
      ...(extensionOptions && { extensionOptions }),
      extensionSchemas: isolationOptionsOf(dataSource).extensionSchemas,
    });
  }

  /** Returns the name of the newest migration of a history, or undefined if it has none. */
  newestOf(history: MigrationHistoryName): string | undefined {
    const classes = history === 'shared' ? this.sharedMigrations : this.tenantMigrations;
    return readHistory(classes, `${history}Migrations`).at(-1)?.name;
  }
}
