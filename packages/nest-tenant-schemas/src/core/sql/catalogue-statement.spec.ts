// Parameters name a schema only in catalogue statements of TypeORM's query runner, and in statements on typeorm_metadata. In all
// other statements a parameter that equals the placeholder is data of a tenant.
import {
  isCatalogueStatement,
  parametersHavePlaceholder,
  replacePlaceholderInParameters,
} from './catalogue-statement.js';

it.each([
  `SELECT * FROM "information_schema"."tables" WHERE "table_schema" = $1 AND "table_name" = $2`,
  `SELECT * FROM information_schema.columns WHERE table_schema = $1`,
  `SELECT * FROM "information_schema"."schemata" WHERE "schema_name" = $1`,
  `SELECT quote_ident(schemaname) FROM "pg_tables" WHERE "schemaname" = ANY($1)`,
  `select nspname from pg_catalog.pg_namespace where nspname = $1`,
  `SELECT "n"."nspname" FROM "pg_type" "t" INNER JOIN "pg_enum" "e" ON "e"."enumtypid" = "t"."oid" WHERE "n"."nspname" = $1`,
  `WITH t AS (SELECT * FROM pg_class) SELECT * FROM t WHERE relnamespace = $1::regnamespace`,
  `  SELECT * FROM "pg_views" WHERE "schemaname" = ANY($1)`,
  `INSERT INTO "__tenant__"."typeorm_metadata"("schema", "type", "name", "value") VALUES ($1, $2, $3, $4)`,
  `DELETE FROM "__tenant__"."typeorm_metadata" WHERE "type" = $1 AND "schema" = $2`,
])('takes parameters of %s for names of schemas', (text) => {
  expect(isCatalogueStatement(text)).toBe(true);
});

it.each([
  `SELECT * FROM "__tenant__"."polls" WHERE question = $1`,
  `INSERT INTO "__tenant__"."polls"(question) VALUES ($1)`,
  `INSERT INTO "__tenant__"."polls"(question) SELECT $1 FROM pg_sleep(0)`,
  `INSERT INTO "__tenant__"."polls"(question) SELECT $1 FROM pg_class`,
  `UPDATE "__tenant__"."polls" SET question = $1 WHERE pg_typeof(id) = 'int'::regtype`,
  `DELETE FROM "__tenant__"."polls" WHERE question = $1`,
  `SELECT $1 FROM pg_sleep(0)`,
  `SELECT pg_advisory_xact_lock($1)`,
  `SELECT * FROM "__tenant__".pg_class_of_the_user WHERE a = $1`,
  `SELECT * FROM "__tenant__".my_pg_class WHERE a = $1`,
  `SELECT * FROM "__tenant__".my_typeorm_metadata WHERE a = $1`,
  `SELECT * FROM "__tenant__".information_schema_notes WHERE a = $1`,
])('takes parameters of %s for data', (text) => {
  expect(isCatalogueStatement(text)).toBe(false);
});

it.each<[unknown[], boolean]>([
  [[], false],
  [['a', 1, null, undefined, {}, Buffer.from('__tenant__')], false],
  [['a __tenant__ b'], false],
  [['__tenant__'], true],
  [['a', ['b', ['__tenant__']]], true],
])('sees the placeholder among the parameters %j: %s', (values, carries) => {
  expect(parametersHavePlaceholder(values)).toBe(carries);
});

it('writes the schema over parameters that are the placeholder, into a copy', () => {
  const buffer = Buffer.from('x');
  const values = Object.freeze([
    '__tenant__',
    ['public', '__tenant__'],
    'a __tenant__',
    buffer,
    null,
  ]);
  expect(replacePlaceholderInParameters(values, 'tenant_a')).toEqual([
    'tenant_a',
    ['public', 'tenant_a'],
    'a __tenant__',
    buffer,
    null,
  ]);
  expect(values).toEqual(['__tenant__', ['public', '__tenant__'], 'a __tenant__', buffer, null]);
});
