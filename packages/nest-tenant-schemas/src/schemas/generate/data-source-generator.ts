import type { DataSource } from 'typeorm';
import { plainDataSourceOf } from '../../connection/typeorm/bound-scope.js';
import type { MigrationHistoryName } from '../../core/migration-history.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import type { MigrationClass } from '../../interfaces/tenant-migration.interface.js';
import { type GeneratedMigration, generateMigration } from './migration-generator.js';

/** Describes the parts of the options of a DataSource that name its server. */
interface ServerOptions {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: unknown;
  readonly database?: string;
}

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
   * @param url address of the server. Default: that of the DataSource
   * @returns undefined when the entities do not differ from the history
   * @throws TenancyOptionsError if the address of the DataSource is not a text, and for an invalid name
   */
  generate(
    history: MigrationHistoryName,
    name: string,
    url?: string,
  ): Promise<GeneratedMigration | undefined> {
    const { entities, namingStrategy, entityPrefix } = this.dataSource.options;
    return generateMigration(history, name, {
      url: url ?? addressOf(this.dataSource.options as ServerOptions),
      entities,
      sharedMigrations: this.sharedMigrations,
      tenantMigrations: this.tenantMigrations,
      ...(namingStrategy && { namingStrategy }),
      ...(entityPrefix !== undefined && { entityPrefix }),
    });
  }
}

/** @throws TenancyOptionsError if the options have neither `url` nor a host, or a function as password */
function addressOf({ url, host, port, username, password, database }: ServerOptions): string {
  if (url !== undefined) return url;
  if (host === undefined || typeof password === 'function') {
    throw new TenancyOptionsError(
      'generateMigration: url',
      'must be the address of a server, because the DataSource has no `url`: --url postgres://login:password@host/database',
    );
  }
  const address = new URL('postgres://localhost');
  address.hostname = host;
  if (port !== undefined) address.port = String(port);
  address.username = encodeURIComponent(username ?? '');
  address.password = encodeURIComponent(typeof password === 'string' ? password : '');
  address.pathname = `/${encodeURIComponent(database ?? username ?? '')}`;
  return address.href;
}
