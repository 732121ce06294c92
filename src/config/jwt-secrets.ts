import type { Environment } from './environment.interface.js';
import { readOrMakeKeptSecret } from './kept-secret.js';

/** Name of the file in `DATA_DIR` with the generated secret. */
const FILE = 'jwt-secret';

/**
 * Returns the secrets of tokens: those of `JWT_SECRET`, or a generated secret in `DATA_DIR`. Tokens stay valid after a restart,
 * and in every process. Production requires `JWT_SECRET`.
 *
 * @throws Error with the next action, if the file cannot be created or read
 */
export async function jwtSecretsOf({
  jwtSecrets,
  dataDir,
}: Pick<Environment, 'jwtSecrets' | 'dataDir'>): Promise<readonly string[]> {
  return jwtSecrets.length > 0 ? jwtSecrets : [await readOrMakeKeptSecret(dataDir, FILE)];
}
