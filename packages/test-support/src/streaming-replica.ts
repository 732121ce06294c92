// A primary of PostgreSQL 15 and its streaming replica, which a spec file starts for itself.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { anyFreePort } from '../../embedded-postgres-server/src/server/port.js';
import { until } from './poll.js';
import { Observer } from './test-database.js';
import { TEST_SERVERS_VARIABLE } from './test-server.js';
import {
  accepts,
  POSTGRES_15,
  spawnPostgres,
  startPostgres,
  temporaryDirectory,
  unprivilegedAccount,
} from './throw-away.js';

/** A primary and a replica. Test databases of the spec file are databases of the primary. */
export interface ReplicatedPostgres {
  /** Returns the address of the replica, for the same login and database as an address of the primary. */
  onReplica(url: string): string;
  /** Runs SQL on the replica, as a superuser. */
  readonly sqlOnReplica: Observer['sql'];
  /** Waits until the replica has replayed all commits of the primary. */
  catchUp(): Promise<void>;
  /** Runs `work` while the replica replays nothing. */
  whilePaused<T>(work: () => Promise<T>): Promise<T>;
  /** Ends the replica, its connections included. With `SIGINT`, clients receive the reason. With `SIGQUIT`, they do not. */
  stopReplica(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Starts the replica again. */
  startReplica(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts both, and makes the primary the test server of this spec file. */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const primary = await startPostgres(POSTGRES_15);
  const account = unprivilegedAccount();
  const directory = temporaryDirectory(account);
  const data = join(directory, 'data');
  const port = await anyFreePort();
  execFileSync(
    join(POSTGRES_15, 'pg_basebackup'),
    ['-d', primary.url, '-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
    { ...account, cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const onReplica = (url: string): string => {
    const address = new URL(url);
    address.port = String(port);
    return address.toString();
  };
  let child: ChildProcess | undefined;
  const stopReplica = async (signal: NodeJS.Signals = 'SIGINT'): Promise<void> => {
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    child = undefined;
    await exited;
  };
  const startReplica = async (): Promise<void> => {
    child = spawnPostgres(POSTGRES_15, data, port);
    await until('the replica listens', () => accepts(port));
  };
  await startReplica();
  const [primarySql, replicaSql] = [
    new Observer(primary.url),
    new Observer(onReplica(primary.url)),
  ];
  const catchUp = async (): Promise<void> => {
    const [{ lsn }] = (await primarySql.sql('SELECT pg_current_wal_lsn() AS lsn')) as [
      { lsn: string },
    ];
    await until('the replica has replayed all commits', async () => {
      const statement = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done';
      const rows = await replicaSql.sql<{ done: boolean }>(statement, [lsn]).catch(() => []);
      return rows[0]?.done;
    });
  };
  await catchUp();
  globalThis.testServerName = 'replicated';
  process.env[TEST_SERVERS_VARIABLE] = JSON.stringify({
    replicated: {
      url: primary.url,
      directUrl: primary.url,
      superuserUrl: primary.url,
      isBehindPgBouncer: false,
    },
  });
  return {
    onReplica,
    sqlOnReplica: (text, values) => replicaSql.sql(text, values),
    catchUp,
    async whilePaused(work) {
      await catchUp();
      await replicaSql.sql('SELECT pg_wal_replay_pause()');
      await until('the replay is paused', async () => {
        const [row] = await replicaSql.sql<{ state: string }>(
          'SELECT pg_get_wal_replay_pause_state() AS state',
        );
        return row?.state === 'paused';
      });
      try {
        return await work();
      } finally {
        await replicaSql.sql('SELECT pg_wal_replay_resume()');
        await catchUp();
      }
    },
    stopReplica,
    startReplica,
    async stop() {
      await Promise.all([primarySql.end(), replicaSql.end()]);
      await stopReplica('SIGQUIT');
      rmSync(directory, { recursive: true, force: true });
      await primary.stop();
    },
  };
}
