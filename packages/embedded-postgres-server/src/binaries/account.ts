import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';

const exec = promisify(execFile);

/** Accounts in the order of preference. The account `nobody` is last, because other programs may also run with it. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/** The operating system account that runs the server. Undefined: the account of this process. */
export type ServerAccount = { readonly uid: number; readonly gid: number } | undefined;

/**
 * Returns the account that runs the server. PostgreSQL refuses to run as root, so root uses another account: the owner of an
 * existing cluster, otherwise the first existing account of `postgres`, `_postgres` and `nobody`. It creates no account.
 */
export async function serverAccount(layout: Layout): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(layout.cluster).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of CANDIDATES) {
    const account = await lookUp(name);
    if (!account) continue;
    if (!owner) return account;
    throw new EmbeddedPostgresError(
      'DATA_DIRECTORY',
      `${layout.cluster} belongs to root, as which PostgreSQL refuses to run. Give it to another account: ` +
        `chown -R ${name} '${layout.cluster}'. ${USE_ANOTHER_SERVER}`,
    );
  }
  throw new EmbeddedPostgresError(
    'NO_ACCOUNT',
    'PostgreSQL refuses to run as root, and this system has neither an account "postgres" nor "nobody". ' +
      `Run as an ordinary user, or make one: useradd --system postgres. ${USE_ANOTHER_SERVER}`,
  );
}

async function lookUp(name: string): Promise<ServerAccount> {
  try {
    const [uid, gid] = await Promise.all([exec('id', ['-u', name]), exec('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
