// Which requests must not read from a replica: those that may write, and those that ask for current data.
import { requiresPrimary } from './requires-primary.js';

it.each([
  ['GET', undefined, false],
  ['HEAD', 'max-age=0', false],
  ['OPTIONS', 'no-store', false],
  ['GET', 'no-cache', true],
  ['GET', 'max-age=0, No-Cache', true],
  ['POST', undefined, true],
  ['DELETE', undefined, true],
  ['QUERY', undefined, true],
])('for %s with Cache-Control %s returns %s', (method, cacheControl, expected) => {
  expect(requiresPrimary({ method, headers: { 'cache-control': cacheControl } })).toBe(expected);
});
