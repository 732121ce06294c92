// What becomes a tenant's name in the SQL of a single-tenant application, and what stays.
import { type ExtensionNames, NO_EXTENSIONS } from './extension-names.js';
import { rewriteSql } from './rewrite-sql.js';

const EXTENSIONS: ExtensionNames = {
  ...NO_EXTENSIONS,
  functions: new Set(['uuid_generate_v4', 'digest', 'moddatetime', 'citext', 'geometry']),
  types: new Set(['citext', 'geometry', 'gin_trgm_ops', 'hstore']),
  operators: new Set(['->', '<@']),
  relations: new Set(['spatial_ref_sys']),
};

const rewrite = (text: string, extensions = EXTENSIONS): string => rewriteSql(text, { extensions });

it.each([
  ['CREATE TABLE "public"."user" ("id" int)', 'CREATE TABLE "__tenant__"."user" ("id" int)'],
  ['ALTER TABLE PUBLIC . user ADD a int', 'ALTER TABLE "__tenant__" . user ADD a int'],
  ['SELECT public/* . */."user".id', 'SELECT "__tenant__"/* . */."user".id'],
  ['DROP TABLE a, public.b', 'DROP TABLE a, "__tenant__".b'],
  ['CREATE SCHEMA IF NOT EXISTS "public"', 'CREATE SCHEMA IF NOT EXISTS "__tenant__"'],
  ['REVOKE ALL ON SCHEMA public FROM PUBLIC', 'REVOKE ALL ON SCHEMA "__tenant__" FROM PUBLIC'],
  ['GRANT USAGE ON SCHEMA a, public TO b', 'GRANT USAGE ON SCHEMA a, "__tenant__" TO b'],
  ['SET search_path TO public, "$user"', 'SET search_path TO "__tenant__", "$user"'],
  ['SET search_path TO DEFAULT', 'SET search_path TO "__tenant__"'],
  ['SET LOCAL search_path = default', 'SET LOCAL search_path = "__tenant__"'],
  ['RESET search_path', 'SET search_path TO "__tenant__"'],
  ['DO $$ BEGIN RESET search_path; END $$', 'DO $$ BEGIN SET search_path TO "__tenant__"; END $$'],
  [`SET search_path = 'public'`, `SET search_path = '__tenant__'`],
  [
    `SELECT set_config('search_path', 'public', false)`,
    `SELECT set_config('search_path', '__tenant__', false)`,
  ],
  [`DEFAULT nextval('"public"."ids"')`, `DEFAULT nextval('"__tenant__"."ids"')`],
  [`SELECT 'public.user'::regclass`, `SELECT '"__tenant__".user'::regclass`],
  [`SET SCHEMA 'public'`, `SET SCHEMA '__tenant__'`],
  [`SELECT 'public'::regnamespace`, `SELECT '__tenant__'::regnamespace`],
  [`SELECT setval('public.it''s', 1)`, `SELECT setval('"__tenant__".it''s', 1)`],
  [
    `SELECT * FROM "information_schema"."tables" WHERE ("table_schema" = 'public' AND "table_name" = 'public')`,
    `SELECT * FROM "information_schema"."tables" WHERE ("table_schema" = '__tenant__' AND "table_name" = 'public')`,
  ],
  [
    `WHERE n.nspname IN ('pg_catalog', 'public')`,
    `WHERE n.nspname IN ('pg_catalog', '__tenant__')`,
  ],
])('rewrites %j', (text, expected) => {
  expect(rewrite(text)).toBe(expected);
});

it.each([
  `INSERT INTO a VALUES ('public.b', '"public"."c"', E'public.d', $$public.e$$)`,
  '-- public.a\nSELECT 1 /* "public"."b" /* public.c */ public.d */',
  'SELECT "public" FROM a',
  'SELECT a.public, "Public"."b", publics.c',
  'GRANT SELECT ON a TO public',
  `UPDATE a SET visibility = 'public'`,
  'SELECT $1::text',
  `CREATE FUNCTION f() RETURNS text LANGUAGE plv8 AS $$ return "public.a" + public.b $$`,
  'SELECT "a" AS "public"',
  'CREATE TABLE "__tenant__"."a" ()',
])('leaves %j', (text) => {
  expect(rewrite(text)).toBe(text);
});

it.each([
  [
    'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ SELECT 1 FROM public.a $$',
    'CREATE FUNCTION "__tenant__".f() RETURNS int LANGUAGE sql AS $$ SELECT 1 FROM "__tenant__".a $$',
  ],
  [
    `CREATE OR REPLACE FUNCTION f() RETURNS text AS 'SELECT ''public.a'' FROM public.b' LANGUAGE 'sql'`,
    `CREATE OR REPLACE FUNCTION f() RETURNS text AS 'SELECT ''public.a'' FROM "__tenant__".b' LANGUAGE 'sql'`,
  ],
  [
    `DO $do$ BEGIN EXECUTE 'DROP TABLE public.a'; EXECUTE format('DROP TABLE public.%I', b); RAISE NOTICE 'public.c'; END $do$`,
    `DO $do$ BEGIN EXECUTE 'DROP TABLE "__tenant__".a'; EXECUTE format('DROP TABLE "__tenant__".%I', b); RAISE NOTICE 'public.c'; END $do$`,
  ],
  [
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT a FROM public.b; END',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT a FROM "__tenant__".b; END',
  ],
])('rewrites the body in %j', (text, expected) => {
  expect(rewrite(text)).toBe(expected);
});

it.each([
  ['id uuid DEFAULT uuid_generate_v4()', 'id uuid DEFAULT public.uuid_generate_v4()'],
  ['DEFAULT PUBLIC.uuid_generate_v4()', 'DEFAULT PUBLIC.uuid_generate_v4()'],
  ['DEFAULT "public"."uuid_generate_v4"()', 'DEFAULT "public"."uuid_generate_v4"()'],
  ['CREATE TABLE digest (a int)', 'CREATE TABLE digest (a int)'],
  ['CREATE TABLE "public"."digest" (a int)', 'CREATE TABLE "__tenant__"."digest" (a int)'],
  [
    'INSERT INTO "digest" ("a") VALUES (digest($1))',
    'INSERT INTO "digest" ("a") VALUES (public.digest($1))',
  ],
  ['CREATE UNIQUE INDEX i ON digest (a)', 'CREATE UNIQUE INDEX i ON digest (a)'],
  ['SELECT 1 FROM a JOIN b ON digest(a) = b', 'SELECT 1 FROM a JOIN b ON public.digest(a) = b'],
  ['EXECUTE FUNCTION moddatetime(a)', 'EXECUTE FUNCTION public.moddatetime(a)'],
  ['CREATE FUNCTION public.digest(int)', 'CREATE FUNCTION "__tenant__".digest(int)'],
  [
    'GRANT EXECUTE ON FUNCTION public.digest(text) TO a',
    'GRANT EXECUTE ON FUNCTION public.digest(text) TO a',
  ],
  [
    'CREATE TABLE a ("b" citext, c CITEXT[], citext text)',
    'CREATE TABLE a ("b" public.citext, c public.CITEXT[], citext text)',
  ],
  [
    'ALTER TABLE a ALTER COLUMN "b" TYPE citext USING b::citext',
    'ALTER TABLE a ALTER COLUMN "b" TYPE public.citext USING b::public.citext',
  ],
  ['CREATE TYPE citext AS ENUM ()', 'CREATE TYPE citext AS ENUM ()'],
  [
    'SELECT CAST(a AS citext), citext, "b" AS "citext" FROM hstore',
    'SELECT CAST(a AS public.citext), citext, "b" AS "citext" FROM hstore',
  ],
  ['ADD "at" geometry(Point,4326)', 'ADD "at" public.geometry(Point,4326)'],
  [
    'CREATE INDEX i ON a USING gin ("b" gin_trgm_ops)',
    'CREATE INDEX i ON a USING gin ("b" public.gin_trgm_ops)',
  ],
  [
    'ALTER TABLE "public"."hstore" ADD "b" "public"."citext"',
    'ALTER TABLE "__tenant__"."hstore" ADD "b" "public"."citext"',
  ],
  [
    'SELECT 1 FROM public.spatial_ref_sys, spatial_ref_sys',
    'SELECT 1 FROM public.spatial_ref_sys, spatial_ref_sys',
  ],
  [
    'CREATE FUNCTION f(citext) RETURNS SETOF hstore',
    'CREATE FUNCTION f(public.citext) RETURNS SETOF public.hstore',
  ],
  ['SELECT a.citext, citext.b FROM citext', 'SELECT a.citext, citext.b FROM citext'],
  [
    'SELECT a OPERATOR(public.->) b, c OPERATOR ( "public" . <@ ) d, e OPERATOR(public.===) f',
    'SELECT a OPERATOR(public.->) b, c OPERATOR ( "public" . <@ ) d, e OPERATOR("__tenant__".===) f',
  ],
  [
    'CREATE DOMAIN public.email AS citext CHECK (a)',
    'CREATE DOMAIN "__tenant__".email AS public.citext CHECK (a)',
  ],
])('keeps objects of extensions in public: %j', (text, expected) => {
  expect(rewrite(text)).toBe(expected);
});

it('leaves names of extensions if none is installed in public', () => {
  const text = 'CREATE TABLE a (b citext DEFAULT uuid_generate_v4())';
  expect(rewrite(text, NO_EXTENSIONS)).toBe(text);
});

it.each([
  ['CREATE EXTENSION "uuid-ossp"', 'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA public;'],
  [
    "create extension if not exists citext with version '1.6'",
    `create extension if not exists citext with SCHEMA public version '1.6';`,
  ],
  [
    'CREATE EXTENSION hstore WITH SCHEMA "public"; ',
    'CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA "public";',
  ],
  [
    'CREATE EXTENSION hstore SCHEMA extensions',
    'CREATE EXTENSION IF NOT EXISTS hstore SCHEMA extensions;',
  ],
])('completes %j', (text, expected) => {
  expect(rewrite(text)).toContain(`DO $nts$ BEGIN ${expected} EXCEPTION`);
});

it.each([
  ['DROP EXTENSION IF EXISTS "uuid-ossp" CASCADE', 'DO $nts$ BEGIN END $nts$'],
  [`COMMENT ON EXTENSION citext IS 'public.a'`, 'DO $nts$ BEGIN END $nts$'],
  ['ALTER EXTENSION citext SET SCHEMA public', 'ALTER EXTENSION citext SET SCHEMA public'],
  ['DO $$ BEGIN DROP EXTENSION citext; END $$', 'DO $$ BEGIN NULL ; END $$'],
  [
    'DO $$ BEGIN CREATE EXTENSION citext; END $$',
    'DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS citext SCHEMA public; END $$',
  ],
])('keeps an extension for other tenants: %j', (text, expected) => {
  expect(
    rewrite(text)
      .replaceAll(/ +(?=\$nts|;|$)/g, ' ')
      .trim(),
  ).toBe(expected);
});

it('removes CONCURRENTLY for a transaction', () => {
  const text = 'CREATE INDEX CONCURRENTLY "i" ON "public"."a" ("concurrently")';
  expect(rewriteSql(text, { extensions: NO_EXTENSIONS, inTransaction: true })).toBe(
    'CREATE INDEX  "i" ON "__tenant__"."a" ("concurrently")',
  );
  expect(rewrite(text)).toContain('CONCURRENTLY');
});

it.each([
  ['SET statement_timeout = 0', 'SET LOCAL statement_timeout = 0'],
  ['SET SESSION lock_timeout TO 1', 'SET LOCAL lock_timeout TO 1'],
  ['SET SESSION AUTHORIZATION a', 'SET LOCAL SESSION AUTHORIZATION a'],
  [`SET TIME ZONE 'UTC'`, `SET LOCAL TIME ZONE 'UTC'`],
  [`SELECT set_config('search_path', '', false)`, `SELECT set_config('search_path', '', true)`],
  ['SET LOCAL lock_timeout = 1', 'SET LOCAL lock_timeout = 1'],
  ['SET CONSTRAINTS ALL DEFERRED', 'SET CONSTRAINTS ALL DEFERRED'],
  ['UPDATE a SET b = false', 'UPDATE a SET b = false'],
])('ends settings with the transaction: %j', (text, expected) => {
  expect(rewriteSql(text, { extensions: NO_EXTENSIONS, inTransaction: true })).toBe(expected);
  expect(rewrite(text)).toBe(text);
});
