import type { DataSource, QueryRunner, SelectQueryBuilder } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { RelationLoader } from 'typeorm/query-builder/RelationLoader.js';
import { tenantContext } from '../../context/tenant-context.js';
import { scopeOf } from './bound-scope.js';
import { boundScopeOf } from './entities/entity-owner.js';

/**
 * A promise whose rejection is never "unhandled" by what TypeORM derives from it: its lazy getter calls
 * `then` without a second argument and drops the result, which ends the process although the
 * application caught the error. Whoever awaits it still gets the rejection.
 */
class LazyRelationPromise<T> extends Promise<T> {
  // oxlint-disable-next-line unicorn/no-thenable -- a promise's own method
  override then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    const derived = super.then(onFulfilled, onRejected);
    if (!onRejected) super.then.call(derived, undefined, () => undefined);
    return derived;
  }
}

/**
 * Makes relations load in the tenant of the bound handle that is asked for them, else in that of their entity's
 * handle, else in the current one, and with rejections that can be caught.
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
  ) =>
    new LazyRelationPromise((resolve, reject) => {
      const first: unknown = Array.isArray(entities) ? entities[0] : entities;
      const scope = scopeOf(dataSource) ?? boundScopeOf(first) ?? tenantContext.scope;
      tenantContext.runInScope(scope, () => {
        load(relation, entities, queryRunner, queryBuilder, loadEagerRelations).then(
          resolve,
          reject,
        );
      });
    });
  return relationLoader;
}
