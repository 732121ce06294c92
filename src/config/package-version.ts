import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json, looked for upwards from this file: the build lies one folder deeper. */
export function packageVersion(): string {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const file = new URL('package.json', folder);
    if (existsSync(file)) {
      return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    }
    if (folder.pathname === '/')
      throw new Error('No folder above the application has a package.json.');
  }
}
