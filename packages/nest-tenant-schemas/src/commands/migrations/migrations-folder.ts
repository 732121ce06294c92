import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const SOURCE = 'src';

/** The folder of the first migration of an application. */
export const DEFAULT_FOLDER = join(SOURCE, 'migrations');

/**
 * Returns the folder of a migration in the source of the application, so that the next one is found by the same glob.
 *
 * @param migration the name of a migration, which ends in its timestamp. Its file name begins with the timestamp
 * @returns {@link DEFAULT_FOLDER} if the file is not found
 */
export async function folderOfMigration(migration: string | undefined): Promise<string> {
  const [timestamp] = /\d{13}$/.exec(migration ?? '') ?? [];
  if (timestamp === undefined) return DEFAULT_FOLDER;
  const files = await readdir(SOURCE, { recursive: true, encoding: 'utf8' }).catch(() => []);
  const file = files.find((name) =>
    new RegExp(String.raw`(?:^|[\\/])${timestamp}[^\\/]*\.[cm]?[jt]s$`).test(name),
  );
  return file === undefined ? DEFAULT_FOLDER : dirname(join(SOURCE, file));
}
