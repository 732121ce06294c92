// Cases of query builders that are built in one tenant, and used in another one.
import type { SelectQueryBuilder } from 'typeorm';
import { Choice } from './surface-entities.js';
import { type Scene, type Use, call, select, insert } from './scene.js';

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
