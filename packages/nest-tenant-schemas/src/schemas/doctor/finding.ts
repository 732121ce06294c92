/** What the doctor can find in a schema. */
export type FindingCode =
  /** The registry has a tenant whose schema the database does not have. */
  | 'ROW_WITHOUT_SCHEMA'
  /** A schema has the engine's migrations table, or its fingerprint as the comment, and no tenant has the schema. */
  | 'SCHEMA_WITHOUT_ROW'
  /** A schema was too large to be dropped at once, has lost its row, and is not gone. */
  | 'DROP_BROKEN_OFF'
  /** A schema was being made by a process that has ended, and no tenant has it. */
  | 'CREATE_BROKEN_OFF'
  /** A tenant's schema has no migrations table, so that nothing tells what ran there. */
  | 'LEDGER_MISSING'
  /** Migrations of this code have yet to run. */
  | 'SCHEMA_BEHIND'
  /** Migrations ran that this code does not have. */
  | 'SCHEMA_AHEAD'
  /** A migration outside transactions, or its revert, was begun and has not ended. */
  | 'MIGRATION_HALF_DONE'
  /** The migrations table's comment is not the fingerprint of its rows, so that runs over the fleet are misled. */
  | 'DIGEST_DIFFERS'
  /** An index that is kept up and that no query uses, nor any constraint. */
  | 'INDEX_INVALID'
  /** An extension is installed in a tenant's schema, so that its deletion takes the extension from all tenants. */
  | 'EXTENSION_IN_TENANT'
  /** A function or a trigger reaches into another tenant's schema. */
  | 'OTHER_TENANT_NAMED'
  /** The migrations do not create a new schema, so that no structure was compared. */
  | 'HISTORY_FAILS'
  /** The schema is up to date, and its structure differs from its migrations. */
  | 'STRUCTURE_DIFFERS'
  /** With `isolation: 'role'`: the schema, or something in it, is not the owner role's. */
  | 'OWNER_DIFFERS'
  /** With `isolation: 'role'`: a tenant has no role, so that its requests are refused. */
  | 'ROLE_MISSING'
  /** With `isolation: 'role'`: a role, or the login, may less or more than it should. */
  | 'GRANTS_DIFFER'
  /** With `isolation: 'role'`: a role of this database is a tenant's by its name, and no tenant has it. */
  | 'ROLE_WITHOUT_TENANT';

/** Something that is not as it should be. */
export interface Finding {
  readonly code: FindingCode;
  readonly schema: string;
  /** What is wrong, in words for whoever runs the fleet. */
  readonly problem: string;
  /** What to type or to do about it. */
  readonly remedy: string;
  /** Whether the doctor can mend it by itself, at no risk. */
  readonly isFixable: boolean;
}

/** What is safe to mend: it is derived from what is the truth, or somebody has decided it already. */
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

/** How many of a list are told. */
const MAX_LISTED = 3;

/** A list that may be long, in words. */
export function some(items: readonly string[]): string {
  const more = items.length - MAX_LISTED;
  return `${items.slice(0, MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
