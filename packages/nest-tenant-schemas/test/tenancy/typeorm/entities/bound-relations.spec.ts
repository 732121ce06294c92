// Whatever loads relations through a bound handle loads them in the handle's tenant: inside another tenant's context
// and where no tenant is current, by an id, by a map of ids and by an entity.
import {
  type DataSource,
  EntitySchema,
  type ObjectLiteral,
  type SelectQueryBuilder,
} from 'typeorm';
import {
  dataSourceFor,
  tenantContext,
  TenantContextMissingError,
  TenantMismatchError,
  tenantQueryCache,
} from '../../../../src/index.js';
import { dataSourceOf } from '../../../../src/connection/typeorm/typeorm-versions.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import { A, B, openTenantDataSource } from '../../support.js';

interface Author extends ObjectLiteral {
  id: number;
  name: string;
}
interface Book extends ObjectLiteral {
  id: number;
  author: Promise<Author>;
}
interface Shelf extends ObjectLiteral {
  id: number;
  name: string;
  parent?: Shelf;
  children?: Shelf[];
}

const id = { id: { type: Number, primary: true } } as const;
const name = { name: { type: String } } as const;
const Author = new EntitySchema<Author>({
  name: 'author',
  columns: { ...id, ...name },
  relations: { books: { type: 'one-to-many', target: 'book', inverseSide: 'author' } },
});
const Book = new EntitySchema<Book>({
  name: 'book',
  columns: id,
  relations: {
    author: { type: 'many-to-one', target: 'author', inverseSide: 'books', lazy: true },
    readers: { type: 'many-to-many', target: 'author', joinTable: { name: 'book_readers' } },
  },
});
const Shelf = new EntitySchema<Shelf>({
  name: 'shelf',
  columns: { ...id, ...name },
  trees: [{ type: 'materialized-path' }],
  relations: {
    parent: { type: 'many-to-one', target: 'shelf', treeParent: true, nullable: true },
    children: { type: 'one-to-many', target: 'shelf', inverseSide: 'parent', treeChildren: true },
  },
});

let database: TestDatabase;
let dataSource: DataSource;
let handle: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const { schema } of [A, B]) {
    await database.sql(`CREATE SCHEMA ${schema}; SET search_path TO ${schema};
      CREATE TABLE author (id int PRIMARY KEY, name text); CREATE TABLE book (id int PRIMARY KEY, "authorId" int);
      CREATE TABLE book_readers ("bookId" int, "authorId" int);
      CREATE TABLE shelf (id int PRIMARY KEY, name text, mpath text, "parentId" int);
      INSERT INTO author VALUES (1, '${schema}'); INSERT INTO book VALUES (1, 1); INSERT INTO book_readers VALUES (1, 1);
      INSERT INTO shelf VALUES (1, '${schema}', '1.', NULL), (2, '${schema}', '1.2.', 1)`);
  }
  dataSource = await openTenantDataSource(database, {
    entities: [Author, Book, Shelf],
    cache: tenantQueryCache(),
  });
  handle = dataSourceFor(dataSource, A);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const loadOne = async (builder: SelectQueryBuilder<Book>, relation = 'author', of: unknown = 1) =>
  (await builder.relation(Book, relation).of(of).loadOne<Author>())?.name;
const names = (rows: { name: string }[]): string[] =>
  Array.from(new Set(rows.map((row) => row.name)));
const shelf = (from: DataSource): Promise<Shelf> =>
  from.getTreeRepository<Shelf>(Shelf).findOneByOrFail({ id: 2 });

/** Every way to load relations; each gives the mark of the tenant whose rows it loaded. */
const LOADS: [string, (from: DataSource) => Promise<unknown>][] = [
  ['a relation to one, by id', (from) => loadOne(from.createQueryBuilder() as never)],
  ['by a map of ids', (from) => loadOne(from.createQueryBuilder() as never, 'author', { id: 1 })],
  ['of many to many', (from) => loadOne(from.createQueryBuilder() as never, 'readers')],
  [
    'a relation to many',
    async (from) => {
      const relation = from.createQueryBuilder().relation(Author, 'books').of(1);
      const [book] = await relation.loadMany<Book>();
      return (await book?.author)?.name;
    },
  ],
  ["of a repository's builder", (from) => loadOne(from.getRepository(Book).createQueryBuilder())],
  ['of a manager', (from) => loadOne(from.manager.createQueryBuilder() as never)],
  [
    'of a transaction',
    (from) => from.transaction((manager) => loadOne(manager.createQueryBuilder() as never)),
  ],
  [
    'of a query runner by its DataSource',
    async (from) => {
      const runner = from.createQueryRunner();
      try {
        return await loadOne(dataSourceOf(runner).createQueryBuilder() as never);
      } finally {
        await runner.release();
      }
    },
  ],
  [
    'of a query runner of its driver',
    async (from) => {
      const runner = from.driver.createQueryRunner('master');
      try {
        const [row] = await runner.query('SELECT name FROM "__tenant__".author');
        return row.name;
      } finally {
        await runner.release();
      }
    },
  ],
  [
    'by its relation loader',
    async (from) => {
      const relation = from.getMetadata(Book).findRelationWithPropertyPath('author') as never;
      const [author] = await from.relationLoader.load(relation, { id: 1 });
      return author.name;
    },
  ],
  [
    'by its loader of relation ids',
    async (from) => {
      const relation = from.getMetadata(Book).findRelationWithPropertyPath('readers') as never;
      const groups = await from.relationIdLoader.loadManyToManyRelationIdsAndGroup(relation, {
        id: 1,
      });
      return names(groups.flatMap(({ related }: { related?: unknown }) => related as Author[]))[0];
    },
  ],
  [
    'lazily, of a loaded entity',
    async (from) => (await (await from.getRepository(Book).findOneByOrFail({ id: 1 })).author).name,
  ],
  [
    'lazily, of a created entity',
    async (from) => (await from.getRepository(Book).create({ id: 1 }).author).name,
  ],
  [
    'by a second query',
    async (from) => {
      const [book] = await from
        .getRepository(Book)
        .find({ relations: { readers: true }, relationLoadStrategy: 'query' } as never);
      return names(book?.readers)[0];
    },
  ],
  [
    'of a tree, downwards',
    async (from) => {
      const trees = from.getTreeRepository<Shelf>(Shelf);
      return names(await trees.findDescendants({ id: 1 } as Shelf)).join();
    },
  ],
  [
    'of a tree, upwards',
    async (from) => {
      const tree = await from.getTreeRepository<Shelf>(Shelf).findAncestorsTree(await shelf(from));
      return (tree.parent as Shelf).name;
    },
  ],
  ['of all trees', async (from) => names(await from.getTreeRepository(Shelf).findTrees()).join()],
];

describe.each(LOADS)('%s', (_, load) => {
  it('loads from A inside run(B), and outside every tenant', async () => {
    expect(await tenantContext.run(B, () => load(handle))).toBe(A.schema);
    expect(await load(handle)).toBe(A.schema);
  });

  it('control: of the plain DataSource loads from B there, and is refused without a tenant', async () => {
    expect(await tenantContext.run(B, () => load(dataSource))).toBe(B.schema);
    await expect(load(dataSource)).rejects.toThrow(TenantContextMissingError);
  });
});

it("does not load another tenant's entity through a handle", async () => {
  const bookOfB = await dataSourceFor(dataSource, B).getRepository(Book).findOneByOrFail({ id: 1 });
  const relation = handle.getMetadata(Book).findRelationWithPropertyPath('author') as never;
  await expect(handle.relationLoader.load(relation, bookOfB)).rejects.toThrow(TenantMismatchError);
});

it('clears the cached results of A, and of no other tenant', async () => {
  const cached = (): Promise<Author> =>
    dataSource.getRepository(Author).findOneOrFail({ where: { id: 1 }, cache: true });
  const rename = (text: string): Promise<unknown> =>
    database.sql(`UPDATE tenant_a.author SET name = '${text}';
                  UPDATE tenant_b.author SET name = '${text}'`);
  const read = (): Promise<string[]> =>
    Promise.all(
      [A, B].map((tenant) => tenantContext.run(tenant, async () => (await cached()).name)),
    );
  expect(await read()).toEqual([A.schema, B.schema]);
  await rename('new');
  await tenantContext.run(B, () => handle.queryResultCache?.clear());
  try {
    expect(await read()).toEqual(['new', B.schema]);
  } finally {
    await database.sql(`UPDATE tenant_a.author SET name = 'tenant_a';
                        UPDATE tenant_b.author SET name = 'tenant_b'`);
  }
});

it('hands out itself as the DataSource of its managers and query runners', () => {
  expect(dataSourceOf(handle.manager)).toBe(handle);
  expect(dataSourceOf(handle.getRepository(Book).createQueryBuilder())).toBe(handle);
  expect(dataSourceOf(handle.createQueryRunner())).toBe(handle);
});
