import { Readable } from 'node:stream';
import pg from 'pg';
import type { TenantConnection } from '../wire/tenant-connection.js';

/** What `pg.Client.query` takes that is not a plain text. */
export interface StatementObject {
  readonly text?: unknown;
  readonly name?: unknown;
  readonly values?: unknown;
  /** `extended` keeps to the protocol of parameters without any. */
  readonly queryMode?: unknown;
  /** Present on what sends itself: `pg.Query`, cursors, query streams, COPY streams. */
  readonly submit?: unknown;
  /** pg-query-stream keeps its text in the cursor that it wraps. */
  readonly cursor?: { readonly text?: unknown };
}

/** A stream of `COPY … TO STDOUT`. */
export interface CopyOut extends StatementObject {
  readonly text: string;
  submit: (connection: TenantConnection) => void;
}

export type Statement = string | StatementObject | pg.QueryConfig;

/** The statement's SQL, or undefined when its object hides it (the wire still guards it). */
export function statementText(statement: Statement): string | undefined {
  if (typeof statement === 'string') return statement;
  const object = statement as StatementObject;
  const text = object.text ?? object.cursor?.text;
  return typeof text === 'string' ? text : undefined;
}

/** Parameters that a plain statement object carries; those of what submits itself stay its own. */
export function statementValues(statement: Statement): readonly unknown[] | undefined {
  if (typeof statement === 'string' || isSubmittable(statement)) return undefined;
  const { values } = statement;
  return Array.isArray(values) ? values : undefined;
}

/** Whether the statement sends itself, and hears of errors only by its own methods or a throw. */
export function isSubmittable(statement: Statement): boolean {
  return (
    typeof statement === 'object' && typeof (statement as StatementObject).submit === 'function'
  );
}

/** Whether the statement sends itself by a way of its own, as cursors, streams and COPY do. */
export function submitsItself(statement: Statement): boolean {
  return isSubmittable(statement) && !(statement instanceof pg.Query);
}

/** The statement as an object that pg may change. Before 8.23.1, pg writes the callback into the caller's object. */
export function changeable(statement: Statement): Statement {
  return typeof statement === 'string' || isSubmittable(statement)
    ? statement
    : (Object.create(statement) as Statement);
}

/**
 * The statement without its name. A named statement is prepared once for all tenants of a connection,
 * but its plan, and beyond 63 bytes even its name, would be another tenant's.
 */
export function withoutName(statement: Statement): Statement {
  return isNamed(statement) ? derive(statement, 'name', undefined) : statement;
}

/** Returns whether the caller has the server keep the statement prepared. */
export function isNamed(statement: Statement): boolean {
  return typeof statement !== 'string' && Boolean((statement as StatementObject).name);
}

/**
 * The statement by the extended protocol, whose messages hold one command each: the server refuses a second
 * one that was injected. What submits itself by a way of its own stays as it is: the connection sends it.
 */
export function inExtendedProtocol(statement: Statement): Statement {
  if (typeof statement === 'string') return { text: statement, queryMode: 'extended' };
  if (submitsItself(statement)) return statement;
  return derive(statement, 'queryMode', 'extended');
}

/**
 * Whether the statement is known to go by the extended protocol. What submits itself by a way of its own tells
 * nothing: cursors do, COPY does not.
 */
export function isExtended(statement: Statement, values: unknown): boolean {
  if (statement instanceof pg.Query) return requiresPreparation(statement);
  if (isSubmittable(statement)) return false;
  return requiresPreparation(new pg.Query(statement as string, values as unknown[]));
}

/**
 * Whether the statement is a `COPY … TO STDOUT`, whose object reads the server's messages from the socket itself, and knows those of no
 * statement but its own.
 */
export function isCopyOut(statement: Statement): statement is CopyOut {
  return isSubmittable(statement) && statement instanceof Readable && !('cursor' in statement);
}

/** `pg` asks its own queries; not in its types. */
function requiresPreparation(query: pg.Query): boolean {
  return (query as unknown as { requiresPreparation(): boolean }).requiresPreparation();
}

/** The statement with other parameters. */
export function withValues(statement: Statement, values: readonly unknown[]): Statement {
  return derive(statement, 'values', values);
}

/**
 * The caller's object with one property of its own; all else, getters and listeners included, is the
 * caller's still. That object stays as it is: it may be a constant that every tenant uses.
 */
function derive(statement: Statement, property: string, value: unknown): Statement {
  return Object.create(statement as object, {
    [property]: { value, writable: true, enumerable: true, configurable: true },
  }) as Statement;
}
