// Where the cases of the surface spec happen, and the builders that they use.
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
import type { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import {
  Choice,
  Detail,
  Poll,
  type Section,
  type Group,
  type Range,
  Tag,
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

export const select = (scene: Scene): SelectQueryBuilder<Choice> =>
  scene.manager.createQueryBuilder(Choice, 'choice');
export const plain = ({ manager }: Scene): SelectQueryBuilder<ObjectLiteral> =>
  manager.createQueryBuilder() as SelectQueryBuilder<ObjectLiteral>;
export const update = (scene: Scene): UpdateQueryBuilder<Choice> =>
  plain(scene).update(Choice).set({ text: 'new' });
export const remove = (scene: Scene): DeleteQueryBuilder<Choice> =>
  plain(scene).delete().from(Choice);
export const softDelete = (scene: Scene): SoftDeleteQueryBuilder<Choice> =>
  plain(scene).softDelete().from(Choice) as never;
export const insert = (scene: Scene): InsertQueryBuilder<Choice> =>
  plain(scene).insert().into(Choice);
