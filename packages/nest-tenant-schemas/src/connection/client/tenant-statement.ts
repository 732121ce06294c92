import {
  isCatalogueStatement,
  parametersHavePlaceholder,
  replacePlaceholderInParameters,
} from '../../core/catalogue-statement.js';
import { hasPlaceholder } from '../../core/names/schema-placeholder.js';
import { beginsTransaction } from '../../core/transaction-control.js';
import type { Tenant } from '../../interfaces/tenant.interface.js';
import {
  inExtendedProtocol,
  isNamed,
  isSubmittable,
  type Statement,
  statementValues,
  withoutName,
  withValues,
} from './statement.js';

/** What `pg.Client.query` is given: a statement, then parameters or a callback. */
export type Sent = readonly [statement: Statement, second: unknown];

/**
 * A statement as it is sent for a tenant, but for the placeholder in its text, which is written over on the wire.
 *
 * @param allowsOneStatementOnly whether the server is to refuse a second statement in the same text
 * @param requireTenant the tenant that the statement may be sent for; throws when there is none
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
  } else if (isNamed(sent) && beginsTransaction(text)) {
    // Role and path go behind it, which only its text can show.
    sent = withoutName(sent);
  }
  const values = Array.isArray(second) ? second : statementValues(statement);
  if (!values || !parametersHavePlaceholder(values) || !isCatalogueStatement(text)) {
    return [sent, second];
  }
  const written = replacePlaceholderInParameters(values, requireTenant().schema);
  return Array.isArray(second) ? [sent, written] : [withValues(sent, written), second];
}

/** Hands an error to the caller in the way that the caller listens. */
export function refuse(
  error: Error,
  statement: Statement,
  second: unknown,
  third: unknown,
): unknown {
  // What submits itself has no callback of ours to hear of the error by.
  if (isSubmittable(statement)) throw error;
  const callback = [second, third].find((argument) => typeof argument === 'function');
  if (!callback) return Promise.reject(error);
  process.nextTick(callback as (error: Error) => void, error);
  return undefined;
}
