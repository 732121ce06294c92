import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';

export { makeDirectory } from './make-directory.js';

/** Writes a file of mode 0600 whole or not at all, also across a power failure. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await throughTemporaryFile(path, content, (temporary) => rename(temporary, path));
}

/**
 * Makes a file of mode 0600, whole or not at all, unless it exists.
 *
 * @returns whether it was made: of several processes that try at once, by one
 */
export async function makePrivateFile(path: string, content: string): Promise<boolean> {
  try {
    // Unlike a rename, a link never replaces what another process made meanwhile.
    await throughTemporaryFile(path, content, (temporary) => link(temporary, path));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function throughTemporaryFile(
  path: string,
  content: string,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The content, or undefined when there is no such file. */
export async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** `code` of a system error (ENOENT, EACCES, …), undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  // Not by class: under Jest, Node's own errors are of another realm's Error.
  return typeof error === 'object' && error && 'code' in error ? String(error.code) : undefined;
}
