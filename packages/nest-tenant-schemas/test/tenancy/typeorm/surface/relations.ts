// Cases of relations: each relation from both sides, by relation builders and by loaders.
import type { DataSource, ObjectLiteral } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { RelationQueryBuilder } from 'typeorm/query-builder/RelationQueryBuilder.js';
import { Choice, Detail, Poll, Tag } from './surface-entities.js';
import { type Rows, type Scene, type Use, call, plain } from './scene.js';

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

export const OF_RELATIONS: Record<string, Use> = Object.fromEntries(
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

export const OF_LOADERS: Record<string, Use> = Object.fromEntries(
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
