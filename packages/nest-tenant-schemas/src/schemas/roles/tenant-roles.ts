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

/** The first version in which a membership itself says what is inherited. */
const VERSION_OF_MEMBERSHIP_OPTIONS = 16;

/** What a role may do with the tables of its schema, and with its sequences. */
export const TABLE_PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
export const SEQUENCE_PRIVILEGES = ['USAGE', 'SELECT'] as const;

/**
 * The roles of one database, and how a tenant's is made, renamed and dropped: by the owner, in the
 * transaction that does so with its schema. Decision: docs/decisions/0008-roles.md.
 */
export class TenantRoles {
  /** Owns every schema and what is in it. */
  readonly owner: string;
  /** Every tenant's role is in it: it holds the shared grants. */
  readonly everyTenant: string;
  /** What the names of all tenants' roles begin with. */
  readonly prefix: string;

  private constructor(
    private readonly database: string,
    /** The privilege by which a member may act as a role, for `pg_has_role`. */
    readonly actAs: 'SET' | 'MEMBER',
    readonly options: TenantRolesOptions,
  ) {
    this.owner = ownerRoleName(database);
    this.everyTenant = everyTenantRoleName(database);
    this.prefix = tenantRolePrefix(database);
  }

  /** Those of a DataSource, or undefined where tenants have no roles. */
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
   * Lets the login act as a role without having its rights. Before PostgreSQL 16 that is the login's own
   * NOINHERIT, which start-up sees to.
   */
  membershipStatement(role: string): string {
    const options = this.actAs === 'SET' ? ' WITH INHERIT FALSE, SET TRUE' : '';
    return `GRANT ${quoteIdentifier(role)} TO SESSION_USER${options}`;
  }

  /** Makes a tenant's role. One that is left of an earlier tenant makes place. */
  createStatements(schema: string): string[] {
    const role = quoteIdentifier(this.nameOf(schema));
    return [
      `DROP ROLE IF EXISTS ${role}`,
      `CREATE ROLE ${role} ${this.options.canLogin ? 'LOGIN' : 'NOLOGIN'}`,
      this.membershipStatement(this.nameOf(schema)),
    ];
  }

  /** Lets a new tenant's role use its schema: all tables that are made from now on, so not the migrations table. */
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

  /** Takes from a migrations table what is granted on every table that is made in a schema that has its role. */
  revokeMigrationsTableStatement(target: SchemaTarget): string {
    const { schema, sqlName } = target;
    const user = target === SHARED_TARGET ? 'SESSION_USER' : quoteIdentifier(this.nameOf(schema));
    return `REVOKE ALL ON ${quoteIdentifier(sqlName)}.${quoteIdentifier(MIGRATIONS_TABLE)} FROM ${user}`;
  }

  /**
   * Gives a tenant's role the shared grants. The last statement of its transaction: the server lets one at a
   * time add members to a role, until its transaction ends.
   */
  joinStatement(schema: string): string {
    return `GRANT ${quoteIdentifier(this.everyTenant)} TO ${quoteIdentifier(this.nameOf(schema))}`;
  }

  /** Renames a tenant's role with its schema; a tenant without one stays so. */
  async rename(queryRunner: QueryRunner, from: string, to: string): Promise<void> {
    const [old, renamed] = [this.nameOf(from), this.nameOf(to)];
    if (!(await hasRole(queryRunner, old))) return;
    await this.drop(queryRunner, renamed);
    await queryRunner.query(
      `ALTER ROLE ${quoteIdentifier(old)} RENAME TO ${quoteIdentifier(renamed)}`,
    );
  }

  /**
   * Drops a role, if it exists, with all that it was granted in this database. Its objects pass to the owner role,
   * which is named: Citus 13 crashes on REASSIGN OWNED … TO CURRENT_USER.
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

/** Whether the server has a role. */
export async function hasRole(queryRunner: QueryRunner, name: string): Promise<boolean> {
  const found = (await queryRunner.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [
    name,
  ])) as unknown[];
  return found.length > 0;
}

/** The name of a DataSource's database. TypeORM leaves that of an address as it is written there. */
export function databaseOf({ driver, options }: DataSource): string {
  const { database = '' } = driver;
  return 'url' in options && options.url !== undefined ? decodeURIComponent(database) : database;
}
