import type { DataSource, EntityManager, EntityMetadata, EntityTarget } from 'typeorm';
import { tenantContext } from '../context/tenant-context.js';
import { scopeOf } from './bound-data-source.js';
import { clientOf } from './client-of.js';
import { assertEntityOfTenant } from './entity-owner.js';

/** What every write of entities goes through: repositories and Active Record call these. */
const OPERATIONS = ['save', 'remove', 'softRemove', 'recover'] as const;

type Operation = (...args: unknown[]) => Promise<unknown>;

/**
 * Refuses another tenant's entities where TypeORM's events do not tell of them: with `listeners: false`,
 * and in a list whose rows get a foreign key, or a junction row, while the list's owner stays as it is.
 */
export function refuseCarriedOverEntities(dataSource: DataSource): void {
  const { createEntityManager } = dataSource;
  // Called on bound handles, too, which inherit it.
  dataSource.createEntityManager = function (this: DataSource, queryRunner) {
    return guard(createEntityManager.call(this, queryRunner));
  };
  guard(dataSource.manager);
}

function guard(manager: EntityManager): EntityManager {
  for (const operation of OPERATIONS) {
    const operate = manager[operation] as Operation;
    const guarded: Operation = async (...args) => {
      // What a lazy relation was set to is there one tick later; TypeORM waits for it as well.
      await Promise.resolve();
      assertGraphOfTenant(manager, args);
      return operate.apply(manager, args);
    };
    Object.defineProperty(manager, operation, { value: guarded });
  }
  return manager;
}

/** @param args of the operation: entities, after their target or alone, and options, which are nobody's */
function assertGraphOfTenant(manager: EntityManager, args: readonly unknown[]): void {
  const { dataSource, queryRunner } = manager;
  const holder =
    clientOf(queryRunner) ?? scopeOf(queryRunner) ?? scopeOf(dataSource) ?? tenantContext.scope;
  if (!holder?.tenant) return;
  const seen = new Set<unknown>();
  const metadataOf = (target: unknown): EntityMetadata | undefined =>
    dataSource.hasMetadata(target as EntityTarget<object>)
      ? dataSource.getMetadata(target as EntityTarget<object>)
      : undefined;
  const visit = (value: unknown, known: EntityMetadata | undefined): void => {
    if (Array.isArray(value)) return value.forEach((each) => visit(each, known));
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    assertEntityOfTenant(value, holder);
    const relations = (metadataOf(value.constructor) ?? known)?.relations ?? [];
    for (const relation of relations) {
      visit(relation.getEntityValue(value), relation.inverseEntityMetadata);
    }
  };
  const target = metadataOf(args[0]);
  for (const arg of args) visit(arg, target);
}
