import { randomBytes } from 'node:crypto';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';
import { readIfExists, writePrivateFile } from '../private-file.js';

/** The application's login, and its database of the same name. */
export const APPLICATION_ROLE = 'tenant_schemas';
/** The login that owns the cluster. */
export const SUPERUSER_ROLE = 'postgres';

/** Passwords by login. */
export interface Secrets {
  readonly [APPLICATION_ROLE]: string;
  readonly [SUPERUSER_ROLE]: string;
}

/** The kept passwords, made when there are none. */
export async function readOrMakeSecrets(layout: Layout): Promise<Secrets> {
  const kept = await readIfExists(layout.secrets);
  if (kept !== undefined) return parse(layout, kept);
  const secrets = { [APPLICATION_ROLE]: password(), [SUPERUSER_ROLE]: password() };
  await writePrivateFile(layout.secrets, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/** The passwords of a cluster that exists. Throws when they are lost, for nothing else knows them. */
export async function readSecrets(layout: Layout): Promise<Secrets> {
  const kept = await readIfExists(layout.secrets);
  return parse(layout, kept ?? '');
}

function password(): string {
  // Base64url needs no escaping, neither in a URL nor in an SQL literal.
  return randomBytes(24).toString('base64url');
}

function parse(layout: Layout, content: string): Secrets {
  try {
    const secrets = JSON.parse(content) as Secrets;
    if (secrets[APPLICATION_ROLE] && secrets[SUPERUSER_ROLE]) return secrets;
  } catch {
    // Falls through: the parser's message would quote the content.
  }
  throw new EmbeddedPostgresError(
    'DATA_DIRECTORY',
    `The passwords of the embedded PostgreSQL are not in ${layout.secrets}. Put that file back, or move ` +
      `${layout.root} away to begin with an empty database. ${USE_ANOTHER_SERVER}`,
  );
}
