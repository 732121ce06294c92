// Relation ids load without an error: the engine remembers the tenant of objects only, never of numbers, strings or dates.
import { type DataSource, EntitySchema, type FindManyOptions } from 'typeorm';
import { tenantContext } from '../../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { createTestDatabase } from 'test-support/test-database.js';
import { A, openTenantDataSource } from '../../support.js';

interface Post {
  id: number;
  tags: unknown;
  days: unknown;
  comments: unknown;
  parts: unknown;
  author: unknown;
}

const id = { id: { type: Number, primary: true } } as const;

const Tag = new EntitySchema({ name: 'tag', columns: { id: { type: String, primary: true } } });
const Day = new EntitySchema({
  name: 'day',
  columns: { id: { type: 'timestamptz', primary: true } },
});
const Part = new EntitySchema({
  name: 'part',
  columns: { id: { type: Number, primary: true }, side: { type: String, primary: true } },
});
const Author = new EntitySchema({ name: 'author', columns: id });
const Comment = new EntitySchema<{ id: number; post: unknown }>({
  name: 'comment',
  columns: id,
  relations: { post: { type: 'many-to-one', target: 'post', inverseSide: 'comments' } },
});
const Post = new EntitySchema<Post>({
  name: 'post',
  columns: id,
  relations: {
    tags: { type: 'many-to-many', target: 'tag', joinTable: { name: 'post_tags' } },
    days: { type: 'many-to-many', target: 'day', joinTable: { name: 'post_days' } },
    parts: {
      type: 'many-to-many',
      target: 'part',
      joinTable: {
        name: 'post_parts',
        joinColumns: [{ name: 'postId' }],
        inverseJoinColumns: [
          { name: 'partId', referencedColumnName: 'id' },
          { name: 'side', referencedColumnName: 'side' },
        ],
      },
    },
    comments: { type: 'one-to-many', target: 'comment', inverseSide: 'post' },
    author: { type: 'many-to-one', target: 'author' },
  },
});

const DAY = '2026-01-02T03:04:05.000Z';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql(`CREATE SCHEMA tenant_a; SET search_path TO tenant_a;
    CREATE TABLE author (id int PRIMARY KEY); CREATE TABLE tag (id text PRIMARY KEY);
    CREATE TABLE day (id timestamptz PRIMARY KEY); CREATE TABLE part (id int, side text, PRIMARY KEY (id, side));
    CREATE TABLE post (id int PRIMARY KEY, "authorId" int); CREATE TABLE comment (id int PRIMARY KEY, "postId" int);
    CREATE TABLE post_tags ("postId" int, "tagId" text); CREATE TABLE post_days ("postId" int, "dayId" timestamptz);
    CREATE TABLE post_parts ("postId" int, "partId" int, side text);
    INSERT INTO author VALUES (7); INSERT INTO post VALUES (1, 7); INSERT INTO comment VALUES (3, 1);
    INSERT INTO tag VALUES ('x'), ('y'); INSERT INTO post_tags VALUES (1, 'x'), (1, 'y');
    INSERT INTO day VALUES ('${DAY}'); INSERT INTO post_days VALUES (1, '${DAY}');
    INSERT INTO part VALUES (1, 'left'); INSERT INTO post_parts VALUES (1, 1, 'left')`);
  dataSource = await openTenantDataSource(database, {
    entities: [Post, Tag, Day, Part, Author, Comment],
  });
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const inA = <T>(work: () => Promise<T>): Promise<T> => tenantContext.run(A, work);
const find = (options: FindManyOptions<Post>): Promise<Post[]> =>
  inA(() => dataSource.getRepository(Post).find(options));

const IDS = {
  tags: ['x', 'y'],
  days: [new Date(DAY)],
  parts: [{ id: 1, side: 'left' }],
  comments: [3],
  author: 7,
};

it('loads the ids of all relations: numbers, strings, dates and composite ids', async () => {
  expect(await find({ loadRelationIds: true })).toEqual([{ id: 1, ...IDS }]);
});

it('loads the ids of the relations that a find names, beside entities', async () => {
  const { tags, comments } = IDS;
  const found = await find({
    loadRelationIds: { relations: ['tags', 'comments'] },
    relations: { author: true },
  });
  expect(found).toEqual([{ id: 1, tags, comments, author: { id: 7 } }]);
});

it('loads maps of ids if the find disables mixed maps', async () => {
  const found = await find({ loadRelationIds: { relations: ['tags'], disableMixedMap: true } });
  expect(found).toEqual([{ id: 1, tags: [{ id: 'x' }, { id: 'y' }] }]);
});

it('loads them through query builders', async () => {
  const builder = () => dataSource.createQueryBuilder(Post, 'post');
  expect(await inA(() => builder().loadAllRelationIds().getMany())).toEqual([{ id: 1, ...IDS }]);
  expect(
    await inA(() => builder().loadRelationIdAndMap('post.tagIds', 'post.tags').getOneOrFail()),
  ).toEqual({ id: 1, tagIds: ['x', 'y'] });
});

it('saves an entity whose relation holds an id', async () => {
  const [post] = await find({ loadRelationIds: { relations: ['author'] } });
  await inA(() => dataSource.getRepository(Post).save(post as Post));
  expect(await find({ loadRelationIds: true })).toEqual([{ id: 1, ...IDS }]);
});
