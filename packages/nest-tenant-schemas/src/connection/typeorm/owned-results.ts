import {
  type EntityMetadata,
  InsertQueryBuilder,
  type InsertResult,
  type QueryRunner,
  UpdateQueryBuilder,
  type UpdateResult,
} from 'typeorm';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import type { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { RawSqlResultsToEntityTransformer } from 'typeorm/query-builder/transformer/RawSqlResultsToEntityTransformer.js';
import { tenantContext } from '../../context/tenant-context.js';
import { clientOf } from '../client/client-of.js';
import { scopeOf } from './bound-scope.js';
import { holderOf } from './entity-guard.js';
import { stampEntity } from './entity-owner.js';
import { type Method, named, type Self, wrap } from './wrap-methods.js';

/** What makes entities of rows; its fields are private in TypeORM. */
interface Transformer {
  readonly queryRunner?: QueryRunner;
  readonly driver: object;
  readonly expressionMap: QueryExpressionMap;
}

type Fields = Record<string, unknown>;

/** Makes every entity that TypeORM makes of a row belong to the tenant of the read, with listeners and without. */
export function stampRows(): void {
  wrap(RawSqlResultsToEntityTransformer, stampingRows as never, named('transform'));
}

/** Makes what query builders write, and the maps of ids that they return, belong to the tenant of the write. */
export function stampResults(): void {
  for (const builder of [InsertQueryBuilder, UpdateQueryBuilder, SoftDeleteQueryBuilder]) {
    wrap(builder, stampingResults, named('execute'));
  }
}

function stampingRows(method: (...args: unknown[]) => unknown[]) {
  return function (this: Transformer, rows: unknown, alias: { readonly metadata: EntityMetadata }) {
    const entities = method.call(this, rows, alias);
    const { queryRunner, driver, expressionMap } = this;
    // A result of the query cache has no client.
    const holder =
      clientOf(queryRunner) ?? scopeOf(queryRunner) ?? scopeOf(driver) ?? tenantContext.scope;
    for (const entity of entities) {
      stampEntity(entity, alias.metadata, holder);
      // Of a relation's ids, those of several columns are objects.
      for (const { mapToPropertyPropertyPath } of expressionMap.relationIdAttributes) {
        const ids = mapToPropertyPropertyPath
          .split('.')
          .reduce<unknown>((within, name) => (within as Fields | undefined)?.[name], entity);
        for (const each of [ids].flat()) stampEntity(each, alias.metadata, holder);
      }
    }
    return entities;
  };
}

function stampingResults(method: Method): Method {
  return async function (...args) {
    const holder = holderOf(this);
    const result = (await method.apply(this, args)) as Partial<InsertResult & UpdateResult>;
    for (const made of [writtenBy(this), result.identifiers, result.generatedMaps].flat()) {
      const { mainAlias } = this.expressionMap;
      if (mainAlias?.hasMetadata) stampEntity(made, mainAlias.metadata, holder);
    }
    return result;
  };
}

/** What TypeORM has put generated values into. An UPDATE's values are the caller's, and have no id. */
function writtenBy(builder: Self): unknown {
  const { whereEntities, valuesSet } = builder.expressionMap;
  return builder instanceof InsertQueryBuilder ? valuesSet : whereEntities;
}
