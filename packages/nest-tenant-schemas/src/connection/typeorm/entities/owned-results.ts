import {
  type EntityMetadata,
  InsertQueryBuilder,
  type InsertResult,
  type QueryRunner,
  UpdateQueryBuilder,
  type UpdateResult,
} from 'typeorm';
import type { Subject } from 'typeorm/persistence/Subject.js';
import { SubjectExecutor } from 'typeorm/persistence/SubjectExecutor.js';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import type { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { RawSqlResultsToEntityTransformer } from 'typeorm/query-builder/transformer/RawSqlResultsToEntityTransformer.js';
import { tenantContext } from '../../../context/tenant-context.js';
import { TENANT_SCHEMA } from '../../../core/names/schema-placeholder.js';
import { clientOf } from '../../client/client-of.js';
import { scopeOf } from '../bound-scope.js';
import { dataSourceOf } from '../typeorm-versions.js';
import { holderOf } from './entity-guard.js';
import { stampEntity } from './entity-owner.js';
import { type Method, named, type Self, wrap } from './wrap-methods.js';

/** Describes the class that creates entities from rows. Its fields are private in TypeORM. */
interface Transformer {
  readonly queryRunner?: QueryRunner;
  readonly driver: object;
  readonly expressionMap: QueryExpressionMap;
}

/** Describes the class that writes the entities of an operation, one subject each. Its fields are protected in TypeORM. */
interface Executor {
  readonly queryRunner: QueryRunner;
  readonly allSubjects: readonly Subject[];
}

/** Assigns every entity that TypeORM creates from a row to the tenant of the read, with or without listeners. */
export function stampRows(): void {
  wrap(RawSqlResultsToEntityTransformer, stampingRows as never, named('transform'));
}

/** Assigns rows that query builders write, and the maps of ids that they return, to the tenant of the write. */
export function stampResults(): void {
  for (const builder of [InsertQueryBuilder, UpdateQueryBuilder, SoftDeleteQueryBuilder]) {
    wrap(builder, stampingResults, named('execute'));
  }
}

/**
 * Assigns the existing rows that a `save`, `softRemove` or `recover` is given, also along its cascades, to the tenant of the
 * operation. A new row is assigned by the values that the INSERT returns for it. TypeORM loads the rows and then calls
 * `recompute`, which is synchronous: a promise has a cost (docs/decisions/0002-async-context.md).
 */
export function stampSubjects(): void {
  wrap(SubjectExecutor, stampingSubjects, named('recompute'));
}

function stampingSubjects(method: Method): Method {
  return function (...args) {
    const result = method.apply(this, args);
    const { queryRunner, allSubjects } = this as unknown as Executor;
    const holder = holderOf({ queryRunner, dataSource: dataSourceOf(queryRunner) });
    for (const { entity, metadata, databaseEntity, mustBeRemoved } of allSubjects) {
      if (databaseEntity && !mustBeRemoved) stampEntity(entity, metadata, holder);
    }
    return result;
  };
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

function stampingResults(method: Method): Method {
  return function (...args) {
    const { mainAlias } = this.expressionMap;
    const executed = method.apply(this, args) as Promise<Partial<InsertResult & UpdateResult>>;
    if (!mainAlias?.hasMetadata || mainAlias.metadata.schema !== TENANT_SCHEMA) return executed;
    const { metadata } = mainAlias;
    const holder = holderOf(this);
    return executed.then((result) => {
      for (const made of [writtenBy(this), result.identifiers, result.generatedMaps]) {
        if (!Array.isArray(made)) stampEntity(made, metadata, holder);
        else for (const each of made as unknown[]) stampEntity(each, metadata, holder);
      }
      return result;
    });
  };
}

/**
 * Returns the objects that received generated values. The values of an UPDATE belong to the caller, and have
 * no id.
 */
function writtenBy(builder: Self): unknown {
  const { whereEntities, valuesSet } = builder.expressionMap;
  return builder instanceof InsertQueryBuilder ? valuesSet : whereEntities;
}
