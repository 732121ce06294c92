// The documentation shows the version of the package.
import { readFileSync } from 'node:fs';
import { packageVersion } from './package-version.js';

it('returns the version in package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(packageVersion()).toBe(version);
});
