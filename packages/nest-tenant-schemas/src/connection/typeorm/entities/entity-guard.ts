import type { QueryRunner } from 'typeorm';
import { tenantContext } from '../../../context/tenant-context.js';
import { TenantMismatchError } from '../../../errors/tenant-mismatch.error.js';
import { scopeOf } from '../bound-scope.js';
import { clientOf } from '../../client/client-of.js';
import type { Holder } from './entity-owner.js';
import { type DataSourceHolder, dataSourceOf } from '../typeorm-versions.js';

/** Describes an object that runs operations: a manager, a query builder or a relation loader. */
export interface Operator extends DataSourceHolder {
  readonly queryRunner?: QueryRunner;
}

/**
 * Returns the client or the scope whose tenant an operation uses. It is that of the operation's query runner,
 * if there is one.
 *
 * @throws TenantMismatchError when a handle's operation has a query runner of another tenant
 */
export function holderOf(operator: Operator): Holder | undefined {
  const { queryRunner } = operator;
  const bound = scopeOf(dataSourceOf(operator));
  if (!queryRunner) return bound ?? tenantContext.scope;
  const client = clientOf(queryRunner);
  const ofRunner = scopeOf(queryRunner);
  // A client with a broken connection no longer has a tenant. The runner of its handle still has it, and reports the failure.
  const holder = (client?.tenant || !ofRunner ? client : ofRunner) ?? tenantContext.scope;
  if (bound && holder?.tenant?.schema !== bound.tenant?.schema) {
    const [owner, current] = [holder, bound].map((each) => each?.tenant?.schema ?? 'none');
    throw new TenantMismatchError('This query runner', owner as string, current as string);
  }
  return holder;
}

/**
 * Asserts that a handle's operation has a query runner of the handle's tenant, if it has one.
 *
 * @throws TenantMismatchError
 */
export function assertRunnerOfHandle(operator: Operator): void {
  if (operator.queryRunner && scopeOf(dataSourceOf(operator))) holderOf(operator);
}

/** Returns whether an object has no class. */
export function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null;
}
