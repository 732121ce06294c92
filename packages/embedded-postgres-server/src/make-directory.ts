import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory, and those above it. Node's own recursion never ends below /proc, where nothing can be made.
 *
 * @param mode of this one, if it is missing
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  const code = await tryToMake(path, mode);
  if (code !== 'ENOENT' || dirname(path) === path) return assertDirectory(path);
  await makeDirectory(dirname(path));
  await tryToMake(path, mode);
  await assertDirectory(path);
}

/** @returns the code of the error if it is there already, or lacks the directory above it */
async function tryToMake(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return code;
    throw error;
  }
}

async function assertDirectory(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return;
  throw Object.assign(new Error(`${path} is not a directory`), { code: 'EEXIST' });
}
