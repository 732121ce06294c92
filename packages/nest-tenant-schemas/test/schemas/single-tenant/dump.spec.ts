// The schema of a single-tenant application as pg_dump writes it, in one statement of its first migration.
import { singleTenantMigrations, tenantContext } from '../../../src/index.js';
import { migration, useSingleTenant } from './single-tenant-support.js';

const DUMP = `--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';
CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;

CREATE DOMAIN public.email AS public.citext
    CONSTRAINT email_check CHECK ((VALUE OPERATOR(public.~) '@'::public.citext));
CREATE TYPE public.user_role AS ENUM ('a', 'b');
CREATE FUNCTION public.b(x integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT x;
 SELECT (x + 1);
END;
CREATE PROCEDURE public.forget(IN c public.citext)
    LANGUAGE sql
    AS $$DELETE FROM public."user" WHERE email OPERATOR(public.=) c$$;
CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN UPDATE public."user" SET at = now() WHERE public.similarity(name, 'x') > 2; RETURN NEW; END $$;
CREATE AGGREGATE public.total(integer) (SFUNC = int4pl, STYPE = integer);
CREATE OPERATOR public.=== (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer);

SET default_table_access_method = heap;
CREATE TABLE public."user" (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    email public.citext,
    address public.email,
    role public.user_role DEFAULT 'a'::public.user_role,
    tags public.hstore,
    n integer NOT NULL,
    at timestamp without time zone,
    name text,
    CONSTRAINT user_name_check CHECK ((name <> 'public.x'::text))
);
COMMENT ON TABLE public."user" IS 'public.user';
CREATE SEQUENCE public.user_n_seq AS integer START WITH 1;
ALTER SEQUENCE public.user_n_seq OWNED BY public."user".n;
CREATE VIEW public.v AS
 SELECT u.id, (u.tags OPERATOR(public.->) 'a'::text) AS a FROM public."user" u;
ALTER TABLE ONLY public."user" ALTER COLUMN n SET DEFAULT nextval('public.user_n_seq'::regclass);
ALTER TABLE ONLY public."user" ADD CONSTRAINT user_email_key UNIQUE (email);
CREATE INDEX user_name_idx ON public."user" USING gin (name public.gin_trgm_ops);
CREATE TRIGGER t1 BEFORE UPDATE OF tags ON public."user" FOR EACH ROW EXECUTE FUNCTION public.touch();
SELECT pg_catalog.setval('public.user_n_seq', 41, true);
GRANT ALL ON SCHEMA public TO PUBLIC;
--
-- PostgreSQL database dump complete
--
`;

const single = useSingleTenant();

it('creates the schema of each tenant, with the extensions of the first one', async () => {
  const history = singleTenantMigrations([
    migration(1, DUMP),
    migration(2, 'ALTER TABLE "public"."user" ADD "key" uuid DEFAULT uuid_generate_v4()'),
  ]);
  for (const schema of ['one', 'two']) {
    const tenant = await single.create(history, schema);
    await tenantContext.run(tenant, () =>
      single.dataSource.query(
        `INSERT INTO "__tenant__"."user" (email, name, tags) VALUES ('a@x', 'A', 'a=>1')`,
      ),
    );
    expect(
      await single.database.sql(
        `SELECT a, n, u.role::text FROM ${schema}.v JOIN ${schema}.user u USING (id)`,
      ),
    ).toEqual([{ a: '1', n: 42, role: 'a' }]);
  }
  const { doctor } = await single.schemasOf(history);
  const findings: unknown[] = [];
  for await (const finding of doctor.examine({ tenants: true })) findings.push(finding);
  expect(findings).toEqual([]);
  expect(await single.tables()).toEqual(['one.user', 'two.user']);
});
