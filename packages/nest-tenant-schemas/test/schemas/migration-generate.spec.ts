// One migration is generated for every tenant: it names their schema by the placeholder, runs in each of them and
// leaves nothing to generate. The database that it is made in is gone afterwards, whatever happened.
import { EntitySchema } from 'typeorm';
import { MigrationNotGeneratedError, TENANT_SCHEMA } from '../../src/index.js';
import { A, B } from '../tenancy/support.js';
import {
  answer,
  answerChanged,
  COMMENT,
  country,
  countryChanged,
  type Row,
  survey,
  surveyChanged,
  tag,
} from './generate-entities.js';
import { generate, generated, NOW, statementsOf, useGenerator } from './generate-support.js';
import { structureOf, withTenants } from './generate-tenants.js';

useGenerator();

describe('of a history without migrations', () => {
  it('names the shared schema, and never the placeholder, for the shared one', async () => {
    const shared = await generated('shared', {}, 'AddCountries');
    expect(shared).toMatchObject({
      name: `AddCountries${NOW}`,
      fileName: `${NOW}-add-countries.ts`,
      upStatements: 1,
      otherHistoryDiffers: true,
    });
    expect(shared.source).not.toContain(TENANT_SCHEMA);
    expect(statementsOf(shared)).toEqual([
      expect.stringMatching(/^CREATE TABLE "public"\."countries" /),
      'DROP TABLE "public"."countries"',
    ]);
  });

  it('names the tenant’s schema by the placeholder in every statement', async () => {
    const { Migration } = await generated('shared');
    const tenant = await generated('tenant', { shared: [Migration] });
    const statements = statementsOf(tenant);
    expect(statements.filter((statement) => !statement.includes(`"${TENANT_SCHEMA}".`))).toEqual(
      [],
    );
    expect(statements).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^CREATE TYPE "__tenant__"\."surveys_status_enum" AS ENUM/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys" .*gen_random_uuid\(\)/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys" .*"createdAt" TIMESTAMP WITH/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys" .*UNIQUE \("slug"\)/),
        expect.stringMatching(/^CREATE TABLE "__tenant__"\."surveys_tags_tags" /),
        expect.stringMatching(/^CREATE INDEX .* ON "__tenant__"\."surveys" +\("createdAt", "slug"/),
        expect.stringMatching(/^ALTER TABLE "__tenant__"\."answers" .* ON DELETE CASCADE/),
        expect.stringMatching(/^ALTER TABLE "__tenant__"\."surveys" .*"public"\."countries"/),
      ]),
    );
    expect(tenant.source).not.toMatch(/CREATE SCHEMA|tenant_schemas_/);
    const [up = ''] = tenant.source.split('async down');
    expect(tenant.upStatements).toBe(up.split('queryRunner.query(').length - 1);
    expect(tenant.otherHistoryDiffers).toBe(false);
  });

  it('has nothing to generate a second time', async () => {
    const shared = [(await generated('shared')).Migration];
    const tenant = [(await generated('tenant', { shared })).Migration];
    expect(await generate('shared', { shared, tenant })).toBeUndefined();
    expect(await generate('tenant', { shared, tenant })).toBeUndefined();
  });
});

it('generates a migration for a changed entity, which runs in every tenant, and only once', async () => {
  const shared = [(await generated('shared')).Migration];
  const first = await generated('tenant', { shared });
  await withTenants(async ({ own, create, migrate, revert, save }) => {
    expect(await migrate({ shared })).toMatchObject([{ schema: 'public', status: 'applied' }]);
    for (const tenant of [A, B]) await create(tenant, [first.Migration]);
    const before = await structureOf(own, A.schema);
    expect(before).not.toEqual([]);

    const entities = [country, tag, surveyChanged, answerChanged];
    const state = { entities, shared, tenant: [first.Migration] };
    const second = await generated('tenant', state, 'CloseSurveys');
    expect(second).toMatchObject({ name: `CloseSurveys${NOW + 1}`, downProblem: undefined });
    expect(second.risks).toEqual([
      'It fails if answers has rows, because the column weight is NOT NULL and has no default.',
      'It deletes the column answers.text with its values.',
      'It fails if answers has rows, because the column text is NOT NULL and has no default.',
    ]);
    expect(statementsOf(second).filter((sql) => !sql.includes(`"${TENANT_SCHEMA}".`))).toEqual([]);

    const tenant = [first.Migration, second.Migration];
    expect(await generate('tenant', { ...state, tenant }, 'Again')).toBeUndefined();

    expect(await migrate({ shared, tenant })).toMatchObject([
      { schema: 'public', status: 'skipped' },
      { schema: A.schema, status: 'applied', versions: [second.name] },
      { schema: B.schema, status: 'applied', versions: [second.name] },
    ]);
    const after = await structureOf(own, A.schema);
    expect(after).toEqual(await structureOf(own, B.schema));
    expect(after).toEqual(expect.arrayContaining(['surveys_status_enum closed']));
    await create({ id: A.id.replace(/a$/, 'c'), schema: 'tenant_c' }, tenant);
    expect(await structureOf(own, 'tenant_c')).toEqual(after);

    for (const { schema } of [A, B]) {
      const [row] = await own.sql(
        `SELECT col_description(attrelid, attnum) AS comment FROM pg_attribute
         WHERE attrelid = '${schema}.surveys'::regclass AND attname = 'question'`,
      );
      expect(row).toEqual({ comment: COMMENT });
    }
    const row = { slug: 'a', question: 'Why?', status: 'closed', tags: [] };
    await save(B, surveyChanged, row);
    expect(await own.sql(`SELECT slug FROM ${B.schema}.surveys`)).toEqual([{ slug: 'a' }]);
    expect(await own.sql(`SELECT slug FROM ${A.schema}.surveys`)).toEqual([]);

    await revert(A, second.Migration);
    expect(await structureOf(own, A.schema)).toEqual(before);
    await revert(A, first.Migration);
    expect(await structureOf(own, A.schema)).toEqual([]);
    expect(await structureOf(own, B.schema)).toEqual(after);
  });
});

describe('when both histories differ', () => {
  it('refuses the tenant migration and names the shared one to generate first', async () => {
    const refused = generate('tenant');
    await expect(refused).rejects.toBeInstanceOf(MigrationNotGeneratedError);
    await expect(refused).rejects.toThrow(
      /The shared entities also differ .*tenant-schemas generate-migration <Name> --shared$/,
    );
  });

  it('rejects it also if the shared schema lacks only a column', async () => {
    const shared = [(await generated('shared')).Migration];
    const entities = [countryChanged, tag, survey, answer];
    await expect(generate('tenant', { entities, shared })).rejects.toThrow(
      'ALTER TABLE "public"."countries" ADD "flag" text',
    );
  });

  it('generates the shared migration, and says that the tenants’ is next', async () => {
    expect(await generate('shared')).toMatchObject({ otherHistoryDiffers: true });
  });

  it('refuses a shared migration that only runs after the tenants’', async () => {
    const byName = new EntitySchema<Row>({
      name: 'Visit',
      tableName: 'visits',
      columns: { id: { type: Number, primary: true, generated: 'increment' } },
      relations: {
        country: {
          type: 'many-to-one',
          target: 'Country',
          joinColumn: { name: 'country', referencedColumnName: 'name' },
        },
      },
    });
    const withoutRelation = new EntitySchema<Row>({
      ...byName.options,
      columns: { ...byName.options.columns, country: { type: 'text', nullable: true } },
      relations: {},
    });
    const notUnique = new EntitySchema<Row>({
      ...country.options,
      columns: { ...country.options.columns, name: { type: 'text' } },
    });
    const before = [country, byName];
    const shared = [(await generated('shared', { entities: before })).Migration];
    const tenant = [(await generated('tenant', { entities: before, shared })).Migration];
    const entities = [notUnique, withoutRelation];
    await expect(generate('shared', { entities, shared, tenant })).rejects.toThrow(
      /fails: cannot drop constraint .*The tenant entities also differ from their migrations/,
    );
    // Control: in the order that the message says, both are generated.
    const first = await generated('tenant', {
      entities: [country, withoutRelation],
      shared,
      tenant,
    });
    const later = { entities, shared, tenant: [...tenant, first.Migration] };
    expect(await generate('shared', later)).toMatchObject({ otherHistoryDiffers: false });
  });
});
