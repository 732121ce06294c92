import { schemaNameProblem } from './schema-name.js';
import { suggestSchemaName } from './suggest-schema-name.js';

it.each([
  ['Pollsmaster', 'pollsmaster'],
  ['Acme & Söhne GmbH', 'acme_sohne_gmbh'],
  ['  --Acme--  ', 'acme'],
  ['3M', 'tenant_3m'],
  ['Select', 'tenant_select'],
  ['public', 'tenant_public'],
  ['pg_catalog', 'tenant_pg_catalog'],
  ['__tenant__', 'tenant'],
  ['日本', 'tenant'],
  ['!', 'tenant'],
  ['ﬁve ½', 'five_1_2'],
  ['a'.repeat(100), 'a'.repeat(63)],
  [`${'a'.repeat(62)} b`, 'a'.repeat(62)],
  ['9'.repeat(100), `tenant_${'9'.repeat(56)}`],
])('makes of %j the schema name %s', (name, schema) => {
  expect(suggestSchemaName(name)).toBe(schema);
  expect(schemaNameProblem(schema)).toBeUndefined();
});
