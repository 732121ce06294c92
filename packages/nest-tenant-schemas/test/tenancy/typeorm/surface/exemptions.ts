// Why a method of TypeORM needs no case. Keys are `Class.method`; `#` stands for a static method.

export const exempt = (prefix: string, names: string, reason: string): Record<string, string> =>
  Object.fromEntries(names.split(/\s+/).map((name) => [`${prefix}${name}`, reason]));

const REFUSED_AS_A_WHOLE = 'works on the whole database; protectDataSource refuses it';
const NOT_POSTGRES = 'for another database';
const WHOLE_TABLE = 'takes no entity: acts on the whole table of the current tenant';
export const SQL_TEXT = 'takes text, not entities';
export const FLAG = 'takes a flag, a number or a name';
export const INTERNAL = 'protected: writes SQL from what the guarded methods were given';
const FUNNEL = 'protected: the guard itself stands here';
export const MADE = 'makes what other cases use';

/** Why a method needs no case. */
export const EXEMPTIONS: Record<string, string> = {
  ...exempt('EntityManager.', 'connection', 'the DataSource'),
  ...exempt(
    'EntityManager.',
    'createQueryBuilder getRepository getTreeRepository transaction withRepository',
    MADE,
  ),
  ...exempt('EntityManager.', 'getMongoRepository', NOT_POSTGRES),
  ...exempt('EntityManager.', 'clear deleteAll', WHOLE_TABLE),
  ...exempt('EntityManager.', 'release', 'gives a connection back'),
  ...exempt(
    'EntityManager.',
    'callAggregateFun incrementOrDecrementBy normalizeAndValidateWhereCriteria',
    'private: called by methods that have a case',
  ),
  ...exempt('Repository.', 'createQueryBuilder', MADE),
  ...exempt('Repository.', 'clear deleteAll', WHOLE_TABLE),
  ...exempt('TreeRepository.', 'findTrees findRoots', WHOLE_TABLE),
  ...exempt('BaseEntity#', 'useDataSource getRepository target createQueryBuilder', MADE),
  ...exempt('BaseEntity#', 'clear', WHOLE_TABLE),
  ...exempt('DataSource.', 'mongoManager sqljsManager getMongoRepository', NOT_POSTGRES),
  ...exempt('DataSource.', 'setOptions initialize destroy', 'opens and closes the DataSource'),
  ...exempt(
    'DataSource.',
    'synchronize dropDatabase runMigrations undoLastMigration',
    REFUSED_AS_A_WHOLE,
  ),
  ...exempt('DataSource.', 'showMigrations', 'takes no argument'),
  ...exempt(
    'DataSource.',
    'hasMetadata getManyToManyMetadata findMetadata buildMetadatas defaultReplicationModeForReads',
    'metadata and options are the same for all tenants',
  ),
  ...exempt('QueryBuilder.', 'connection alias select insert', MADE),
  ...exempt('QueryBuilder.', 'hasRelation hasParameter getSql getQueryAndParameters', SQL_TEXT),
  ...exempt(
    'QueryBuilder.',
    'comment disableEscaping escape useTransaction getTableName getMainTableName',
    FLAG,
  ),
  ...exempt('QueryBuilder.', 'createParameter', 'calls setParameter'),
  ...exempt(
    'QueryBuilder.',
    `createFromAlias replacePropertyNamesForTheWholeQuery createComment createTimeTravelQuery
     createWhereExpression createReturningExpression getReturningColumns createWhereClausesExpression
     createWhereConditionExpression createCteExpression findColumnsForPropertyPath createPropertyPath getPredicates
     getWherePredicateCondition getExistsCondition hasCommonTableExpressions validateOrderByCondition normalizeNumber
     validateNumericInput`,
    INTERNAL,
  ),
  ...exempt('QueryBuilder.', 'getWhereInIdsCondition getWhereCondition obtainQueryRunner', FUNNEL),
  ...exempt(
    'SelectQueryBuilder.',
    `maxExecutionTime distinct distinctOn fromDummy loadAllRelationIds groupBy addGroupBy timeTravelQuery orderBy
     addOrderBy limit offset take skip useIndex setLock setOnLocked withDeleted cache setOption`,
    FLAG,
  ),
  ...exempt('SelectQueryBuilder.', 'getQuery', SQL_TEXT),
  ...exempt('SelectQueryBuilder.', 'obtainQueryRunner', FUNNEL),
  ...exempt(
    'SelectQueryBuilder.',
    `lazyCount join createSelectExpression createSelectDistinctExpression createJoinExpression
     createJoinTreeRecursively buildJoinClause createGroupByExpression createOrderByExpression
     createLimitOffsetExpression createTableLockExpression createLockExpression createHavingExpression
     buildEscapedEntityColumnSelects buildColumnSelectionExpression findEntityColumnSelects computeCountExpression
     computeSelectedColumnExpressions computeDistinctCountExpression executeCountQuery executeExistsQuery
     applyFindOptions concatRelationMetadata executeEntitiesAndRawResults createOrderByCombinedWithSelectExpression
     loadRawResults mergeExpressionMap buildSelect getRelationJoinType buildRelations buildEagerRelations buildOrder
     buildWhere`,
    INTERNAL,
  ),
  ...exempt('InsertQueryBuilder.', 'getQuery output returning orIgnore orUpdate', SQL_TEXT),
  ...exempt('InsertQueryBuilder.', 'into updateEntity', FLAG),
  ...exempt(
    'InsertQueryBuilder.',
    `createInsertExpression getInsertedColumns createColumnNamesExpression createValuesExpression getValueSets
     isOverridingAutoIncrementBehavior createMergeExpression createMergeIntoSourceExpression
     createMergeIntoInsertValuesExpression createUpsertConditionExpression createColumnValueExpression`,
    INTERNAL,
  ),
  ...exempt('UpdateQueryBuilder.', 'getQuery output returning orderBy addOrderBy', SQL_TEXT),
  ...exempt('UpdateQueryBuilder.', 'limit updateEntity', FLAG),
  ...exempt(
    'UpdateQueryBuilder.',
    'createUpdateExpression createOrderByExpression createLimitExpression getValueSet',
    INTERNAL,
  ),
  ...exempt('DeleteQueryBuilder.', 'getQuery output returning', SQL_TEXT),
  ...exempt('DeleteQueryBuilder.', 'from', FLAG),
  ...exempt('DeleteQueryBuilder.', 'createDeleteExpression', INTERNAL),
  ...exempt('SoftDeleteQueryBuilder.', 'getQuery output returning orderBy addOrderBy', SQL_TEXT),
  ...exempt('SoftDeleteQueryBuilder.', 'from limit updateEntity', FLAG),
  ...exempt(
    'SoftDeleteQueryBuilder.',
    'createUpdateExpression createOrderByExpression createLimitExpression',
    INTERNAL,
  ),
  ...exempt('RelationQueryBuilder.', 'getQuery', SQL_TEXT),
  ...exempt('RelationLoader.', 'enableLazyLoad', 'defines the getter that calls load'),
  ...exempt('RelationLoader.', 'applyEagerRelations', INTERNAL),
  ...exempt('RelationIdLoader.', 'executeAndHydrateRaw', INTERNAL),
};
