// Every public method of TypeORM that takes an entity, or criteria or ids built from one, rejects an entity of tenant A in
// tenant B: inside run(B), through a handle of B, and through a transaction of B. Methods are found at run time, so that
// one of a later TypeORM needs a case, or an exemption with its reason.
import {
  BaseEntity,
  DataSource,
  DeleteQueryBuilder,
  EntityManager,
  InsertQueryBuilder,
  QueryBuilder,
  Repository,
  SelectQueryBuilder,
  TreeRepository,
  UpdateQueryBuilder,
} from 'typeorm';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { BaseQueryRunner } from 'typeorm/query-runner/BaseQueryRunner.js';
import { RelationIdLoader } from 'typeorm/query-builder/RelationIdLoader.js';
import { RelationLoader } from 'typeorm/query-builder/RelationLoader.js';
import { RelationQueryBuilder } from 'typeorm/query-builder/RelationQueryBuilder.js';
import { SoftDeleteQueryBuilder } from 'typeorm/query-builder/SoftDeleteQueryBuilder.js';
import { dataSourceFor, tenantContext, TenantMismatchError } from '../../../src/index.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';
import {
  Choice,
  Detail,
  Poll,
  type Section,
  surfaceRows,
  surfaceState,
  surfaceTables,
  SURFACE_ENTITIES,
  Tag,
  TREES,
} from './surface/surface-entities.js';
import type { Rows, Scene, Use } from './surface/scene.js';
import { SURFACE } from './surface/of-typeorm-0.3.js';
import { A, B, openTenantDataSource, untilAllIdle } from '../support.js';

const CLASSES = {
  EntityManager,
  Repository,
  TreeRepository,
  BaseEntity,
  DataSource,
  QueryBuilder,
  SelectQueryBuilder,
  InsertQueryBuilder,
  UpdateQueryBuilder,
  DeleteQueryBuilder,
  SoftDeleteQueryBuilder,
  RelationQueryBuilder,
  RelationLoader,
  RelationIdLoader,
  BaseQueryRunner,
  PostgresQueryRunner,
};

/** The methods and accessors of each class, and the static ones of Active Record. */
function methodsOfTypeOrm(): string[] {
  const own = (object: object): string[] =>
    Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor');
  const methods = Object.entries(CLASSES).flatMap(([name, { prototype }]) =>
    own(prototype).map((method) => `${name}.${method}`),
  );
  const statics = own(BaseEntity).filter((name) => !['length', 'name', 'prototype'].includes(name));
  return [...methods, ...statics.map((method) => `BaseEntity#${method}`)];
}

const covered = (): Set<string> =>
  new Set(
    Object.values(SURFACE)
      .flatMap(Object.keys)
      .map((key) => key.split(' ')[0] ?? ''),
  );
const withoutCase = (): string[] => methodsOfTypeOrm().filter((name) => !covered().has(name));

let database: TestDatabase;
let dataSource: DataSource;
let a: Rows;
let b: Rows;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql(surfaceTables(A.schema) + surfaceTables(B.schema));
  dataSource = await openTenantDataSource(database, {
    poolSize: 3,
    entities: SURFACE_ENTITIES,
    invalidWhereValuesBehavior: { null: 'ignore' },
  });
});

beforeEach(async () => {
  await database.sql(surfaceRows(A.schema) + surfaceRows(B.schema));
  a = await tenantContext.run(A, load);
  b = await tenantContext.run(B, load);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

async function load(): Promise<Rows> {
  const { manager } = dataSource;
  return {
    poll: await manager.findOneByOrFail(Poll, { id: 1 }),
    choice: await manager.findOneByOrFail(Choice, { id: 1 }),
    tag: await manager.findOneByOrFail(Tag, { id: 1 }),
    detail: await manager.findOneByOrFail(Detail, { id: 1 }),
    trees: await Promise.all(
      TREES.map((tree) => manager.findOneByOrFail<Section>(tree as never, { id: 1 })),
    ),
  };
}

async function state(): Promise<unknown> {
  const [row] = await database.sql<{ state: unknown }>(surfaceState([A.schema, B.schema]));
  return row?.state;
}

const scene = (source: DataSource, manager = source.manager, rows: { a: Rows } = { a }): Scene => ({
  dataSource: source,
  manager,
  ...(manager.queryRunner && { queryRunner: manager.queryRunner }),
  a: rows.a,
  b,
  builtInA: (build) => tenantContext.run(A, () => build(dataSource)),
});

/** In a transaction of B, begun with a statement so that the runner holds a connection of B. */
async function inTransaction(
  use: Use,
  around: (work: () => unknown) => unknown,
  rows: { a: Rows } = { a },
): Promise<unknown> {
  const runner = dataSource.createQueryRunner();
  try {
    return await tenantContext.run(B, async () => {
      await runner.startTransaction();
      await runner.manager.count(Poll);
      return around(() => use(scene(dataSource, runner.manager, rows)));
    });
  } finally {
    await tenantContext.run(B, () => runner.rollbackTransaction());
    await runner.release();
  }
}

/** The ways to be in B with an entity of A. */
const PLACES: Record<string, (use: Use) => unknown> = {
  'inside run(B)': (use) => tenantContext.run(B, () => use(scene(dataSource))),
  'through a handle of B, where no tenant is current': (use) =>
    use(scene(dataSourceFor(dataSource, B))),
  'through a handle of B, inside run(A)': (use) =>
    tenantContext.run(A, () => use(scene(dataSourceFor(dataSource, B)))),
  'in a transaction of B': (use) => inTransaction(use, (work) => work()),
};

/** A method's own error, thrown or rejected. */
async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

it('has a case, or an exemption with its reason, for every method of TypeORM', () => {
  expect(methodsOfTypeOrm().length).toBeGreaterThan(300);
  expect(withoutCase()).toEqual([]);
});

it('has no case and no exemption for a method that TypeORM does not have', () => {
  const methods = new Set(methodsOfTypeOrm());
  expect(Array.from(covered()).filter((name) => !methods.has(name))).toEqual([]);
});

it('control: names a method that no case covers', () => {
  const prototype = EntityManager.prototype as unknown as { saveElsewhere?: unknown };
  Object.defineProperty(prototype, 'saveElsewhere', { value: () => 0, configurable: true });
  try {
    expect(withoutCase()).toEqual(['EntityManager.saveElsewhere']);
  } finally {
    delete prototype.saveElsewhere;
  }
});

it.each(Object.entries(SURFACE.uses))(
  '%s rejects an entity of A, and changes nothing',
  async (_, use) => {
    const before = await state();
    for (const [place, inPlace] of Object.entries(PLACES)) {
      const error = await errorOf(() => inPlace(use));
      expect([place, error]).toEqual([place, expect.any(TenantMismatchError)]);
    }
    expect(await state()).toEqual(before);
    await untilAllIdle(dataSource);
  },
);

/** Uses whose only way to B is the query runner, not the context. */
const OF_RUNNERS = Object.entries(SURFACE.uses).filter(([name]) =>
  /^(?:EntityManager|Repository|TreeRepository|[A-Z][A-Za-z]+Query(?:Builder|Runner))\.|by a query/.test(
    name,
  ),
);

it.each(OF_RUNNERS)(
  '%s rejects an entity of A on a connection of B outside every tenant',
  async (_, use) => {
    const before = await state();
    const error = await errorOf(() =>
      inTransaction(use, (work) => tenantContext.runWithoutTenant(work)),
    );
    expect(error).toEqual(expect.any(TenantMismatchError));
    expect(await state()).toEqual(before);
  },
);

it.each(Object.entries(SURFACE.built))(
  '%s rejects a query builder that was given an entity of A',
  async (_, use) => {
    const before = await state();
    const error = await errorOf(() => tenantContext.run(B, () => use(scene(dataSource))));
    expect(error).toEqual(expect.any(TenantMismatchError));
    expect(await state()).toEqual(before);
    await untilAllIdle(dataSource);
  },
);

it.each(Object.entries(SURFACE.uses))(
  'control: %s does not reject an entity of B',
  async (_, use) => {
    const own = { a: b };
    const places = [
      () => tenantContext.run(B, () => use(scene(dataSource, dataSource.manager, own))),
      () => {
        const handle = dataSourceFor(dataSource, B);
        return tenantContext.run(A, () => use(scene(handle, handle.manager, own)));
      },
      () => inTransaction(use, (work) => work(), own),
    ];
    for (const inPlace of places) {
      expect(await errorOf(inPlace)).not.toEqual(expect.any(TenantMismatchError));
    }
  },
);
