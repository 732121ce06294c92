import type { DataSource, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { RelationLoader } from 'typeorm/query-builder/RelationLoader.js';
import { tenantContext } from '../../context/tenant-context.js';
import { scopeOf } from './bound-scope.js';
import { assertRunnerOfHandle } from './entities/entity-guard.js';
import { boundScopeOf } from './entities/entity-owner.js';

/**
 * Prevents two faults of TypeORM's lazy getter. It calls `then` with one argument and drops a result, so that a rejection
 * would end the process, although the application caught the error. It also keeps the rejected promise on the
 * entity, which could then never load the relation. A caller that awaits the promise still receives the rejection.
 */
class LazyRelationPromise<T> extends Promise<T> {
  /** Removes a rejected promise from the entity. */
  forget?: (rejected: Promise<unknown>) => void;

  // oxlint-disable-next-line unicorn/no-thenable -- a promise's own method
  override then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    const derived = super.then(onFulfilled, onRejected);
    if (!onRejected) super.then.call(derived, undefined, () => this.forget?.(derived));
    return derived;
  }
}

/**
 * Loads relations in the tenant of the bound handle that runs the load. Without one, it uses the tenant of
 * the entity's handle, or else the current one. The application can catch all rejections.
 */
export function guardRelationLoader(
  relationLoader: RelationLoader,
  dataSource: DataSource,
): RelationLoader {
  const load = relationLoader.load.bind(relationLoader);
  relationLoader.load = (
    relation: RelationMetadata,
    entities: object | object[],
    queryRunner?: QueryRunner,
    queryBuilder?: SelectQueryBuilder<never>,
    loadEagerRelations?: boolean,
  ) => {
    const loaded = new LazyRelationPromise<unknown[]>((resolve, reject) => {
      // TypeORM ignores a released query runner.
      if (queryRunner && !queryRunner.isReleased) assertRunnerOfHandle({ dataSource, queryRunner });
      const first: unknown = Array.isArray(entities) ? entities[0] : entities;
      const scope = scopeOf(dataSource) ?? boundScopeOf(first) ?? tenantContext.scope;
      tenantContext.runInScope(scope, () => {
        load(relation, entities, queryRunner, queryBuilder, loadEagerRelations).then(
          resolve,
          reject,
        );
      });
    });
    loaded.forget = (rejected) => forgetPromise(entities, relation, rejected);
    return loaded;
  };
  return relationLoader;
}

/** Deletes the promise that the lazy getter keeps on an entity, unless another one has replaced it. */
function forgetPromise(
  entity: object,
  { propertyName }: RelationMetadata,
  rejected: Promise<unknown>,
): void {
  const kept = `__promise_${propertyName}__`;
  if (Reflect.get(entity, kept) === rejected) Reflect.deleteProperty(entity, kept);
}
