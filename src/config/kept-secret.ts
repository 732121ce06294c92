import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import {
  errorCode,
  makeDirectory,
  makePrivateFile,
  readIfExists,
} from 'embedded-postgres-server/private-file';

/** 32 random bytes in base64url. */
const SECRET = /^[\w-]{43}$/;

/**
 * A secret of 256 bits that is made up once and kept in the data directory, as a file of mode 0600. Every
 * process of a data directory gets the same one, also when several make it at once. For development:
 * in production nothing is made up.
 *
 * @param dataDir `DATA_DIR`, made if it is missing
 * @param name name of the file, e.g. `operator-key`
 * @throws Error saying what to do, when the file cannot be made or read, or holds something else
 */
export async function readOrMakeKeptSecret(dataDir: string, name: string): Promise<string> {
  const path = resolve(dataDir, name);
  const shown = join(dataDir, name);
  let kept: string | undefined;
  try {
    await makeDirectory(resolve(dataDir));
    kept = await readIfExists(path);
    if (kept === undefined) {
      await makePrivateFile(path, `${randomBytes(32).toString('base64url')}\n`);
      // Whoever made it: what is kept is the one that counts.
      kept = await readIfExists(path);
    }
  } catch (error) {
    throw new Error(
      `${shown} cannot be made or read (${errorCode(error) ?? String(error)}). ` +
        'Run as the user whom the directory belongs to, or set DATA_DIR to another one.',
      { cause: error },
    );
  }
  const secret = kept?.trimEnd() ?? '';
  if (SECRET.test(secret)) return secret;
  throw new Error(`${shown} holds no secret of ours. Remove the file, and another one is made.`);
}
