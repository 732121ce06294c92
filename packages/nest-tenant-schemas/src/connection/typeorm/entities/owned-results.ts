import {
  type EntityMetadata,
  InsertQueryBuilder,
  type InsertResult,
  type QueryRunner,
  UpdateQueryBuilder,
  type UpdateResult,
} from 'typeorm';
import { ReturningResultsEntityUpdator } from 'typeorm/query-builder/ReturningResultsEntityUpdator.js';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import type { Alias } from 'typeorm/query-builder/Alias.js';
import type { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { RawSqlResultsToEntityTransformer } from 'typeorm/query-builder/transformer/RawSqlResultsToEntityTransformer.js';
import { tenantContext } from '../../../context/tenant-context.js';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import { clientOf } from '../../client/client-of.js';
import { scopeOf } from '../bound-scope.js';
import { dataSourceOf } from '../typeorm-versions.js';
import { holderOf, isPlain } from './entity-guard.js';
import { isObject, stampEntity } from './entity-owner.js';
import { mergeReturned } from './returned-values.js';
import { type Method, named, type Self, wrap } from './wrap-methods.js';

/** Describes the class that creates entities from rows. Its fields are private in TypeORM. */
interface Transformer {
  readonly queryRunner?: QueryRunner;
  readonly driver: object;
  readonly expressionMap: QueryExpressionMap;
}

/** Describes the class that copies returned columns into the written entities. Its fields are protected in TypeORM. */
interface Updator {
  readonly queryRunner: QueryRunner;
  readonly expressionMap: QueryExpressionMap;
}

/** Assigns every entity that TypeORM creates from a row to the tenant of the read, with or without listeners. */
export function stampRows(): void {
  wrap(RawSqlResultsToEntityTransformer, stampingRows as never, named('transform'));
}

/**
 * Assigns entities that query builders write, and the maps that they return, to the tenant of the write. A plain object remains
 * without a tenant if the write adds no column to it, so that all tenants can insert a constant.
 */
export function stampResults(): void {
  wrap(ReturningResultsEntityUpdator, stampingReturned, named('insert', 'update'));
  for (const builder of [InsertQueryBuilder, UpdateQueryBuilder, SoftDeleteQueryBuilder]) {
    wrap(builder, stampingUnreturned, named('execute'));
  }
}

function stampingRows(method: (...args: unknown[]) => unknown[]) {
  return function (this: Transformer, rows: unknown, alias: { readonly metadata: EntityMetadata }) {
    const entities = method.call(this, rows, alias);
    const { queryRunner, driver, expressionMap } = this;
    const { metadata } = alias;
    // A cached query result has no client.
    const holder =
      clientOf(queryRunner) ?? scopeOf(queryRunner) ?? scopeOf(driver) ?? tenantContext.scope;
    for (const entity of entities) stampEntity(entity, metadata, holder);
    for (const { mapToPropertyPropertyPath } of expressionMap.relationIdAttributes) {
      for (const entity of entities) {
        // Ids of several columns are objects.
        for (const ids of valuesAt(entity, mapToPropertyPropertyPath)) {
          stampEntity(ids, metadata, holder);
        }
      }
    }
    return entities;
  };
}

/** Returns the values of a property. Its path may lead through embedded objects. */
function valuesAt(entity: unknown, path: string): unknown[] {
  const value = path
    .split('.')
    .reduce((within, name) => (within as Record<string, unknown> | undefined)?.[name], entity);
  return [value].flat();
}

/** Stamps before the listeners of the write receive the entities. TypeORM's method is synchronous on PostgreSQL. */
function stampingReturned(method: Method): Method {
  return function (...args) {
    const { queryRunner, expressionMap } = this as unknown as Updator;
    const { metadata } = expressionMap.mainAlias as Alias;
    const [result, entities] = args as [Partial<InsertResult & UpdateResult>, object[]];
    const written = entities.filter((each) => !isPlain(each) || isIncomplete(each, expressionMap));
    const updated = mergeReturned(() => method.apply(this, args));
    const holder = holderOf({ queryRunner, dataSource: dataSourceOf(queryRunner) });
    for (const each of written) stampEntity(each, metadata, holder);
    for (const each of result.identifiers ?? []) stampEntity(each, metadata, holder);
    for (const each of result.generatedMaps ?? []) stampEntity(each, metadata, holder);
    return updated;
  };
}

/** Returns whether the statement returns a column that an entity has no value for. */
function isIncomplete(entity: object, map: QueryExpressionMap): boolean {
  const columns = map.returning ? map.mainAlias?.metadata.columns : map.extraReturningColumns;
  return (columns ?? []).some((column) => column.getEntityValue(entity) === undefined);
}

/** Stamps entities of classes that get no column back, as with `updateEntity(false)`. */
function stampingUnreturned(method: Method): Method {
  return function (...args) {
    const executed = method.apply(this, args) as Promise<unknown>;
    const { updateEntity, mainAlias } = this.expressionMap;
    if (updateEntity || !mainAlias?.hasMetadata) return executed;
    const { metadata } = mainAlias;
    const entities = [writtenBy(this)].flat().filter((each) => isObject(each) && !isPlain(each));
    if (entities.length === 0 || metadata.schema !== TENANT_SCHEMA) return executed;
    const holder = holderOf(this);
    return executed.then((result) => {
      for (const each of entities) stampEntity(each, metadata, holder);
      return result;
    });
  };
}

/** Returns the entities of a builder. The values of an UPDATE belong to the caller, and have no id. */
function writtenBy(builder: Self): unknown {
  const { whereEntities, valuesSet } = builder.expressionMap;
  return builder instanceof InsertQueryBuilder ? valuesSet : whereEntities;
}
