import {
  DataSource,
  EntityManager,
  type EntityMetadata,
  EntitySchema,
  type EntityTarget,
  InsertQueryBuilder,
  QueryBuilder,
  type QueryRunner,
  RelationQueryBuilder,
  SelectQueryBuilder,
  TreeRepository,
  UpdateQueryBuilder,
} from 'typeorm';
import { QueryExpressionMap } from 'typeorm/query-builder/QueryExpressionMap.js';
import { RelationIdLoader } from 'typeorm/query-builder/RelationIdLoader.js';
import { BaseQueryRunner } from 'typeorm/query-runner/BaseQueryRunner.js';
import { RelationLoader } from 'typeorm/query-builder/RelationLoader.js';
import { scopeOf } from '../bound-scope.js';
import { assertEntityOfTenant } from './assert-entity.js';
import { assertRunnerOfHandle, holderOf, type Operator } from './entity-guard.js';
import { bindEntity, inheritOwner, inheritOwnerAlong, isObject, ownerOf } from './entity-owner.js';
import { isGuarded, markGuarded } from './guarded-data-source.js';
import { guardSubjects } from './guarded-subjects.js';
import { stampMaps } from './owned-maps.js';
import { stampResults, stampRows } from './owned-results.js';
import { assertArgumentsOfTenant } from './search/search-arguments.js';
import { stampValueSets } from './owned-value-sets.js';
import { isMergingReturned } from './returned-values.js';
import { dataSourceOf } from '../typeorm-versions.js';
import {
  inheriting,
  type Method,
  named,
  rejecting,
  type Self,
  throwing,
  wrap,
} from './wrap-methods.js';

/**
 * Lists the methods of EntityManager that take no entity. The engine guards all others, also those of later
 * TypeORM versions.
 */
const WITHOUT_ENTITIES = new Set([
  'constructor',
  'createQueryBuilder',
  'getMongoRepository',
  'getRepository',
  'getTreeRepository',
  'query',
  'release',
  'sql',
  'transaction',
  'withRepository',
]);

/** Matches methods whose options reach `setFindOptions` of a query builder, which is guarded itself. */
const BY_FIND_OPTIONS = /^(?:find|count|exists|sum|average|minimum|maximum)/;

/** Lists methods of managers and repositories that do not return a promise. */
const SYNCHRONOUS = new Set([
  'create',
  'createAncestorsQueryBuilder',
  'createDescendantsQueryBuilder',
  'getId',
  'hasId',
  'merge',
]);

/** Lists methods that copy entities into others. */
const COPYING = new Set(['create', 'merge']);

let isInstalled = false;

/**
 * Rejects another tenant's entities in every operation that takes entities, or criteria and ids built from
 * them. TypeORM has no hook for this, so the engine wraps methods of its classes once per process. For an
 * unguarded DataSource they check nothing.
 * Decision: docs/decisions/0017-promises-of-a-statement.md.
 */
export function guardOperations(dataSource: DataSource): void {
  markGuarded(dataSource);
  if (isInstalled) return;
  isInstalled = true;
  wrap(
    EntityManager,
    guardManager,
    (name) => !WITHOUT_ENTITIES.has(name) && !BY_FIND_OPTIONS.test(name),
  );
  wrap(TreeRepository, guardTree, (name) => /Descendants|Ancestors/.test(name));
  for (const loader of [RelationLoader, RelationIdLoader]) {
    wrap(loader, rejecting(assertLoad), (name) => name.startsWith('load'));
  }
  wrap(
    QueryBuilder,
    throwing(assertCriteria),
    named(
      'getWhereCondition',
      'getWhereInIdsCondition',
      'setNativeParameters',
      'setParameter',
      'setParameters',
      'update',
    ),
  );
  wrap(SelectQueryBuilder, throwing(assertCriteria), named('setFindOptions'));
  wrap(InsertQueryBuilder, throwing(assertCriteria), named('values'));
  wrap(UpdateQueryBuilder, throwing(assertCriteria), named('set'));
  wrap(RelationQueryBuilder, throwing(assertCriteria), named('of'));
  wrap(RelationQueryBuilder, rejecting(assertCriteria), named('set', 'add', 'remove'));
  wrap(DataSource, throwing(assertRunnerAt(0)), named('createEntityManager'));
  wrap(DataSource, rejecting(assertRunnerAt(2)), named('query'));
  wrap(QueryBuilder, throwing(assertBuilder), named('obtainQueryRunner'));
  wrap(SelectQueryBuilder, throwing(assertBuilder), named('obtainQueryRunner'));
  // Rows that an operation loads or writes belong to its tenant.
  stampRows();
  stampResults();
  guardSubjects();
  // Objects that are built from an entity belong to the entity's tenant.
  wrap(
    QueryBuilder,
    inheriting(({ expressionMap }) => expressionMap),
    named('getParameters'),
  );
  wrap(
    QueryExpressionMap,
    inheriting((map) => map),
    named('clone'),
  );
  stampMaps();
  stampValueSets();
  for (const builder of [InsertQueryBuilder, UpdateQueryBuilder]) {
    wrap(builder, throwing(assertValues), named('getQuery'));
  }
}

function guardManager(method: Method, name: string): Method {
  if (COPYING.has(name)) return copying(method);
  return (SYNCHRONOUS.has(name) ? throwing : rejecting)(assertArguments)(method, name);
}

/** Assigns a copy of an entity to the entity's tenant, because the copy has the same id. */
function copying(method: Method): Method {
  return function (...args) {
    if (isMergingReturned()) return method.apply(this, args);
    const given = new Set<object>();
    const owner = assertArguments(this, args, given);
    const copy = method.apply(this, args);
    const dataSource = dataSourceOf(this);
    const scope = scopeOf(dataSource);
    if (owner === undefined && !scope) return copy;
    for (const each of [copy].flat()) {
      // An object that the caller passed in is not a copy, and may belong to no tenant.
      if (isObject(each)) given.delete(each);
      inheritOwnerAlong(each, targetOf(dataSource, args[0]), owner, given);
      bindEntity(each, scope);
    }
    return copy;
  };
}

function guardTree(method: Method, name: string): Method {
  const refuse = SYNCHRONOUS.has(name) ? throwing : rejecting;
  return refuse(({ manager }, args) => assertArguments(manager, args))(method, name);
}

function assertArguments(
  operator: Operator,
  args: unknown[],
  seen?: Set<object>,
): string | undefined {
  if (!isGuarded(operator)) return undefined;
  assertRunnerOfHandle(operator);
  return assertArgumentsOfTenant(args, operator, targetOf(dataSourceOf(operator), args[0]), seen);
}

/**
 * Checks entities whose relations are loaded, for the query builder or the query runner among the arguments, or
 * else for the loader.
 */
function assertLoad(loader: Operator, args: unknown[]): void {
  const builder = args.find((arg) => arg instanceof QueryBuilder) as Operator | undefined;
  const given = args.find((arg) => arg instanceof BaseQueryRunner) as QueryRunner | undefined;
  // TypeORM ignores a released query runner.
  const queryRunner =
    builder?.queryRunner ?? (given?.isReleased ? undefined : given) ?? loader.queryRunner;
  const operator = { dataSource: dataSourceOf(loader), ...(queryRunner && { queryRunner }) };
  assertRunnerOfHandle(operator);
  assertArguments(
    builder ?? operator,
    args.filter((arg) => arg !== builder && arg !== given),
  );
}

/** Checks criteria and values, and records their owner on the builder, because another context may execute it. */
function assertCriteria(builder: Self, args: unknown[]): void {
  if (!args.some(isObject) || !isGuarded(builder)) return;
  assertBuilder(builder);
  const { mainAlias } = builder.expressionMap;
  const target = mainAlias?.hasMetadata ? mainAlias.metadata : undefined;
  const owner = assertArgumentsOfTenant(args, builder, target);
  if (owner === undefined) return;
  for (let each: Self | undefined = builder; each; each = each.parentQueryBuilder) {
    inheritOwner(each.expressionMap, owner);
  }
}

/**
 * Checks values again when TypeORM builds the statement, because they may have changed since the call. TypeORM
 * reads relations by their names, also those that no enumeration of the properties finds.
 */
function assertValues(builder: Self): void {
  const { valuesSet, mainAlias } = builder.expressionMap;
  assertCriteria(builder, [valuesSet]);
  if (!valuesSet || !mainAlias?.hasMetadata) return;
  const rows = Array.isArray(valuesSet) ? valuesSet : [valuesSet];
  for (const relation of mainAlias.metadata.relationsWithJoinColumns) {
    assertCriteria(
      builder,
      rows.map((row) => relation.getEntityValue(row) as unknown),
    );
  }
}

function assertBuilder(builder: Self): void {
  assertRunnerOfHandle(builder);
  if (ownerOf(builder.expressionMap) !== undefined) {
    assertEntityOfTenant(builder.expressionMap, holderOf(builder));
  }
}

/** Returns a check of the query runner that a method of a handle is given. */
function assertRunnerAt(place: number) {
  return (dataSource: unknown, args: unknown[]): void =>
    assertRunnerOfHandle({
      dataSource: dataSource as DataSource,
      queryRunner: args[place] as QueryRunner,
    });
}

/** Returns the metadata that an operation names by class, schema or name. */
function targetOf(dataSource: DataSource, target: unknown): EntityMetadata | undefined {
  const isNamed = typeof target === 'function' || typeof target === 'string';
  if (!isNamed && !(target instanceof EntitySchema)) return undefined;
  const known = dataSource.entityMetadatasMap.get(target as EntityTarget<object>);
  if (known) return known;
  return dataSource.hasMetadata(target as EntityTarget<object>)
    ? dataSource.getMetadata(target as EntityTarget<object>)
    : undefined;
}
