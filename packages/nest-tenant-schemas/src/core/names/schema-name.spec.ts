// Every rule that a tenant's schema name must satisfy, each with a name that breaks it and its neighbour that
// does not. The rules are what makes a name safe to write over the placeholder unquoted and unescaped.
import { SchemaNameInvalidError } from '../../errors/schema-name-invalid.error.js';
import { TENANT_SCHEMA } from './schema-placeholder.js';
import { assertSchemaName, schemaNameProblem } from './schema-name.js';

const CHARACTERS = 'must start with a letter a-z or _ and contain only a-z, 0-9 and _ (lower case)';

it.each([
  'tenant_a',
  'a',
  '_',
  '_a',
  'a1',
  'pg',
  'pgx_a',
  'public_1',
  'selects',
  '__tenant_',
  'n'.repeat(63),
])('accepts %s', (name) => {
  expect(schemaNameProblem(name)).toBeUndefined();
  expect(() => assertSchemaName(name)).not.toThrow();
});

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'is missing'],
  ['null', null, 'is missing'],
  ['a number', 1, 'is missing'],
  ['an object', { toString: () => 'tenant_a' }, 'is missing'],
  ['an array', ['tenant_a'], 'is missing'],
  ['the empty text', '', 'is missing'],
  ['an upper case letter', 'Tenant_a', CHARACTERS],
  ['a digit first', '1a', CHARACTERS],
  ['a hyphen', 'tenant-a', CHARACTERS],
  ['a dot', 'tenant.a', CHARACTERS],
  ['a space', 'tenant a', CHARACTERS],
  ['a quote', 'tenant"a', CHARACTERS],
  ['an apostrophe', "tenant'a", CHARACTERS],
  ['a dollar', 'tenant$a', CHARACTERS],
  ['a replacement pattern', '$&', CHARACTERS],
  ['a NUL', 'tenant\0', CHARACTERS],
  ['a line end', 'tenant_a\n', CHARACTERS],
  ['a letter outside a-z', 'tenänt', CHARACTERS],
  ['a letter that looks like a', 'tenant_\u0430', CHARACTERS],
  ['64 bytes', 'n'.repeat(64), 'must be at most 63 bytes long (it has 64)'],
  ['the prefix pg_', 'pg_a', 'must not start with pg_, which PostgreSQL keeps for itself'],
  ['a temporary schema', 'pg_temp_1', 'must not start with pg_, which PostgreSQL keeps for itself'],
  ['the placeholder', TENANT_SCHEMA, 'must not contain __tenant__, which is reserved'],
  [
    'the placeholder within',
    `a${TENANT_SCHEMA}b`,
    'must not contain __tenant__, which is reserved',
  ],
  ['public', 'public', 'must not be public, which is reserved'],
  ['information_schema', 'information_schema', 'must not be information_schema, which is reserved'],
  ['extensions', 'extensions', 'must not be extensions, which is reserved'],
  ['user', 'user', 'must not be user, a reserved word of SQL'],
  ['select', 'select', 'must not be select, a reserved word of SQL'],
  ['system_user', 'system_user', 'must not be system_user, a reserved word of SQL'],
])('refuses %s, and says which rule it breaks', (_, name, rule) => {
  expect(schemaNameProblem(name)).toBe(rule);
  expect(() => assertSchemaName(name)).toThrow(new SchemaNameInvalidError(rule));
});

it('never repeats a name that has characters of another kind', () => {
  expect(() => assertSchemaName('a"; DROP SCHEMA b')).toThrow(/^The schema name [^"]*$/);
});
