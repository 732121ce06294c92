import type { Environment } from './environment.interface.js';
import { readOrMakeKeptSecret } from './kept-secret.js';

/** The file in `DATA_DIR` that keeps the secret that was made up. */
const FILE = 'jwt-secret';

/**
 * The secrets of tokens: those of `JWT_SECRET`, or one that is made up and kept in `DATA_DIR`, so that
 * tokens outlive a restart and are good in every process. Production makes nothing up.
 *
 * @throws Error saying what to do, when the file cannot be made or read
 */
export async function jwtSecretsOf({
  jwtSecrets,
  dataDir,
}: Pick<Environment, 'jwtSecrets' | 'dataDir'>): Promise<readonly string[]> {
  return jwtSecrets.length > 0 ? jwtSecrets : [await readOrMakeKeptSecret(dataDir, FILE)];
}
