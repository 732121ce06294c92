import { Readable } from 'node:stream';
import pg from 'pg';
import type { TenantConnection } from '../wire/tenant-connection.js';

/** Describes the objects that `pg.Client.query` accepts. */
export interface StatementObject {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly values?: unknown;
  /** `extended` uses the extended protocol, also without parameters. */
  readonly queryMode?: unknown;
  readonly callback?: unknown;
  /** Present on submittable objects: `pg.Query`, cursors, query streams and COPY streams. */
  readonly submit?: unknown;
  /** Holds the text of a pg-query-stream. */
  readonly cursor?: { readonly text?: unknown };
}

export type Callback = (error: unknown, ...rest: unknown[]) => unknown;

/** Describes a stream of `COPY … TO STDOUT`. */
export interface CopyOut extends StatementObject {
  readonly text: string;
  submit: (connection: TenantConnection) => void;
}

export type Statement = string | StatementObject | pg.QueryConfig;

/**
 * Returns the SQL of a statement, or undefined if its object hides the text. The connection still checks such
 * a text.
 */
export function statementText(statement: Statement): string | undefined {
  if (typeof statement === 'string') return statement;
  const object = statement as StatementObject;
  const text = object.text ?? object.cursor?.text;
  return typeof text === 'string' ? text : undefined;
}

/** Returns the parameters of a plain statement object, or undefined for texts and submittable objects. */
export function statementValues(statement: Statement): readonly unknown[] | undefined {
  if (typeof statement === 'string' || isSubmittable(statement)) return undefined;
  const { values } = statement;
  return Array.isArray(values) ? values : undefined;
}

/**
 * Returns the parameters that a statement sends, given the second argument of the call. Cursors and query
 * streams hold theirs as text.
 */
export function parametersOf(statement: Statement, second: unknown): unknown {
  if (typeof statement === 'string') return second;
  const own = (statement as StatementObject).values;
  return isSubmittable(statement) || typeof second === 'function' ? own : (second ?? own);
}

/** Returns the callback in a plain statement object. A callback among the arguments replaces it. */
export function callbackOf(statement: Statement): Callback | undefined {
  if (typeof statement === 'string' || isSubmittable(statement)) return undefined;
  const { callback } = statement as StatementObject;
  return typeof callback === 'function' ? (callback as Callback) : undefined;
}

/** Returns whether the statement is a submittable object, which reports errors through its own methods. */
export function isSubmittable(statement: Statement): boolean {
  return (
    typeof statement === 'object' && typeof (statement as StatementObject).submit === 'function'
  );
}

/** Returns whether the statement sends its own messages, like cursors, streams and COPY do. */
export function submitsItself(statement: Statement): boolean {
  return isSubmittable(statement) && !(statement instanceof pg.Query);
}

/**
 * Returns the statement as an object that pg may change. Before 8.23.1, pg writes the callback into the
 * caller's object.
 */
export function changeable(statement: Statement): Statement {
  return typeof statement === 'string' || isSubmittable(statement)
    ? statement
    : (Object.create(statement) as Statement);
}

/**
 * Returns the statement without its name. pg prepares a named statement once per connection, for all tenants.
 * Its plan would belong to another tenant, and beyond 63 bytes even its name.
 */
export function withoutName(statement: Statement): Statement {
  return isNamed(statement) ? derive(statement, 'name', undefined) : statement;
}

/** Returns whether the caller's statement stays prepared on the server. */
export function isNamed(statement: Statement): boolean {
  return typeof statement !== 'string' && Boolean((statement as StatementObject).name);
}

/**
 * Returns the statement for the extended protocol. A message of this protocol holds one command, so the
 * server rejects an injected second one. Objects that send their own messages stay unchanged: the connection
 * converts them.
 */
export function inExtendedProtocol(statement: Statement): Statement {
  if (typeof statement === 'string') return { text: statement, queryMode: 'extended' };
  if (submitsItself(statement)) return statement;
  return derive(statement, 'queryMode', 'extended');
}

/**
 * Returns whether the statement certainly uses the extended protocol. Objects that send their own messages
 * return false, because cursors use it and COPY does not.
 */
export function isExtended(statement: Statement, values: unknown): boolean {
  if (statement instanceof pg.Query) return requiresPreparation(statement);
  if (isSubmittable(statement)) return false;
  return requiresPreparation(new pg.Query(statement as string, values as unknown[]));
}

/**
 * Returns whether the statement is a `COPY … TO STDOUT`. Its object reads the server's messages from the
 * socket and understands only those of its own statement.
 */
export function isCopyOut(statement: Statement): statement is CopyOut {
  return isSubmittable(statement) && statement instanceof Readable && !('cursor' in statement);
}

/** Returns whether `pg` uses the extended protocol for a query. The method is not in its types. */
function requiresPreparation(query: pg.Query): boolean {
  return (query as unknown as { requiresPreparation(): boolean }).requiresPreparation();
}

/** Returns the statement with another callback. */
export function withCallback(statement: Statement, callback: Callback): Statement {
  return derive(statement, 'callback', callback);
}

/** Returns the statement with other parameters. */
export function withValues(statement: Statement, values: readonly unknown[]): Statement {
  return derive(statement, 'values', values);
}

/**
 * Creates an object that overrides one property and inherits all others, getters and listeners included. The
 * caller's object stays unchanged, because it may be a constant that all tenants share.
 */
function derive(statement: Statement, property: string, value: unknown): Statement {
  return Object.create(statement as object, {
    [property]: { value, writable: true, enumerable: true, configurable: true },
  }) as Statement;
}
