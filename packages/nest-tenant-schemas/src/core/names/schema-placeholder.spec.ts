// The placeholder is found, and the schema written over it, wherever it stands in a statement; nothing else changes.
import { hasPlaceholder, TENANT_SCHEMA, replacePlaceholder } from './schema-placeholder.js';

it('is the name that applications have in their SQL', () => {
  expect(TENANT_SCHEMA).toBe('__tenant__');
});

it.each([
  ['SELECT 1', false],
  ['SELECT * FROM __tenant.notes', false],
  ['SELECT * FROM "__TENANT__".notes', false],
  ['SELECT * FROM "__tenant__".notes', true],
  ['SELECT * FROM __tenant__.notes', true],
  ["SELECT '__tenant__'", true],
  ['SELECT 1 -- __tenant__', true],
  ['SELECT * FROM x__tenant__y', true],
])('sees the placeholder in %s: %s', (text, carries) => {
  expect(hasPlaceholder(text)).toBe(carries);
  expect(replacePlaceholder(text, 'tenant_a') !== text).toBe(carries);
});

it('writes the schema over every placeholder, in names, literals and comments', () => {
  const text = `/* __tenant__ */ INSERT INTO "__tenant__".a SELECT '__tenant__' FROM __tenant__.b -- __tenant__`;
  expect(replacePlaceholder(text, 'tenant_a')).toBe(
    `/* tenant_a */ INSERT INTO "tenant_a".a SELECT 'tenant_a' FROM tenant_a.b -- tenant_a`,
  );
});

it('replaces adjacent placeholders', () => {
  expect(replacePlaceholder('__tenant____tenant__', 'a')).toBe('aa');
});
