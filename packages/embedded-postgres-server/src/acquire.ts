import { serverAccount } from './binaries/account.js';
import { locateBinaries } from './binaries/binaries.js';
import { Claims } from './claims/claims.js';
import { ensureCluster } from './server/cluster.js';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from './embedded-postgres.error.js';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded-postgres.interface.js';
import { type Keeper, keepRunning } from './keep-running.js';
import { type Layout, layoutOf, makeDirectories } from './layout.js';
import { withLock } from './claims/mutex.js';
import { prepareRoles } from './server/prepare-roles.js';
import { applicationUrl, type ReadyServer } from './server/ready.js';
import { readSecrets } from './server/secrets.js';
import { ensureRunning, stop } from './server/server.js';
import type { Server } from './server/server.interface.js';

/**
 * Starts, or joins, the server of `dataDir`; makes the cluster, the login and the database on first use.
 *
 * One server runs for each data directory, shared by all processes that acquire it; it outlives the one that started it
 * as long as another uses it, and the last `release()` stops it. The same process may acquire it several times. What killed
 * processes left is put in order by the next acquisition. Never prints, never exits, installs no signal handler: a caller
 * that wants the server stopped on SIGINT or SIGTERM calls `release()` from a handler of its own.
 *
 * @throws EmbeddedPostgresError with a message that says what to do.
 */
export async function acquireEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const layout = layoutOf(options.dataDir);
  try {
    await makeDirectories(layout);
    const account = await serverAccount(layout);
    const binaries = await locateBinaries(account);
    const { settings = {}, log = () => undefined } = options;
    return await join({ layout, account, binaries, settings, log }, options);
  } catch (error) {
    throw explain(error, layout);
  }
}

async function join(
  server: Server,
  { hasTenantRoles = false, isKeptRunning = false }: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { layout } = server;
  const users = new Claims(layout.users);
  return withLock(layout, async () => {
    await ensureCluster(server);
    const secrets = await readSecrets(layout);
    const start = async (): Promise<ReadyServer> => {
      const ready = await ensureRunning(server, secrets);
      if (hasTenantRoles) await prepareRoles(ready.port, secrets);
      return ready;
    };
    const { port, version } = await start().catch(async (error) => {
      // Started, but of no use to anybody.
      if ((await users.live()).length === 0) await stop(server).catch(() => undefined);
      throw error;
    });
    const user = await users.add();
    const keeper = isKeptRunning ? keepRunning(server, secrets, port) : undefined;
    let released: Promise<void> | undefined;
    return {
      url: applicationUrl(port, secrets),
      description: `embedded PostgreSQL ${version}, port ${port}, data in ${layout.name}`,
      release: () => (released ??= leave(server, users, user, keeper)),
    };
  });
}

async function leave(
  server: Server,
  users: Claims,
  user: string,
  keeper: Keeper | undefined,
): Promise<void> {
  try {
    await keeper?.stop();
    await withLock(server.layout, async () => {
      await users.remove(user);
      if ((await users.live()).length > 0) return;
      if (await stop(server)) server.log('stopped PostgreSQL');
    });
  } catch (error) {
    throw explain(error, server.layout);
  }
}

/** Adds the data directory and the next action to system errors. */
function explain(error: unknown, layout: Layout): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new EmbeddedPostgresError(
    'DATA_DIRECTORY',
    `The embedded PostgreSQL cannot use the data directory ${layout.name}: ${message}. ` +
      'Run as the owner of the directory, free disk space if the disk is full, or set DATA_DIR to another directory. ' +
      USE_ANOTHER_SERVER,
    { cause: error },
  );
}
