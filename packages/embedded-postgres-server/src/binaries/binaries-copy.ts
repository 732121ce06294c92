import { randomBytes } from 'node:crypto';
import { chmod, copyFile, lstat, mkdir, readdir, rename, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errorCode, readIfExists } from '../private-file.js';

/**
 * Copies the programs to `<base>/nts-pg-<version>-<platform>-<uid>`, readable by all, and returns that path. It keeps complete
 * files, and adds missing ones in place, for example after an interrupted copy or a cleanup of temporary files. Several
 * processes may do this at once, also while a server runs from the copy.
 */
export async function copyBinaries(source: string, base: string, version: string): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const target = join(base, `nts-pg-${version}-${process.platform}-${process.arch}-${uid}`);
  await makeTrusted(target, uid);
  await copyTree(source, target);
  await hydrateLinks(target);
  return target;
}

/** Creates the symbolic links that the package lists. An npm package cannot contain links. */
export async function hydrateLinks(native: string): Promise<void> {
  const list = await readIfExists(join(native, 'pg-symlinks.json'));
  const links = JSON.parse(list ?? '[]') as { source: string; target: string }[];
  for (const { source, target } of links) {
    // Both are paths from the package's root: `native/lib/…`.
    const link = join(native, relative('native', target));
    await symlink(relative(dirname(target), source), link).catch(ignoreExisting);
  }
}

/** Creates the directory, or checks that only this account can write to it. Another account may own it in a shared directory. */
async function makeTrusted(target: string, uid: number): Promise<void> {
  const made = await mkdir(target, { mode: 0o755 }).then(
    () => true,
    (error) => ignoreExisting(error) ?? false,
  );
  // The umask may have removed bits.
  if (made) await chmod(target, 0o755);
  const found = await lstat(target);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(
      `${target} must be a directory of uid ${uid} that no other account can write to. Remove it`,
    );
  }
}

async function copyTree(source: string, target: string): Promise<void> {
  const entries = await readdir(source, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const [from, to] = [join(source, entry.name), join(target, entry.name)];
      if (entry.isDirectory()) {
        await mkdir(to).then(() => chmod(to, 0o755), ignoreExisting);
        await copyTree(from, to);
      } else if (entry.isFile()) {
        await copyIfDifferent(from, to);
      }
    }),
  );
}

async function copyIfDifferent(from: string, to: string): Promise<void> {
  const [wanted, found] = await Promise.all([lstat(from), lstat(to).catch(() => undefined)]);
  if (found?.isFile() && found.size === wanted.size && (found.mode & 0o777) === 0o755) return;
  const temporary = `${to}.${randomBytes(6).toString('hex')}`;
  await copyFile(from, temporary);
  await chmod(temporary, 0o755);
  await rename(temporary, to);
}

function ignoreExisting(error: unknown): undefined {
  if (errorCode(error) !== 'EEXIST') throw error;
  return undefined;
}
