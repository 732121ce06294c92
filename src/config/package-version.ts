import { existsSync, readFileSync } from 'node:fs';

/** Returns the version in package.json. It searches upwards from this file because the build is one folder deeper. */
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
