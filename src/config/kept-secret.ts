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
 * Returns a secret of 256 bits that is generated once and stored in the data directory, in a file of mode 0600. All
 * processes of a data directory get the same secret, also if several create it at once. Only for development.
 *
 * @param dataDir `DATA_DIR`, created if it is missing
 * @param name name of the file, e.g. `operator-key`
 * @throws Error with the next action, if the file cannot be created or read, or contains something else
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
      // Another process may have created the file first.
      kept = await readIfExists(path);
    }
  } catch (error) {
    throw new Error(
      `${shown} cannot be created or read (${errorCode(error) ?? String(error)}). ` +
        'Run as the owner of the directory, or set DATA_DIR to another directory.',
      { cause: error },
    );
  }
  const secret = kept?.trimEnd() ?? '';
  if (SECRET.test(secret)) return secret;
  throw new Error(
    `${shown} does not contain a secret of this server. Remove the file: the next start creates another one.`,
  );
}
