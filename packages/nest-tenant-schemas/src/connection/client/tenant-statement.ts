import {
  isCatalogueStatement,
  parametersHavePlaceholder,
  replacePlaceholderInParameters,
} from '../../core/sql/catalogue-statement.js';
import { hasPlaceholder } from '../../core/names/schema-placeholder.js';
import { isBlockStatement } from '../../core/sql/transaction-control.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import {
  callbackOf,
  inExtendedProtocol,
  isNamed,
  isSubmittable,
  type Statement,
  statementValues,
  withoutName,
  withValues,
} from './statement.js';

/** Holds the arguments of `pg.Client.query`: a statement, then parameters or a callback. */
export type Sent = readonly [statement: Statement, second: unknown];

/**
 * Prepares the arguments of a statement for a tenant. The connection replaces the placeholder in the text
 * later.
 *
 * @param allowsOneStatementOnly whether the server must reject a second statement in the text
 * @param requireTenant returns the tenant of the statement, or throws if there is none
 */
export function forTenant(
  [statement, second]: Sent,
  text: string,
  allowsOneStatementOnly: boolean,
  requireTenant: () => Tenant,
): Sent {
  let sent = allowsOneStatementOnly ? inExtendedProtocol(statement) : statement;
  if (hasPlaceholder(text)) {
    requireTenant();
    sent = withoutName(sent);
  } else if (isNamed(sent) && isBlockStatement(text)) {
    // Role and path do not go ahead of it, which only its text can show.
    sent = withoutName(sent);
  }
  const values = Array.isArray(second) ? second : statementValues(statement);
  if (!values || !parametersHavePlaceholder(values) || !isCatalogueStatement(text)) {
    return [sent, second];
  }
  const written = replacePlaceholderInParameters(values, requireTenant().schema);
  return Array.isArray(second) ? [sent, written] : [withValues(sent, written), second];
}

/** Reports an error in the form that the caller expects: a throw, a rejection or a callback. */
export function refuse(
  error: Error,
  statement: Statement,
  second: unknown,
  third: unknown,
): unknown {
  // A submittable object has no callback for this error.
  if (isSubmittable(statement)) throw error;
  const callback =
    [second, third].find((argument) => typeof argument === 'function') ?? callbackOf(statement);
  if (!callback) return Promise.reject(error);
  process.nextTick(callback as (error: Error) => void, error);
  return undefined;
}
