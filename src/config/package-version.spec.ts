// The version that the documentation shows is the package's.
import { readFileSync } from 'node:fs';
import { packageVersion } from './package-version.js';

it('is the one in package.json', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(packageVersion()).toBe(version);
});
