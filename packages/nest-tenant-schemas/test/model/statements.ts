// The ways in which the model's actors read and write, by what they hold: a DataSource (plain, or bound to a
// tenant), the pool, a client of the pool, a query runner. A read gives texts of rows.
import type pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import type { DataSource, QueryRunner } from 'typeorm';
import { type Tenant, TENANT_SCHEMA, tenantContext } from '../../src/index.js';
import { testServer } from 'test-support/test-server.js';
import { Note, poolOf, Remark } from '../tenancy/support.js';
import { Branch } from './world/branch.entity.js';
import { TENANTS } from './settings.js';

interface Row {
  text: string;
}

type Reads<Source> = Readonly<Record<string, (source: Source) => Promise<Row[]>>>;
type Writes<Source> = Readonly<Record<string, (source: Source, text: string) => Promise<unknown>>>;

export const READ = `SELECT text FROM "${TENANT_SCHEMA}".notes ORDER BY id`;
export const INSERT = `INSERT INTO "${TENANT_SCHEMA}".notes (text) VALUES ($1)`;

/** A write with a parameter of an enum type, which migrations replace. */
export const INSERT_ENUM = `INSERT INTO "${TENANT_SCHEMA}".notes (text, mood) VALUES ($1, $2)`;
const READ_ENUM = `SELECT text FROM "${TENANT_SCHEMA}".notes WHERE mood = $1 OR mood IS NULL ORDER BY id`;
export const UNQUALIFIED_READ = 'SELECT text FROM notes ORDER BY id';

/** A pooler of transactions does not keep what a session has prepared by name. */
export const isPooled = testServer().isBehindPgBouncer;

/** A constant of a module, used by every tenant. */
const SHARED_CONFIG = Object.freeze({ text: READ });
export const STATEMENT_NAME = 'read_notes';
const CACHE = { id: 'notes', milliseconds: 60_000 };

const find = (source: DataSource): Promise<Row[]> => source.getRepository(Note).find();

export const DATA_SOURCE_READS: Reads<DataSource> = {
  find,
  'query builder': (source) => source.createQueryBuilder(Note, 'note').getMany(),
  'raw SQL': (source) => source.query<Row[]>(READ),
  // From the second use on, the server keeps it prepared.
  'raw SQL with an enum, twice': async (source) => {
    await source.query(READ_ENUM, ['glad']);
    return source.query<Row[]>(READ_ENUM, ['glad']);
  },
  transaction: (source) => source.transaction((manager) => manager.find(Note)),
  'cached find': (source) => source.getRepository(Note).find({ cache: CACHE }),
  'lazy relation': async (source) => {
    const note = await source.getRepository(Note).findOneByOrFail({ id: 1 });
    return note.remarks;
  },
  stream: async (source) => {
    const builder = source.createQueryBuilder(Note, 'note').select('note.text', 'text');
    return (await (await builder.stream()).toArray()) as Row[];
  },
  'find with relation ids': (source) => source.getRepository(Note).find({ loadRelationIds: true }),
  'relation by id': (source) =>
    source.createQueryBuilder().relation(Note, 'remarks').of(1).loadMany<Remark>(),
  tree: (source) => source.getTreeRepository(Branch).findDescendants({ id: 1 } as Branch),
  'find after run(others)': async (source) => {
    for (const tenant of TENANTS) await tenantContext.run(tenant, () => find(source));
    return find(source);
  },
};

/** Where `rawSql` is `search_path`, and a tenant is current. */
export const UNQUALIFIED_READS: Reads<DataSource> = {
  'unqualified SQL': (source) => source.query<Row[]>(UNQUALIFIED_READ),
  'unqualified SQL in a transaction': (source) =>
    source.transaction((manager) => manager.query(UNQUALIFIED_READ)),
};

export const POOL_READS: Reads<DataSource> = {
  'pool.query()': async (source) => (await poolOf(source).query<Row>(READ)).rows,
  'pool.query() of a constant': async (source) =>
    (await poolOf(source).query<Row>(SHARED_CONFIG)).rows,
  'pool.query() with a callback': (source) =>
    new Promise((resolve, reject) => {
      poolOf(source).query<Row>(READ, [], (error: Error | undefined, result) =>
        error ? reject(error) : resolve(result.rows),
      );
    }),
  'pool.connect() with a callback': (source) =>
    new Promise((resolve, reject) => {
      poolOf(source).connect((failure, client, release) => {
        if (!client) return reject(failure as Error);
        client.query<Row>(READ, (error, result) => {
          release(error ?? undefined);
          if (error) reject(error);
          else resolve(result.rows);
        });
      });
    }),
};

const named = (): pg.QueryConfig => ({ name: STATEMENT_NAME, text: READ, values: [] });

export const readByName = async (source: DataSource): Promise<Row[]> =>
  (await poolOf(source).query<Row>(named())).rows;

export const CLIENT_READS: Reads<pg.PoolClient> = {
  ...(!isPooled && {
    'named statement': async (client) => (await client.query<Row>(named())).rows,
  }),
  query: async (client) => (await client.query<Row>(READ)).rows,
  'query with a callback': (client) =>
    new Promise((resolve, reject) => {
      client.query<Row>(READ, (error, result) => (error ? reject(error) : resolve(result.rows)));
    }),
  cursor: async (client) => {
    const cursor = client.query(new Cursor<Row>(READ));
    const rows = await cursor.read(2);
    await cursor.close();
    return rows;
  },
  'query stream': async (client) =>
    (await client.query(new QueryStream(READ, [], { batchSize: 2 })).toArray()) as Row[],
};

export const RUNNER_READS: Reads<QueryRunner> = {
  find: (runner) => runner.manager.find(Note),
  'query builder': (runner) => runner.manager.createQueryBuilder(Note, 'note').getMany(),
  'raw SQL': (runner) => runner.query(READ) as Promise<Row[]>,
  stream: async (runner) => (await (await runner.stream(READ)).toArray()) as Row[],
};

export const DATA_SOURCE_WRITES: Writes<DataSource> = {
  save: (source, text) => source.getRepository(Note).save({ text }),
  'insert()': (source, text) => source.getRepository(Note).insert({ text }),
  'raw INSERT': (source, text) => source.query(INSERT, [text]),
  'raw INSERT of an enum': (source, text) => source.query(INSERT_ENUM, [text, 'glad']),
  transaction: (source, text) =>
    source.transaction(async (manager) => {
      await manager.find(Note);
      await manager.save(Note, { text });
    }),
};

export const RELATION_OF_NOTE = 'a relation of an entity';

/** The ways to use a note that was loaded before, without saving it. */
export const USES_OF_NOTES: Readonly<
  Record<string, (source: DataSource, note: Note) => Promise<Row[]>>
> = {
  [RELATION_OF_NOTE]: (source, note) =>
    source.createQueryBuilder().relation(Note, 'remarks').of(note).loadMany<Remark>(),
  'a relation set to an entity': async (source, note) => {
    await source.createQueryBuilder().relation(Remark, 'note').of(1).set(note);
    return source.getRepository(Remark).find();
  },
  'ids of an entity': (source, note) =>
    source.createQueryBuilder(Note, 'note').whereInIds(note).getMany(),
  'criteria by an entity': (source, note) => {
    const { manager } = source;
    const ids = source.getMetadata(Note).getEntityIdMap(note);
    return manager.findBy(Remark, { note: ids as never });
  },
  'an update by an entity': async (source, note) => {
    const update = source.createQueryBuilder().update(Note).set({ text: note.text });
    await update.whereInIds(note).execute();
    return find(source);
  },
  'a preloaded entity': async (source, note) => {
    const loaded = await source.getRepository(Note).preload(note);
    return loaded ? [loaded] : [];
  },
  'a tree of an entity': (source, note) =>
    source.getTreeRepository(Branch).findDescendants(note as unknown as Branch),
};

export const CLIENT_WRITES: Writes<pg.PoolClient> = {
  INSERT: (client, text) => client.query(INSERT, [text]),
  'INSERT of an enum': (client, text) => client.query(INSERT_ENUM, [text, 'calm']),
  'INSERT of an object': (client, text) => client.query({ text: INSERT, values: [text] }),
};

export const RUNNER_WRITES: Writes<QueryRunner> = {
  save: (runner, text) => runner.manager.save(Note, { text }),
  'raw INSERT': (runner, text) => runner.query(INSERT, [text]),
  'raw INSERT of an enum': (runner, text) => runner.query(INSERT_ENUM, [text, 'glad']),
};

/** Session settings that an application may change behind the engine's back. */
export const SETTINGS = [
  ...TENANTS.flatMap(({ schema }) => [
    `SET search_path TO ${schema}`,
    `SET LOCAL search_path TO ${schema}`,
    `SELECT set_config('search_path', '${schema}', false)`,
    `SELECT set_config('search_path', '${schema}', true)`,
  ]),
  'RESET search_path',
  'RESET ALL',
];

/** The same of the role, outside a transaction: inside one they hold until its end. */
export const roleSettings = (roles: readonly string[]): string[] => [
  'RESET ROLE',
  `SELECT set_config('role', 'none', false)`,
  ...roles.flatMap((role) => [`SET ROLE "${role}"`, `SELECT set_config('role', '${role}', false)`]),
];

/** Statements that name a tenant's schema; what they write is the mark. */
export const REACHES: readonly ((tenant: Tenant, mark: string) => string)[] = [
  ({ schema }) => `SELECT text FROM ${schema}.notes`,
  ({ schema }, mark) => `INSERT INTO ${schema}.notes (text) VALUES ('${mark}')`,
  ({ schema }, mark) => `UPDATE ${schema}.notes SET text = '${mark}'`,
  ({ schema }) => `DELETE FROM ${schema}.notes`,
];
