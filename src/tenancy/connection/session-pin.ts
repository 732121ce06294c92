import type pg from 'pg';
import { quoteIdentifier } from '../core/quote-identifier.js';
import { ownerRoleName, tenantRoleName } from '../core/role-name.js';
import type { Checkout } from './checkout.interface.js';
import type { PinOptions } from './pin-options.js';

/**
 * What a session has to be set to for a checkout: the role, the search path, or both. One text of the simple
 * protocol, written ahead of the checkout's first statement without waiting for its answer.
 *
 * A statement that is sent behind a failed one runs all the same, and the failed one leaves the previous
 * tenant's role and path. So while they are set, any error ends the session: what is behind is never run.
 * https://www.postgresql.org/docs/current/runtime-config-error-handling.html#GUC-EXIT-ON-ERROR
 */
export class SessionPin {
  /** The path as the server reports it after every change: since PostgreSQL 18, before it undefined. */
  private reportedPath: string | undefined;
  /** The path that was set last, and the server's report of it. */
  private set: { readonly path: string; readonly report: string | undefined } | undefined;

  /** @param database the name of the connection's database, which is part of its roles' names */
  constructor(
    private readonly options: PinOptions,
    private readonly database: string,
    connection: pg.Connection,
  ) {
    connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      if (parameterName === 'search_path') this.reportedPath = parameterValue;
    });
  }

  /**
   * The statement that a checkout needs, or undefined when the session is as it has to be. Only of the path
   * can that be known: a role is never reported, and a statement may have set it back.
   */
  statementFor(checkout: Checkout): string | undefined {
    const path = this.pathOf(checkout);
    if (this.options.isolation === 'names' && this.isOn(path)) return undefined;
    // Until the answer: set by nobody knows what.
    this.set = undefined;
    return [
      'SET exit_on_error TO on',
      // Temporary tables are the session's: the next one would find what a tenant left in them.
      'DISCARD TEMP',
      path,
      ...(this.options.isolation === 'role' ? [this.roleOf(checkout)] : []),
      'SET exit_on_error TO off',
    ].join('; ');
  }

  /** Called when the server has answered the checkout's statement. */
  confirm(checkout: Checkout): void {
    this.set = { path: this.pathOf(checkout), report: this.reportedPath };
  }

  /** Whether a checkout would find its search path set. */
  isOnPathOf(checkout: Checkout): boolean {
    return this.isOn(this.pathOf(checkout));
  }

  private isOn(path: string): boolean {
    return (
      this.set?.path === path &&
      this.reportedPath !== undefined &&
      this.set.report === this.reportedPath
    );
  }

  private pathOf({ tenant }: Checkout): string {
    if (!tenant || this.options.rawSql === 'qualified') return 'RESET search_path';
    const schemas = [tenant.schema, ...this.options.extensionSchemas].map(quoteIdentifier);
    // Named nowhere it would come first: a temporary table would hide the tenant's.
    return `SET search_path TO ${[...schemas, 'pg_temp'].join(', ')}`;
  }

  private roleOf({ tenant, actsAsOwner }: Checkout): string {
    if (actsAsOwner) return `SET ROLE ${quoteIdentifier(ownerRoleName(this.database))}`;
    if (!tenant) return 'RESET ROLE';
    return `SET ROLE ${quoteIdentifier(tenantRoleName(this.database, tenant.schema))}`;
  }
}

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}
