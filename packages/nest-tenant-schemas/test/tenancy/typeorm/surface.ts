// What the surface spec knows of each public method of TypeORM: how to give it an entity of another tenant, or why it
// takes none. Keys are `Class.method`; `#` stands for a static method.
import type {
  DataSource,
  DeleteQueryBuilder,
  EntityManager,
  InsertQueryBuilder,
  ObjectLiteral,
  QueryRunner,
  SelectQueryBuilder,
  UpdateQueryBuilder,
} from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { RelationQueryBuilder } from 'typeorm/query-builder/RelationQueryBuilder.js';
import type { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import {
  Choice,
  Detail,
  Poll,
  Section,
  type Group,
  type Range,
  Tag,
  TREES,
} from './surface-entities.js';

/** Entities of one tenant, each with the id 1. */
export interface Rows {
  poll: Poll;
  choice: Choice;
  tag: Tag;
  detail: Detail;
  trees: (Section | Group | Range)[];
}

/** Where an operation happens, and whose entities it is given. */
export interface Scene {
  dataSource: DataSource;
  manager: EntityManager;
  queryRunner?: QueryRunner;
  /** Belongs to the tenant whose rows must be rejected. */
  a: Rows;
  /** Of the tenant in which the operation happens. */
  b: Rows;
  /** Builds something in the tenant of `a`, to be used here. */
  builtInA<T>(build: (dataSource: DataSource) => T): T;
}

export type Use = (scene: Scene) => unknown;

/** Calls a method by its name. */
export function call<T>(target: object, name: string, ...args: unknown[]): T {
  const method = (target as Record<string, (...given: unknown[]) => T>)[name];
  if (!method) throw new Error(`There is no method ${name}.`);
  return method.apply(target, args);
}

/** Arguments after the target by which each method of managers, repositories and Active Record is given `a.poll`. */
const ARGUMENTS: Record<string, (rows: Rows) => unknown[]> = {
  average: ({ poll }) => ['votes', { poll }],
  count: ({ poll }) => [{ where: { poll } }],
  countBy: ({ poll }) => [{ poll }],
  create: ({ poll }) => [{ text: 'new', poll }],
  decrement: ({ poll }) => [{ poll }, 'votes', 1],
  delete: ({ poll }) => [{ poll }],
  exists: ({ poll }) => [{ where: { poll } }],
  existsBy: ({ poll }) => [{ poll }],
  find: ({ poll }) => [{ where: { poll } }],
  findAndCount: ({ poll }) => [{ where: { poll } }],
  findAndCountBy: ({ poll }) => [{ poll }],
  findBy: ({ poll }) => [{ poll }],
  findOne: ({ poll }) => [{ where: { poll } }],
  findOneBy: ({ poll }) => [{ poll }],
  findOneByOrFail: ({ poll }) => [{ poll }],
  findOneOrFail: ({ poll }) => [{ where: { poll } }],
  getId: ({ choice }) => [choice],
  hasId: ({ choice }) => [choice],
  increment: ({ poll }) => [{ poll }, 'votes', 1],
  insert: ({ poll }) => [{ text: 'new', poll }],
  maximum: ({ poll }) => ['votes', { poll }],
  merge: ({ poll }) => [new Choice(), { poll }],
  minimum: ({ poll }) => ['votes', { poll }],
  preload: ({ poll }) => [{ id: 1, poll }],
  recover: ({ choice }) => [choice],
  remove: ({ choice }) => [choice],
  restore: ({ poll }) => [{ poll }],
  save: ({ poll }) => [{ text: 'new', poll }],
  softDelete: ({ poll }) => [{ poll }],
  softRemove: ({ choice }) => [choice],
  sum: ({ poll }) => ['votes', { poll }],
  update: ({ poll }) => [{ poll }, { text: 'new' }],
  updateAll: ({ poll }) => [{ poll }],
  upsert: ({ poll }) => [{ id: 1, text: 'new', poll }, ['id']],
};

function ofArguments(
  prefix: string,
  apply: (scene: Scene, name: string, args: unknown[]) => unknown,
): Record<string, Use> {
  return Object.fromEntries(
    Object.entries(ARGUMENTS).map(([name, argumentsFor]) => [
      `${prefix}${name}`,
      (scene: Scene) => apply(scene, name, argumentsFor(scene.a)),
    ]),
  );
}

/** Active Record has some of them as static methods. */
const OF_ACTIVE_RECORD = Object.fromEntries(
  Object.entries(
    ofArguments('BaseEntity#', ({ dataSource }, name, args) => {
      Choice.useDataSource(dataSource);
      return call(Choice, name, ...args);
    }),
  ).filter(([key]) => key.slice('BaseEntity#'.length) in Choice),
);

export const select = (scene: Scene): SelectQueryBuilder<Choice> =>
  scene.manager.createQueryBuilder(Choice, 'choice');
const plain = ({ manager }: Scene): SelectQueryBuilder<ObjectLiteral> =>
  manager.createQueryBuilder() as SelectQueryBuilder<ObjectLiteral>;
const update = (scene: Scene): UpdateQueryBuilder<Choice> =>
  plain(scene).update(Choice).set({ text: 'new' });
const remove = (scene: Scene): DeleteQueryBuilder<Choice> => plain(scene).delete().from(Choice);
const softDelete = (scene: Scene): SoftDeleteQueryBuilder<Choice> =>
  plain(scene).softDelete().from(Choice) as never;
const insert = (scene: Scene): InsertQueryBuilder<Choice> => plain(scene).insert().into(Choice);

/** The methods for conditions of a kind of builder: by a related entity, by an entity itself, and by its id. */
function ofConditions(
  prefix: string,
  begin: (scene: Scene) => object,
  end: (builder: { execute?: () => unknown; getMany?: () => unknown }) => unknown,
): Record<string, Use> {
  const condition = (scene: Scene, name: string, argument: unknown): unknown =>
    end(call(begin(scene), name, argument));
  return Object.fromEntries([
    ...['where', 'andWhere', 'orWhere'].map((name) => [
      `${prefix}.${name}`,
      (scene: Scene) => condition(scene, name, { poll: scene.a.poll }),
    ]),
    ...['whereInIds', 'andWhereInIds', 'orWhereInIds'].map((name) => [
      `${prefix}.${name}`,
      (scene: Scene) => condition(scene, name, [scene.a.choice]),
    ]),
  ]) as Record<string, Use>;
}

const execute = (builder: { execute?: () => unknown }): unknown => builder.execute?.();

const TREE_METHODS = [
  'findDescendants',
  'findDescendantsTree',
  'countDescendants',
  'createDescendantsQueryBuilder',
  'findAncestors',
  'findAncestorsTree',
  'countAncestors',
  'createAncestorsQueryBuilder',
];

/** Each method in each kind of tree. */
const OF_TREES: Record<string, Use> = Object.fromEntries(
  TREE_METHODS.flatMap((name) =>
    TREES.map((tree, index) => [
      `TreeRepository.${name} of ${tree.name}`,
      ({ manager, a }: Scene) =>
        call(
          manager.getTreeRepository(tree as never),
          name,
          ...(name.startsWith('create') ? ['node', 'closure'] : []),
          a.trees[index],
        ),
    ]),
  ),
);

/** The methods of a select that take parameters, with `parameters` last. */
function ofParameters(names: string[], ...before: unknown[]): Record<string, Use> {
  return Object.fromEntries(
    names.map((name) => [
      `SelectQueryBuilder.${name}`,
      (scene: Scene) =>
        call<SelectQueryBuilder<Choice>>(select(scene), name, ...before, {
          poll: scene.a.poll,
        }).getMany(),
    ]),
  );
}

/** Each relation of the entities, from both sides: whose it is, its name, and the rows on its sides. */
export const RELATIONS: [string, unknown, string, keyof Rows, keyof Rows][] = [
  ['one to many', Poll, 'choices', 'poll', 'choice'],
  ['many to many', Poll, 'tags', 'poll', 'tag'],
  ['many to many, inverse', Tag, 'polls', 'tag', 'poll'],
  ['many to one', Choice, 'poll', 'choice', 'poll'],
  ['one to one', Poll, 'detail', 'poll', 'detail'],
  ['one to one, inverse', Detail, 'poll', 'detail', 'poll'],
];

type RelationUse = [
  operation: string,
  use: (of: (entity: unknown) => RelationQueryBuilder<ObjectLiteral>, sides: Sides) => unknown,
];
/** The owner of a relation and a related row, of A and of B. */
type Sides = Record<'ownerOfA' | 'relatedOfA' | 'ownerOfB' | 'relatedOfB', unknown>;

const OF_ANY: RelationUse[] = [
  ['of', (of, { ownerOfA }) => of([ownerOfA]).loadMany()],
  ['loadOne', (of, { ownerOfA }) => of(ownerOfA).loadOne()],
  ['loadMany', (of, { ownerOfA }) => of(ownerOfA).loadMany()],
];
const TO_MANY: RelationUse[] = [
  ...OF_ANY,
  ['add of A,', (of, { ownerOfA, relatedOfB }) => of(ownerOfA).add(relatedOfB)],
  ['add of B, from A,', (of, { ownerOfB, relatedOfA }) => of(ownerOfB).add([relatedOfA])],
  ['remove of A,', (of, { ownerOfA, relatedOfB }) => of(ownerOfA).remove(relatedOfB)],
  ['remove of B, from A,', (of, { ownerOfB, relatedOfA }) => of(ownerOfB).remove(relatedOfA)],
  ['addAndRemove', (of, { ownerOfB, relatedOfA }) => of(ownerOfB).addAndRemove([relatedOfA], [])],
];
const TO_ONE: RelationUse[] = [
  ...OF_ANY,
  ['set of A,', (of, { ownerOfA, relatedOfB }) => of(ownerOfA).set(relatedOfB)],
  ['set of A to null,', (of, { ownerOfA }) => of(ownerOfA).set(null)],
  ['set of B, to A,', (of, { ownerOfB, relatedOfA }) => of(ownerOfB).set(relatedOfA)],
];

const OF_RELATIONS: Record<string, Use> = Object.fromEntries(
  RELATIONS.flatMap(([kind, type, name, owner, related]) =>
    (kind.includes('to one') ? TO_ONE : TO_MANY).map(([operation, use]) => [
      `RelationQueryBuilder.${operation} ${kind}`,
      (scene: Scene) =>
        use(
          (entity) =>
            plain(scene)
              .relation(type as typeof Poll, name)
              .of(entity),
          {
            ownerOfA: scene.a[owner],
            relatedOfA: scene.a[related],
            ownerOfB: scene.b[owner],
            relatedOfB: scene.b[related],
          },
        ),
    ]),
  ),
);

export const relationOf = (
  dataSource: DataSource,
  type: unknown,
  name: string,
): RelationMetadata => {
  const metadata = dataSource.getMetadata(type as typeof Poll);
  return metadata.findRelationWithPropertyPath(name) as RelationMetadata;
};

/** Each loader's methods, by the relation of RELATIONS that they load. */
export const LOADERS: [method: string, relation: number][] = [
  ['relationLoader.load', 0],
  ['relationLoader.loadManyToManyNotOwner', 2],
  ['relationLoader.loadManyToManyOwner', 1],
  ['relationLoader.loadManyToOneOrOneToOneOwner', 3],
  ['relationLoader.loadOneToManyOrOneToOneNotOwner', 0],
  ['relationIdLoader.load', 0],
  ['relationIdLoader.loadForManyToMany', 1],
  ['relationIdLoader.loadForManyToOneAndOneToOneOwner', 3],
  ['relationIdLoader.loadForOneToManyAndOneToOneNotOwner', 0],
  ['relationIdLoader.loadManyToManyRelationIdsAndGroup', 1],
];

const OF_LOADERS: Record<string, Use> = Object.fromEntries(
  LOADERS.map(([path, index]) => {
    const [loader = '', method = ''] = path.split('.');
    const [, type, name, owner] = RELATIONS[index] as (typeof RELATIONS)[number];
    return [
      `${loader.replace('r', 'R')}.${method}`,
      ({ dataSource, a }: Scene) =>
        call(dataSource[loader as 'relationLoader'], method, relationOf(dataSource, type, name), [
          a[owner],
        ]),
    ];
  }),
);

/** A builder that was given an entity in its own tenant, and is used in another one. */
const ofBuilt = (use: (builder: SelectQueryBuilder<Choice>) => unknown): Use =>
  function (scene) {
    return use(
      scene.builtInA((dataSource) =>
        dataSource.createQueryBuilder(Choice, 'choice').where({ poll: scene.a.poll }),
      ),
    );
  };

/** Uses of builders that were built elsewhere, which belong to the plain DataSource. */
export const BUILT: Record<string, Use> = {
  'QueryBuilder.addCommonTableExpression': ({ manager, a, builtInA }) =>
    manager
      .createQueryBuilder(Choice, 'choice')
      .addCommonTableExpression(
        builtInA((source) => source.createQueryBuilder(Choice, 'c').where({ poll: a.poll })),
        'cte',
      )
      .getMany(),
  'QueryBuilder.clone': ofBuilt((builder) => builder.clone().getMany()),
  'QueryBuilder.createQueryBuilder': ofBuilt(
    (builder) => builder.subQuery().where('1 = 1') && builder.getMany(),
  ),
  'QueryBuilder.delete': ofBuilt((builder) => builder.delete().execute()),
  'QueryBuilder.execute': ofBuilt((builder) => builder.execute()),
  'QueryBuilder.getParameters': ({ manager, a, builtInA }) =>
    manager
      .createQueryBuilder(Choice, 'choice')
      .setParameters(
        builtInA((source) =>
          source.createQueryBuilder(Choice, 'c').where({ poll: a.poll }).getParameters(),
        ),
      )
      .getMany(),
  'QueryBuilder.restore': ofBuilt((builder) => builder.restore().execute()),
  'QueryBuilder.softDelete': ofBuilt((builder) => builder.softDelete().execute()),
  'InsertQueryBuilder.execute': ({ a, builtInA }) =>
    builtInA((source) =>
      source.createQueryBuilder().insert().into(Choice).values({ text: 'new', poll: a.poll }),
    ).execute(),
  'InsertQueryBuilder.valuesFromSelect': (scene) =>
    insert(scene)
      .valuesFromSelect(
        scene.builtInA((source) =>
          source.createQueryBuilder(Choice, 'c').where({ poll: scene.a.poll }),
        ) as never,
      )
      .execute(),
  'UpdateQueryBuilder.execute': ({ a, builtInA }) =>
    builtInA((source) =>
      source.createQueryBuilder().update(Choice).set({ text: 'new' }).where({ poll: a.poll }),
    ).execute(),
  'DeleteQueryBuilder.execute': ({ a, builtInA }) =>
    builtInA((source) =>
      source.createQueryBuilder().delete().from(Choice).where({ poll: a.poll }),
    ).execute(),
  'SoftDeleteQueryBuilder.execute': ({ a, builtInA }) =>
    builtInA((source) =>
      source.createQueryBuilder().softDelete().from(Choice).where({ poll: a.poll }),
    ).execute(),
  'SelectQueryBuilder.getCount': ofBuilt((builder) => builder.getCount()),
  'SelectQueryBuilder.getExists': ofBuilt((builder) => builder.getExists()),
  'SelectQueryBuilder.getMany': ofBuilt((builder) => builder.getMany()),
  'SelectQueryBuilder.getManyAndCount': ofBuilt((builder) => builder.getManyAndCount()),
  'SelectQueryBuilder.getOne': ofBuilt((builder) => builder.getOne()),
  'SelectQueryBuilder.getOneOrFail': ofBuilt((builder) => builder.getOneOrFail()),
  'SelectQueryBuilder.getRawAndEntities': ofBuilt((builder) => builder.getRawAndEntities()),
  'SelectQueryBuilder.getRawMany': ofBuilt((builder) => builder.getRawMany()),
  'SelectQueryBuilder.getRawOne': ofBuilt((builder) => builder.getRawOne()),
  'SelectQueryBuilder.stream': ofBuilt((builder) => builder.stream()),
  'SelectQueryBuilder.subQuery': ({ a, builtInA }) => {
    const { parent } = builtInA((source) => {
      const builder = source.createQueryBuilder(Choice, 'choice');
      builder.where(
        `choice.id IN ${builder.subQuery().select('c.id').from(Choice, 'c').where({ poll: a.poll }).getQuery()}`,
      );
      return { parent: builder };
    });
    return parent.getMany();
  },
  ...Object.fromEntries(
    ['whereExists', 'andWhereExists', 'orWhereExists'].map((name) => [
      `SelectQueryBuilder.${name}`,
      (scene: Scene) => {
        const sub = scene.builtInA((source) =>
          source.createQueryBuilder(Choice, 'c').where({ poll: scene.a.poll }),
        );
        return call<SelectQueryBuilder<Choice>>(select(scene), name, sub).getMany();
      },
    ]),
  ),
};

/** Uses that give an entity to a method in the context where it is called. */
export const USES: Record<string, Use> = {
  ...ofArguments('EntityManager.', ({ manager }, name, args) =>
    call(manager, name, Choice, ...args),
  ),
  'EntityManager.query': ({ manager, a }) => manager.query('SELECT $1::jsonb', [a.poll]),
  'EntityManager.sql': ({ manager, a }) => manager.sql`SELECT ${a.poll}::jsonb`,
  ...ofArguments('Repository.', ({ manager }, name, args) =>
    call(manager.getRepository(Choice), name, ...args),
  ),
  'Repository.query': ({ manager, a }) =>
    manager.getRepository(Choice).query('SELECT $1::jsonb', [a.poll]),
  'Repository.sql': ({ manager, a }) => manager.getRepository(Choice).sql`SELECT ${a.poll}::jsonb`,
  'Repository.extend': ({ manager, a }) =>
    manager
      .getRepository(Choice)
      .extend({
        ofPoll(this: { findBy: (where: object) => unknown }, poll: Poll) {
          return this.findBy({ poll });
        },
      })
      .ofPoll(a.poll),
  'Repository.metadata': ({ manager, a }) => {
    const repository = manager.getRepository(Poll);
    return repository.findOneBy(repository.metadata.getEntityIdMap(a.poll) as never);
  },
  ...OF_TREES,
  ...OF_ACTIVE_RECORD,
  'BaseEntity#query': ({ dataSource, a }) => {
    Choice.useDataSource(dataSource);
    return Choice.query('SELECT $1::jsonb', [a.poll] as never);
  },
  ...Object.fromEntries(
    ['hasId', 'save', 'remove', 'softRemove', 'recover', 'reload'].map((name) => [
      `BaseEntity.${name}`,
      (({ dataSource, a }) => {
        Poll.useDataSource(dataSource);
        a.poll.text = 'changed';
        return call(a.poll, name);
      }) satisfies Use,
    ]),
  ),
  'DataSource.query': ({ dataSource, queryRunner, a }) =>
    dataSource.query('SELECT $1::jsonb', [a.poll], queryRunner),
  'DataSource.sql': ({ dataSource, a }) => dataSource.sql`SELECT ${a.poll}::jsonb`,
  'DataSource.createEntityManager': ({ dataSource, queryRunner, a }) =>
    dataSource.createEntityManager(queryRunner).save(a.poll),
  'DataSource.createQueryBuilder': ({ dataSource, queryRunner, a }) =>
    dataSource.createQueryBuilder(Poll, 'poll', queryRunner).whereInIds(a.poll).getMany(),
  'DataSource.createQueryRunner': async ({ dataSource, a }) => {
    const runner = dataSource.createQueryRunner();
    try {
      return await runner.manager.delete(Choice, { poll: a.poll });
    } finally {
      await runner.release();
    }
  },
  'DataSource.getRepository': ({ dataSource, a }) =>
    dataSource.getRepository(Choice).findBy({ poll: a.poll }),
  'DataSource.getTreeRepository': ({ dataSource, a }) =>
    dataSource.getTreeRepository(Section).findDescendants(a.trees[0] as Section),
  'DataSource.transaction': ({ dataSource, a }) =>
    dataSource.transaction((manager) => manager.save(a.poll)),
  'DataSource.getMetadata': ({ dataSource, manager, a }) =>
    manager.findOneBy(Poll, dataSource.getMetadata(Poll).getEntityIdMap(a.poll) as never),
  'QueryBuilder.update': (scene) =>
    plain(scene).update(Choice, { poll: scene.a.poll }).where('id = 1').execute(),
  'QueryBuilder.setParameter': (scene) =>
    select(scene).where('(:poll)::jsonb IS NOT NULL').setParameter('poll', scene.a.poll).getMany(),
  'QueryBuilder.setParameters': (scene) =>
    select(scene)
      .where('(:poll)::jsonb IS NOT NULL')
      .setParameters({ poll: scene.a.poll })
      .getMany(),
  'QueryBuilder.relation': (scene) =>
    plain(scene).relation(Poll, 'choices').of(scene.a.poll).loadMany(),
  'QueryBuilder.setQueryRunner': (scene) => {
    const builder = scene.dataSource.createQueryBuilder(Choice, 'choice');
    if (scene.queryRunner) builder.setQueryRunner(scene.queryRunner);
    return builder.where({ poll: scene.a.poll }).getMany();
  },
  'SelectQueryBuilder.setFindOptions': (scene) =>
    select(scene)
      .setFindOptions({ where: { poll: scene.a.poll } })
      .getMany(),
  ...ofConditions('SelectQueryBuilder', select, (builder) => builder.getMany?.()),
  ...ofParameters(['having', 'andHaving', 'orHaving'], '(:poll)::jsonb IS NOT NULL'),
  ...ofParameters(
    ['innerJoin', 'leftJoin', 'innerJoinAndSelect', 'leftJoinAndSelect'],
    'choice.poll',
    'poll',
    '(:poll)::jsonb IS NOT NULL',
  ),
  ...ofParameters(
    ['innerJoinAndMapMany', 'innerJoinAndMapOne', 'leftJoinAndMapMany', 'leftJoinAndMapOne'],
    'choice.p',
    'choice.poll',
    'poll',
    '(:poll)::jsonb IS NOT NULL',
  ),
  'SelectQueryBuilder.from': (scene) =>
    plain(scene)
      .select('c.text')
      .from(
        (sub) => sub.select('x.text', 'text').from(Choice, 'x').where({ poll: scene.a.poll }),
        'c',
      )
      .getRawMany(),
  'SelectQueryBuilder.addFrom': (scene) =>
    select(scene)
      .addFrom(
        (sub) => sub.select('x.text', 'text').from(Choice, 'x').where({ poll: scene.a.poll }),
        'c',
      )
      .getRawMany(),
  'SelectQueryBuilder.select': (scene) =>
    plain(scene)
      .select((sub) => sub.select('x.text').from(Choice, 'x').where({ poll: scene.a.poll }), 'c')
      .fromDummy()
      .getRawMany(),
  'SelectQueryBuilder.addSelect': (scene) =>
    select(scene)
      .addSelect((sub) => sub.select('x.text').from(Choice, 'x').where({ poll: scene.a.poll }), 'c')
      .getRawMany(),
  'SelectQueryBuilder.loadRelationIdAndMap': (scene) =>
    scene.manager
      .createQueryBuilder(Poll, 'poll')
      .loadRelationIdAndMap('poll.ids', 'poll.choices', 'c', (qb) =>
        qb.andWhere('(:poll)::jsonb IS NOT NULL', { poll: scene.a.poll }),
      )
      .getMany(),
  'InsertQueryBuilder.values': (scene) =>
    insert(scene).values({ text: 'new', poll: scene.a.poll }).execute(),
  'QueryBuilder.callListeners': (scene) =>
    insert(scene).values({ text: 'new', poll: scene.a.poll }).callListeners(false).execute(),
  'UpdateQueryBuilder.set': (scene) =>
    plain(scene)
      .update(Choice)
      .set({ poll: scene.a.poll })
      .where('id = 1')
      // With listeners, the check behind them would reject it as well.
      .callListeners(false)
      .execute(),
  'UpdateQueryBuilder.whereEntity': (scene) => update(scene).whereEntity(scene.a.choice).execute(),
  ...ofConditions('UpdateQueryBuilder', update, execute),
  ...ofConditions('DeleteQueryBuilder', remove, execute),
  ...ofConditions('SoftDeleteQueryBuilder', softDelete, execute),
  'SoftDeleteQueryBuilder.whereEntity': (scene) =>
    softDelete(scene).whereEntity(scene.a.choice).execute(),
  ...OF_RELATIONS,
  ...OF_LOADERS,
};

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
