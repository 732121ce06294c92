// A view entity, and a generated column, read the tenant's own rows: the view's name, and what it is made of,
// are in the tenant's schema. On one connection, so that nothing of the tenant before is left on it.
import { Column, type DataSource, Entity, PrimaryColumn, ViewColumn, ViewEntity } from 'typeorm';
import { tenantContext, TenantContextMissingError } from '../../../src/index.js';
import type { TestDatabase } from 'test-support/test-database.js';
import { A, addNote, B, createTwoTenants, Note, openTenantDataSource, Remark } from '../support.js';

@ViewEntity({ name: 'loud_notes', synchronize: false })
class LoudNote {
  @ViewColumn()
  id!: number;

  @ViewColumn()
  text!: string;
}

@Entity('labels')
class Label {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'text', generatedType: 'STORED', asExpression: 'upper(name)' })
  loud!: string;
}

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTwoTenants();
  for (const { schema } of [A, B]) {
    await database.sql(
      `CREATE VIEW ${schema}.loud_notes AS SELECT id, upper(text) AS text FROM ${schema}.notes;
       CREATE TABLE ${schema}.labels (name text PRIMARY KEY, loud text GENERATED ALWAYS AS (upper(name)) STORED)`,
    );
  }
  dataSource = await openTenantDataSource(database, { entities: [Note, Remark, LoudNote, Label] });
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('a view entity reads the rows of the current tenant, and none without one', async () => {
  for (const tenant of [A, B]) await addNote(dataSource, tenant);
  const views = dataSource.getRepository(LoudNote);
  for (const tenant of [A, B, A]) {
    expect(await tenantContext.run(tenant, () => views.find())).toEqual([
      { id: 1, text: tenant.schema.toUpperCase() },
    ]);
  }
  await expect(views.find()).rejects.toBeInstanceOf(TenantContextMissingError);
});

it('a generated column comes back with the row that was saved', async () => {
  const labels = dataSource.getRepository(Label);
  const saved = await tenantContext.run(B, () => labels.save({ name: 'new' }));
  expect(saved).toMatchObject({ name: 'new', loud: 'NEW' });
  expect(await tenantContext.run(A, () => labels.count())).toBe(0);
});
