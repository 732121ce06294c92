// What the surface spec knows of query runners, and of loaders that are given a query runner or a query builder.
import type { QueryRunner } from 'typeorm';
import { exempt, FLAG, INTERNAL, SQL_TEXT } from './exemptions.js';
import { LOADERS, relationOf, RELATIONS } from './relations.js';
import { call, type Scene, type Use } from './scene.js';

/** Uses the scene's query runner, or a new one, which is released afterwards. */
async function onRunner<T>(
  { dataSource, queryRunner }: Scene,
  use: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  if (queryRunner) return use(queryRunner);
  const runner = dataSource.createQueryRunner();
  try {
    return await use(runner);
  } finally {
    await runner.release();
  }
}

const READ = 'SELECT $1::jsonb';

/** Each loader of the DataSource that all tenants share, given what acts for the tenant of the scene. */
const OF_LOADERS: Record<string, Use> = Object.fromEntries(
  LOADERS.filter(([path]) => path.startsWith('relationLoader.')).flatMap(([path, index]) => {
    const method = path.slice('relationLoader.'.length);
    const [, type, name, owner] = RELATIONS[index] as (typeof RELATIONS)[number];
    const load = (scene: Scene, ...by: unknown[]): Promise<unknown> => {
      const { relationLoader } = scene.builtInA((shared) => shared);
      const relation = relationOf(scene.dataSource, type, name);
      return call(relationLoader, method, relation, scene.a[owner], ...by);
    };
    const builderOf = (scene: Scene, runner?: QueryRunner): unknown => {
      const relation = relationOf(scene.dataSource, type, name);
      const builder = scene.dataSource.createQueryBuilder(runner).select(relation.propertyName);
      return builder.from(relation.type as string, relation.propertyName);
    };
    return [
      [
        `RelationLoader.${method} by a query runner`,
        (scene: Scene) => onRunner(scene, (runner) => load(scene, runner)),
      ],
      [
        `RelationLoader.${method} by a query builder`,
        (scene: Scene) => load(scene, undefined, builderOf(scene, scene.queryRunner)),
      ],
      [
        `RelationLoader.${method} by the query builder of a query runner`,
        (scene: Scene) =>
          onRunner(scene, (runner) => load(scene, undefined, builderOf(scene, runner))),
      ],
    ];
  }),
);

export const USES_OF_RUNNERS: Record<string, Use> = {
  'PostgresQueryRunner.query': (scene) =>
    onRunner(scene, (runner) => runner.query(READ, [scene.a.poll])),
  'PostgresQueryRunner.query of a record': (scene) =>
    onRunner(scene, (runner) => runner.query(READ, [{ within: { polls: [scene.a.poll] } }])),
  'PostgresQueryRunner.stream': (scene) =>
    onRunner(scene, async (runner) => (await runner.stream(READ, [scene.a.poll])).toArray()),
  'PostgresQueryRunner.stream of a record': (scene) =>
    onRunner(scene, async (runner) =>
      (await runner.stream(READ, [{ poll: scene.a.poll }])).toArray(),
    ),
  'BaseQueryRunner.sql': (scene) =>
    onRunner(scene, (runner) => runner.sql`SELECT ${scene.a.poll}::jsonb`),
  'BaseQueryRunner.sql of a record': (scene) =>
    onRunner(scene, (runner) => runner.sql`SELECT ${{ poll: scene.a.poll }}::jsonb`),
  ...OF_LOADERS,
};

const TABLES = 'takes names and descriptions of tables';
const SWITCH = 'opens, ends or records the work of the runner';

export const EXEMPTIONS_OF_RUNNERS: Record<string, string> = {
  ...exempt('BaseQueryRunner.', 'connection', 'the DataSource'),
  ...exempt(
    'BaseQueryRunner.',
    `beforeMigration afterMigration enableSqlMemory disableSqlMemory clearSqlMemory getMemorySql executeMemoryUpSql
     executeMemoryDownSql`,
    SWITCH,
  ),
  ...exempt('BaseQueryRunner.', 'getTable getTables getView getViews', TABLES),
  ...exempt('BaseQueryRunner.', 'getReplicationMode', FLAG),
  ...exempt(
    'BaseQueryRunner.',
    `getCachedView getCachedTable replaceCachedTable getTablePath getTypeormMetadataTableName selectTypeormMetadataSql
     insertTypeormMetadataSql updateTypeormMetadataSql deleteTypeormMetadataSql isColumnChanged isEnumChanged
     isDefaultColumnLength isDefaultColumnPrecision isDefaultColumnScale executeQueries generateIndexName`,
    INTERNAL,
  ),
  ...exempt(
    'PostgresQueryRunner.',
    'connect releasePostgresConnection release startTransaction commitTransaction rollbackTransaction',
    SWITCH,
  ),
  ...exempt('PostgresQueryRunner.', 'getVersion escapeComment escapePath', SQL_TEXT),
  ...exempt(
    'PostgresQueryRunner.',
    `getDatabases getSchemas hasDatabase getCurrentDatabase hasSchema getCurrentSchema hasTable hasColumn
     createDatabase dropDatabase createSchema dropSchema createTable dropTable createView dropView renameTable addColumn
     addColumns renameColumn changeColumn changeColumns dropColumn dropColumns createPrimaryKey updatePrimaryKeys
     dropPrimaryKey createUniqueConstraint createUniqueConstraints dropUniqueConstraint dropUniqueConstraints
     createCheckConstraint createCheckConstraints dropCheckConstraint dropCheckConstraints createExclusionConstraint
     createExclusionConstraints dropExclusionConstraint dropExclusionConstraints createForeignKey createForeignKeys
     dropForeignKey dropForeignKeys createIndex createViewIndex createIndices createViewIndices dropIndex dropViewIndex
     dropIndices clearTable clearDatabase changeTableComment`,
    TABLES,
  ),
  ...exempt(
    'PostgresQueryRunner.',
    `loadViews loadTables createTableSql dropTableSql createViewSql insertViewDefinitionSql dropViewSql
     deleteViewDefinitionSql dropEnumTypes hasEnumType createEnumTypeSql dropEnumTypeSql buildIndexTypeClause
     createIndexSql createViewIndexSql dropIndexSql createPrimaryKeySql dropPrimaryKeySql createUniqueConstraintSql
     dropUniqueConstraintSql createCheckConstraintSql dropCheckConstraintSql createExclusionConstraintSql
     dropExclusionConstraintSql createForeignKeySql dropForeignKeySql buildSequenceName buildSequencePath buildEnumName
     getUserDefinedTypeName getTableNameWithSchema buildCreateColumnSql hasSupportForPartitionedTables`,
    INTERNAL,
  ),
};
