// What the surface spec knows of each public method of TypeORM: how to give it an entity of another tenant. Keys are
// `Class.method`; `#` stands for a static method.
import type { SelectQueryBuilder } from 'typeorm';
import { Choice, Poll, Section, TREES } from './surface-entities.js';
import {
  type Rows,
  type Scene,
  type Use,
  call,
  select,
  plain,
  update,
  remove,
  softDelete,
  insert,
} from './scene.js';
import { OF_RELATIONS, OF_LOADERS } from './relations.js';

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

export const execute = (builder: { execute?: () => unknown }): unknown => builder.execute?.();

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
