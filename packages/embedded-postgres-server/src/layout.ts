import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeDirectory } from './make-directory.js';

/** Where everything of one embedded server lives; all paths are absolute. */
export interface Layout {
  /** The data directory as the caller named it, for messages. */
  readonly name: string;
  readonly root: string;
  /** PGDATA. Exists only when it is complete: it is made under another name and renamed. */
  readonly cluster: string;
  /** Names of the processes that use the server. */
  readonly users: string;
  /** Names of the processes that hold, or try to get, the lock. */
  readonly lock: string;
  /** Passwords of the logins, mode 0600. */
  readonly secrets: string;
  /** The port of the last start. */
  readonly port: string;
  /** The server's own log. */
  readonly log: string;
}

export function layoutOf(dataDir: string): Layout {
  // Resolved once: the process may change its working directory before it releases the server.
  const root = resolve(dataDir, 'postgres');
  return {
    name: dataDir,
    root,
    cluster: join(root, 'cluster'),
    users: join(root, 'users'),
    lock: join(root, 'lock'),
    secrets: join(root, 'secrets.json'),
    port: join(root, 'port'),
    log: join(root, 'server.log'),
  };
}

export async function makeDirectories(layout: Layout): Promise<void> {
  await makeDirectory(layout.root);
  // Explicit, because the umask may be anything. Others may pass through (the server's account has to, where there is
  // no /proc), but not list; each thing inside has its own mode.
  await chmod(layout.root, 0o711);
  await makeDirectory(layout.users, 0o700);
  await makeDirectory(layout.lock, 0o700);
}
