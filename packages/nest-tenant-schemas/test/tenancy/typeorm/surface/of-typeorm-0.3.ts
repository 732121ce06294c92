// What the surface spec knows of TypeORM 0.3: the methods that TypeORM 1 has removed, and the names of those that it added.
import { BUILT } from './built.js';
import { EXEMPTIONS, exempt, INTERNAL, MADE, SQL_TEXT } from './exemptions.js';
import { EXEMPTIONS_OF_RUNNERS, USES_OF_RUNNERS } from './of-runners.js';
import { call, select, type Use } from './scene.js';
import { USES } from './uses.js';
import { Choice, Poll } from './surface-entities.js';
import { IS_TYPEORM_1 } from '../typeorm-version.js';

const BY_IDS: Record<string, Use> = Object.fromEntries(
  ['findByIds', 'findOneById'].flatMap((name) => {
    const ids = ({ a }: Parameters<Use>[0]): unknown =>
      name === 'findByIds' ? [a.choice] : a.choice;
    return [
      [`EntityManager.${name}`, (scene) => call(scene.manager, name, Choice, ids(scene))],
      [
        `Repository.${name}`,
        (scene) => call(scene.manager.getRepository(Choice), name, ids(scene)),
      ],
      [
        `BaseEntity#${name}`,
        (scene) => {
          Choice.useDataSource(scene.dataSource);
          return call(Choice, name, ids(scene));
        },
      ],
    ] satisfies [string, Use][];
  }),
);

const USES_OF_0_3: Record<string, Use> = {
  ...BY_IDS,
  'Repository.exist': ({ manager, a }) =>
    call(manager.getRepository(Choice), 'exist', { where: { poll: a.poll } }),
  'QueryBuilder.setNativeParameters': (scene) =>
    call<ReturnType<typeof select>>(select(scene), 'setNativeParameters', {
      poll: scene.a.poll,
    }).getMany(),
  'SelectQueryBuilder.loadRelationCountAndMap': ({ manager, a }) =>
    call<ReturnType<typeof select>>(
      manager.createQueryBuilder(Poll, 'poll'),
      'loadRelationCountAndMap',
      'poll.count',
      'poll.choices',
      'c',
      (builder: ReturnType<typeof select>) =>
        builder.andWhere('(:poll)::jsonb IS NOT NULL', { poll: a.poll }),
    ).getMany(),
};

const EXEMPTIONS_OF_0_3: Record<string, string> = {
  ...exempt('EntityManager.', 'getCustomRepository', MADE),
  ...exempt('DataSource.', 'getCustomRepository', MADE),
  ...exempt('DataSource.', 'isConnected connect close', 'opens and closes the DataSource'),
  ...exempt('QueryBuilder.', 'printSql', SQL_TEXT),
  ...exempt('QueryBuilder.', 'replacePropertyNames', INTERNAL),
  ...exempt('SelectQueryBuilder.', 'normalizeNumber', INTERNAL),
  ...exempt('InsertQueryBuilder.', 'onConflict', SQL_TEXT),
};

const ONLY_IN_1 = new Set([
  'InsertQueryBuilder.valuesFromSelect',
  'EntityManager.connection',
  'EntityManager.incrementOrDecrementBy',
  'EntityManager.normalizeAndValidateWhereCriteria',
  'QueryBuilder.connection',
  'QueryBuilder.validateOrderByCondition',
  'QueryBuilder.normalizeNumber',
  'QueryBuilder.validateNumericInput',
  'SelectQueryBuilder.createJoinTreeRecursively',
  'SelectQueryBuilder.buildJoinClause',
  'SelectQueryBuilder.buildColumnSelectionExpression',
  'SelectQueryBuilder.computeSelectedColumnExpressions',
  'SelectQueryBuilder.computeDistinctCountExpression',
  'SelectQueryBuilder.getRelationJoinType',
  'RelationLoader.applyEagerRelations',
  'RelationIdLoader.executeAndHydrateRaw',
  'BaseQueryRunner.connection',
  'BaseQueryRunner.updateTypeormMetadataSql',
  'PostgresQueryRunner.buildIndexTypeClause',
]);

function ofThisVersion<T>(all: Record<string, T>, of03: Record<string, T> = {}): Record<string, T> {
  if (IS_TYPEORM_1) return all;
  const kept = Object.entries(all).filter(([name]) => !ONLY_IN_1.has(name));
  return { ...Object.fromEntries(kept), ...of03 };
}

/** The cases and exemptions of the installed version. */
export const SURFACE = {
  uses: ofThisVersion({ ...USES, ...USES_OF_RUNNERS }, USES_OF_0_3),
  built: ofThisVersion(BUILT),
  exemptions: ofThisVersion({ ...EXEMPTIONS, ...EXEMPTIONS_OF_RUNNERS }, EXEMPTIONS_OF_0_3),
};
