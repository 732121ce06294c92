import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';

const exec = promisify(execFile);

/** Preferred first. `nobody` is shared with whatever else runs as it, so it is the last resort. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'];

/** The operating-system account that runs the server; undefined means that of this process. */
export type ServerAccount = { readonly uid: number; readonly gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root, so root runs it as another account: the owner of the cluster if there is one already
 * (accounts may have been added since), else the first of `postgres` and `nobody`. Nothing is added to the system.
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
