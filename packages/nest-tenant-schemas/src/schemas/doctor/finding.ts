/** Names what the doctor can find in a schema. */
export type FindingCode =
  /** The registry has a tenant whose schema does not exist. */
  | 'ROW_WITHOUT_SCHEMA'
  /** No tenant has the schema, although it has the engine's migrations table or fingerprint. */
  | 'SCHEMA_WITHOUT_ROW'
  /** A drop in steps has removed the row, and has not finished. */
  | 'DROP_BROKEN_OFF'
  /** A process ended while it created the schema, and no tenant has the schema. */
  | 'CREATE_BROKEN_OFF'
  /** A tenant's schema has no migrations table, so its applied migrations are unknown. */
  | 'LEDGER_MISSING'
  /** Migrations of this code are pending. */
  | 'SCHEMA_BEHIND'
  /** The schema has migrations that this code does not have. */
  | 'SCHEMA_AHEAD'
  /** A migration outside transactions, or its revert, has begun and has not finished. */
  | 'MIGRATION_HALF_DONE'
  /**
   * The comment of the migrations table is not the fingerprint of its rows, which misleads runs over all
   * tenants.
   */
  | 'DIGEST_DIFFERS'
  /** TypeORM itself ran migrations in the schema `public`, which has no tables of tenants. */
  | 'MIGRATED_BY_TYPEORM'
  /** The server maintains an index that no query and no constraint uses. */
  | 'INDEX_INVALID'
  /** An extension is in a tenant's schema, so that dropping the tenant would remove it for all tenants. */
  | 'EXTENSION_IN_TENANT'
  /** A function or a trigger names another tenant's schema. */
  | 'OTHER_TENANT_NAMED'
  /** The migrations do not create a new schema, so no structure was compared. */
  | 'HISTORY_FAILS'
  /** The schema is up to date, but its structure differs from its migrations. */
  | 'STRUCTURE_DIFFERS'
  /** With `isolation: 'role'`: the owner role does not own the schema or one of its objects. */
  | 'OWNER_DIFFERS'
  /** With `isolation: 'role'`: a tenant has no role, so the server rejects its requests. */
  | 'ROLE_MISSING'
  /** With `isolation: 'role'`: a role, or the login, has too few or too many rights. */
  | 'GRANTS_DIFFER'
  /** With `isolation: 'role'`: a role of this database has a tenant's name, but no tenant has it. */
  | 'ROLE_WITHOUT_TENANT';

/** Describes a problem that the doctor found. */
export interface Finding {
  /** The kind of the problem. */
  readonly code: FindingCode;
  /** The real name of the schema. For a role without a tenant: the rest of the role's name. */
  readonly schema: string;
  /** The problem, in words for operators. */
  readonly problem: string;
  /** The next action: a command, a statement or a decision. */
  readonly remedy: string;
  /** Whether the doctor can fix it without risk. */
  readonly isFixable: boolean;
}

/** Lists findings that are safe to fix: their correct state follows from other data, or was decided earlier. */
const FIXABLE: ReadonlySet<FindingCode> = new Set<FindingCode>([
  'DIGEST_DIFFERS',
  'DROP_BROKEN_OFF',
  'CREATE_BROKEN_OFF',
  'OWNER_DIFFERS',
  'ROLE_MISSING',
  'GRANTS_DIFFER',
  'ROLE_WITHOUT_TENANT',
]);

export function finding(
  code: FindingCode,
  schema: string,
  problem: string,
  remedy: string,
): Finding {
  return { code, schema, problem, remedy, isFixable: FIXABLE.has(code) };
}

/** Limits how many items of a list a message names. */
const MAX_LISTED = 3;

/** Joins the first items of a list in words, and counts the rest. */
export function some(items: readonly string[]): string {
  const more = items.length - MAX_LISTED;
  return `${items.slice(0, MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
