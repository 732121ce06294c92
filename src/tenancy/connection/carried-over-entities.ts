import { type DataSource, EntityManager, type EntityMetadata, type EntityTarget } from 'typeorm';
import { tenantContext } from '../context/tenant-context.js';
import { scopeOf } from './bound-scope.js';
import { clientOf } from './client-of.js';
import { assertEntityOfTenant } from './entity-owner.js';

type Operation = (this: EntityManager, ...args: unknown[]) => Promise<unknown>;

/** What every write of entities goes through: repositories and Active Record call these. */
const GUARDED_OPERATIONS: Readonly<Record<string, Operation>> = Object.fromEntries(
  (['save', 'remove', 'softRemove', 'recover'] as const).map((name) => [name, guarded(name)]),
);

/**
 * Refuses another tenant's entities where TypeORM's events do not tell of them: with `listeners: false`,
 * and in a list whose rows get a foreign key, or a junction row, while the list's owner stays as it is.
 */
export function refuseCarriedOverEntities(dataSource: DataSource): void {
  const { createEntityManager } = dataSource;
  // Called on bound handles, too, which inherit it, and for every query runner: nothing is made anew here.
  dataSource.createEntityManager = function (this: DataSource, queryRunner) {
    return Object.assign(createEntityManager.call(this, queryRunner), GUARDED_OPERATIONS);
  };
  Object.assign(dataSource.manager, GUARDED_OPERATIONS);
}

function guarded(name: 'save' | 'remove' | 'softRemove' | 'recover'): Operation {
  const operate = EntityManager.prototype[name] as Operation;
  return function (this: EntityManager, ...args) {
    const operateOnOwn = (): Promise<unknown> => {
      assertGraphOfTenant(this, args);
      return operate.apply(this, args);
    };
    // What a lazy relation was set to is there one tick later; TypeORM waits for it as well.
    if (hasLazyRelations(this.dataSource)) return Promise.resolve().then(operateOnOwn);
    try {
      return operateOnOwn();
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function hasLazyRelations({ entityMetadatas }: DataSource): boolean {
  return entityMetadatas.some(({ lazyRelations }) => lazyRelations.length > 0);
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
