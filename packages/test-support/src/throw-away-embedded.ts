// The embedded PostgreSQL with a temporary data directory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireEmbeddedPostgres } from 'embedded-postgres-server';
import { layoutOf } from '../../embedded-postgres-server/src/layout.js';
import { readSecrets, SUPERUSER_ROLE } from '../../embedded-postgres-server/src/server/secrets.js';
import type { ThrowAwayServer } from './throw-away.js';

export interface ThrowAwayEmbedded extends ThrowAwayServer {
  readonly superuserUrl: string;
  /** Stops the server, which ends all connections, and starts it again at the same address. */
  restart(): Promise<void>;
}

type Options = Omit<Parameters<typeof acquireEmbeddedPostgres>[0], 'dataDir'>;

export async function startEmbedded(
  options: Options = { settings: { fsync: 'off' } },
): Promise<ThrowAwayEmbedded> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  const acquire = () => acquireEmbeddedPostgres({ dataDir, ...options });
  let server = await acquire();
  const { url } = server;
  const secrets = await readSecrets(layoutOf(dataDir));
  const superuser = new URL(url);
  superuser.username = SUPERUSER_ROLE;
  superuser.password = secrets[SUPERUSER_ROLE];
  return {
    url,
    superuserUrl: superuser.toString(),
    async restart() {
      await server.release();
      server = await acquire();
      if (server.url !== url) throw new Error('Another process uses the port of the server.');
    },
    async stop() {
      await server.release();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
