import type { DataSource, QueryRunner } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { isolationOptionsOf } from '../../connection/wire/isolation-options.js';
import { quoteIdentifier } from '../../core/names/quote-identifier.js';
import {
  everyTenantRoleName,
  ownerRoleName,
  tenantRoleName,
  tenantRolePrefix,
} from '../../core/names/role-name.js';
import { joinStatements } from '../../core/sql/statement-batch.js';
import type { TenantRolesOptions } from '../../interfaces/tenant-roles-options.interface.js';
import { MIGRATIONS_TABLE } from '../catalog/migrations-table-comment.js';
import { SHARED_TARGET, type SchemaTarget } from '../catalog/schema-target.js';

/** Names the first server version in which a membership has its own INHERIT option. */
const VERSION_OF_MEMBERSHIP_OPTIONS = 16;

/** Lists the privileges of a role on the tables of its schema, and then on its sequences. */
export const TABLE_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
export const SEQUENCE_PRIVILEGES = ['USAGE', 'SELECT'] as const;

/**
 * Describes the roles of one database, and creates, renames and drops a tenant's role. The owner role does
 * this in the transaction that changes the schema.
 * Decision: docs/decisions/0008-roles.md.
 */
export class TenantRoles {
  /** The role that owns every schema and its objects. */
  readonly owner: string;
  /** The role that all tenants' roles are members of. It holds the shared grants. */
  readonly everyTenant: string;
  /** The common prefix of tenants' roles. */
  readonly prefix: string;

  private constructor(
    private readonly database: string,
    /** The privilege that lets a member act as a role, for `pg_has_role`. */
    readonly actAs: 'SET' | 'MEMBER',
    readonly options: TenantRolesOptions,
  ) {
    this.owner = ownerRoleName(database);
    this.everyTenant = everyTenantRoleName(database);
    this.prefix = tenantRolePrefix(database);
  }

  /** Returns the roles of a DataSource, or undefined if tenants have no roles. */
  static of(dataSource: DataSource, options: TenantRolesOptions = {}): TenantRoles | undefined {
    if (isolationOptionsOf(dataSource).isolation !== 'role') return undefined;
    const { version } = dataSource.driver as PostgresDriver;
    if (version === undefined) throw new Error('The DataSource is not initialized.');
    const hasOptions = Number.parseInt(version, 10) >= VERSION_OF_MEMBERSHIP_OPTIONS;
    return new TenantRoles(databaseOf(dataSource), hasOptions ? 'SET' : 'MEMBER', options);
  }

  nameOf(schema: string): string {
    return tenantRoleName(this.database, schema);
  }

  /**
   * Returns SQL that lets the login act as a role without inheriting its rights. Before PostgreSQL 16 this
   * needs NOINHERIT on the login, which start-up checks.
   */
  membershipStatement(role: string): string {
    const options = this.actAs === 'SET' ? ' WITH INHERIT FALSE, SET TRUE' : '';
    return `GRANT ${quoteIdentifier(role)} TO SESSION_USER${options}`;
  }

  /** Returns SQL that creates a tenant's role. It first drops a role that an earlier tenant left. */
  createStatements(schema: string): string[] {
    const role = quoteIdentifier(this.nameOf(schema));
    return [
      `DROP ROLE IF EXISTS ${role}`,
      `CREATE ROLE ${role} ${this.options.canLogin ? 'LOGIN' : 'NOLOGIN'}`,
      this.membershipStatement(this.nameOf(schema)),
    ];
  }

  /**
   * Returns SQL that lets a new tenant's role use its schema and all future tables. The migrations table
   * exists already, so it is not included.
   */
  useStatements({ schema, sqlName }: SchemaTarget): string[] {
    const role = quoteIdentifier(this.nameOf(schema));
    const namespace = quoteIdentifier(sqlName);
    const alter = `ALTER DEFAULT PRIVILEGES IN SCHEMA ${namespace} GRANT`;
    return [
      `GRANT USAGE ON SCHEMA ${namespace} TO ${role}`,
      `${alter} ${TABLE_PRIVILEGES.join(', ')} ON TABLES TO ${role}`,
      `${alter} ${SEQUENCE_PRIVILEGES.join(', ')} ON SEQUENCES TO ${role}`,
    ];
  }

  /**
   * Returns SQL that revokes the default privileges on a migrations table. They apply to every table that is
   * created in a schema with a role.
   */
  revokeMigrationsTableStatement(target: SchemaTarget): string {
    const { schema, sqlName } = target;
    const user = target === SHARED_TARGET ? 'SESSION_USER' : quoteIdentifier(this.nameOf(schema));
    return `REVOKE ALL ON ${quoteIdentifier(sqlName)}.${quoteIdentifier(MIGRATIONS_TABLE)} FROM ${user}`;
  }

  /**
   * Returns SQL that gives a tenant's role the shared grants. It must end its transaction, because the server
   * lets one transaction at a time add members to a role.
   */
  joinStatement(schema: string): string {
    return `GRANT ${quoteIdentifier(this.everyTenant)} TO ${quoteIdentifier(this.nameOf(schema))}`;
  }

  /** Renames a tenant's role with its schema. A tenant without a role stays without one. */
  async rename(queryRunner: QueryRunner, from: string, to: string): Promise<void> {
    const [old, renamed] = [this.nameOf(from), this.nameOf(to)];
    if (!(await hasRole(queryRunner, old))) return;
    await this.drop(queryRunner, renamed);
    await queryRunner.query(
      `ALTER ROLE ${quoteIdentifier(old)} RENAME TO ${quoteIdentifier(renamed)}`,
    );
  }

  /**
   * Drops a role, if it exists, with all its grants in this database. Its objects pass to the owner role. The
   * statement names that role, because Citus 13 crashes on REASSIGN OWNED … TO CURRENT_USER.
   */
  async drop(queryRunner: QueryRunner, role: string): Promise<void> {
    if (!(await hasRole(queryRunner, role))) return;
    const [name, owner] = [quoteIdentifier(role), quoteIdentifier(this.owner)];
    await queryRunner.query(
      joinStatements([
        `GRANT ${name} TO ${owner}`,
        `REASSIGN OWNED BY ${name} TO ${owner}`,
        `DROP OWNED BY ${name}`,
        `DROP ROLE ${name}`,
      ]),
    );
  }
}

/** Returns whether the server has a role. */
export async function hasRole(queryRunner: QueryRunner, name: string): Promise<boolean> {
  const found = (await queryRunner.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [
    name,
  ])) as unknown[];
  return found.length > 0;
}

/** Returns the name of a DataSource's database. TypeORM does not decode the name in a URL. */
export function databaseOf({ driver, options }: DataSource): string {
  const { database = '' } = driver;
  return 'url' in options && options.url ? decodeURIComponent(database) : database;
}
