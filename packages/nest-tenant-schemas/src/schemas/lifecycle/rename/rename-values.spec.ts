// A schema's name as a value holds no rename up; a string that something may read as a name does.
import { hasValuesOnly } from './rename-values.js';

it.each([
  ['column users.role', `character varying(10) NOT NULL DEFAULT 'member'::character varying`],
  ['column users.role', `public.role DEFAULT 'member'::public.role`],
  ['column users.roles', `text[] DEFAULT '{member,admin}'::text[]`],
  [
    'constraint users.k',
    `CHECK (((role)::text = ANY ((ARRAY['member'::character varying, 'admin'::character varying])::text[])))`,
  ],
  ['constraint users.k', `CHECK ((lower(role) <> 'member'::text) OR (n > 0))`],
  [
    'index users_i',
    `CREATE INDEX users_i ON member.users USING btree (id) WHERE ((st)::text = 'member'::text)`,
  ],
  ['domain role', `text DEFAULT 'member' k CHECK ((VALUE = ANY (ARRAY['member'::text])))`],
  ['policy users.p', `PERMISSIVE * TO {-} USING (role = 'member'::text)`],
  ['column users.loud', `text GENERATED s (upper(text) || 'member'::text)`],
])('takes %s %s for values', (what, definition) => {
  expect(hasValuesOnly(what, definition)).toBe(true);
});

it.each([
  ['column a.b', `text DEFAULT 'member.users'::text`],
  ['column a.b', `text DEFAULT '"member"'::text`],
  ['column a.b', `bigint DEFAULT nextval(('member'::text)::regclass)`],
  ['column a.b', `oid DEFAULT ('member'::text)::regnamespace`],
  ['column a.b', `oid DEFAULT to_regclass('member'::text)`],
  ['column a.b', `text DEFAULT format('%I'::text, 'member'::text)`],
  ['column a.b', `integer DEFAULT member.count_in('member'::text)`],
  ['column a.b', `text DEFAULT set_config('search_path'::text, 'member'::text, false)`],
  ['constraint a.k', `CHECK ((CURRENT_SCHEMA = 'member'::name))`],
  ['constraint a.k', `CHECK (member.is_in(b, 'member'::text))`],
  ['constraint a.k', `CHECK (member.lower('member'::text) = b)`],
  ['view v', `SELECT 'member'::text AS schema`],
  ['rule a.r', `DO ALSO NOTIFY member`],
  ['trigger a.t', `CREATE TRIGGER t … EXECUTE FUNCTION member.f('member')`],
])('does not take %s %s for values', (what, definition) => {
  expect(hasValuesOnly(what, definition)).toBe(false);
});
