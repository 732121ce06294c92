// The placeholder as a user's data is data: stored, found and changed as it is. As a parameter it is replaced in
// statements on the catalogues and on typeorm_metadata only, where it names a schema.
import { type DataSource, In, Like } from 'typeorm';
import { TENANT_SCHEMA, tenantContext } from '../../../src/index.js';
import { replacePlaceholderInParameters } from '../../../src/core/sql/catalogue-statement.js';
import type { TestDatabase } from 'test-support/test-database.js';
import {
  A,
  B,
  createTwoTenants,
  emptyTenants,
  Note,
  openTenantDataSource,
  storedTexts,
} from '../support.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  for (const { schema } of [A, B]) {
    await database.sql(`
      CREATE TABLE ${schema}.pg_class_of_the_user (text text);
      INSERT INTO ${schema}.pg_class_of_the_user VALUES ('${TENANT_SCHEMA}');
      CREATE TABLE ${schema}.typeorm_metadata (type text, schema text, name text);`);
  }
  dataSource = await openTenantDataSource(database);
});

beforeEach(() => emptyTenants(database));

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const inA = <T>(work: () => Promise<T>): Promise<T> => tenantContext.run(A, work);
const notes = () => dataSource.getRepository(Note);
const query = (text: string, values: unknown[]): Promise<unknown[]> =>
  inA(() => dataSource.query(text, values));

it.each([TENANT_SCHEMA, `a ${TENANT_SCHEMA} b`, `"${TENANT_SCHEMA}".notes`])(
  'stores and finds the text %s as it is, by every way to write and to ask',
  async (text) => {
    await inA(async () => {
      const { id } = await notes().save({ text });
      expect(await notes().findOneBy({ text })).toMatchObject({ id, text });
      expect(await notes().countBy({ text: In(['other', text]) })).toBe(1);
      expect(await notes().countBy({ text: Like(`%${text}%`) })).toBe(1);
      await notes().update({ text }, { text: 'changed' });
      await notes().upsert({ id, text }, ['id']);
      const built = notes().createQueryBuilder('n').where('n.text = :text', { text });
      expect(await built.getMany()).toMatchObject([{ id, text }]);
      await notes().createQueryBuilder().insert().values({ text }).execute();
      await notes().createQueryBuilder().update().set({ text }).where({ text }).execute();
    });
    expect(await storedTexts(database, A)).toEqual([text, text]);
  },
);

it('keeps it in arrays and nested arrays', async () => {
  const values = [
    ['x', TENANT_SCHEMA],
    [TENANT_SCHEMA, 'y'],
  ];
  expect(await query('SELECT $1::text[] AS texts', [values])).toEqual([{ texts: values }]);
  await query(`INSERT INTO ${TENANT_SCHEMA}.notes (text) SELECT unnest($1::text[])`, [values]);
  expect(await storedTexts(database, A)).toEqual(values.flat());
});

it.each([
  ['mentions pg_sleep()', `SELECT $1::text FROM pg_sleep(0)`],
  [
    'reads a table whose name starts like a catalogue’s',
    `SELECT text FROM "${TENANT_SCHEMA}".pg_class_of_the_user WHERE text = $1`,
  ],
])('keeps the parameter of a user’s INSERT … SELECT that %s', async (_, select) => {
  await query(`INSERT INTO "${TENANT_SCHEMA}".notes (text) ${select}`, [TENANT_SCHEMA]);
  expect(await query(select, [TENANT_SCHEMA])).toHaveLength(1);
  expect(await storedTexts(database, A)).toEqual([TENANT_SCHEMA]);
});

it('answers TypeORM’s questions to the catalogues for the current tenant', async () => {
  await database.sql('ALTER TABLE tenant_b.notes ADD COLUMN only_b int');
  const answers = async () => {
    const runner = dataSource.createQueryRunner();
    try {
      const table = await runner.getTable(`${TENANT_SCHEMA}.notes`);
      return {
        schema: await runner.hasSchema(TENANT_SCHEMA),
        table: await runner.hasTable(`${TENANT_SCHEMA}.notes`),
        missing: await runner.hasTable(`${TENANT_SCHEMA}.missing`),
        onlyB: await runner.hasColumn(`${TENANT_SCHEMA}.notes`, 'only_b'),
        columns: table?.columns.map(({ name }) => name),
      };
    } finally {
      await runner.release();
    }
  };
  const found = { schema: true, table: true, missing: false };
  expect(await tenantContext.run(A, answers)).toEqual({
    ...found,
    onlyB: false,
    columns: ['id', 'text'],
  });
  expect(await tenantContext.run(B, answers)).toEqual({
    ...found,
    onlyB: true,
    columns: ['id', 'text', 'only_b'],
  });
  await expect(answers()).rejects.toMatchObject({ code: 'TENANT_CONTEXT_MISSING' });
  await database.sql('ALTER TABLE tenant_b.notes DROP COLUMN only_b');
});

it('names the tenant’s schema in the rows of typeorm_metadata', async () => {
  const insert = `INSERT INTO "${TENANT_SCHEMA}"."typeorm_metadata"("type", "schema", "name") VALUES ($1, $2, $3)`;
  await query(insert, ['VIEW', TENANT_SCHEMA, 'view']);
  expect(await database.sql('SELECT * FROM tenant_a.typeorm_metadata')).toEqual([
    { type: 'VIEW', schema: 'tenant_a', name: 'view' },
  ]);
});

describe('control: parameters that are replaced everywhere', () => {
  it('stores the schema’s name in place of the user’s text', async () => {
    await query(
      `INSERT INTO ${TENANT_SCHEMA}.notes (text) VALUES ($1)`,
      replacePlaceholderInParameters([TENANT_SCHEMA], A.schema),
    );
    expect(await storedTexts(database, A)).toEqual(['tenant_a']);
  });
});
