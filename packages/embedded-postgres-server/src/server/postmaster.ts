import { createHash } from 'node:crypto';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';
import { readIfExists } from '../private-file.js';
import { exists, processCommand, processIdentity, runningProcesses } from '../claims/processes.js';

/** Milliseconds to wait until a killed process has ended. */
const KILL_TIMEOUT_MS = 10_000;

/** The main process of a running server. */
export interface Postmaster {
  readonly pid: number;
  /** Undefined while the server starts. */
  readonly port: number | undefined;
  readonly ready: boolean;
}

/**
 * Returns the server that runs on this cluster, otherwise undefined. `postmaster.pid` is not sufficient, because it remains after
 * a killed server, and another process may have its pid.
 */
export async function livePostmaster(layout: Layout): Promise<Postmaster | undefined> {
  const content = await readIfExists(pidFile(layout));
  // https://www.postgresql.org/docs/18/storage-file-layout.html: pid, directory, start time, port, …, status in line 8.
  const lines = content?.split('\n').map((line) => line.trim()) ?? [];
  const pid = Number(lines[0]);
  if (!(pid > 0) || !(await isServerOf(layout, pid))) return undefined;
  return { pid, port: Number(lines[3]) || undefined, ready: lines[7] === 'ready' };
}

/** Returns the `cluster_name` of the server. The command line of each of its processes contains it. */
export async function clusterName(layout: Layout): Promise<string> {
  // Identifies the directory, not its path: several paths may lead to it, and a copy is another cluster.
  const { dev, ino } = await stat(layout.cluster, { bigint: true });
  return `nts-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 16)}`;
}

/**
 * Removes the processes and the pid file of a killed server. Call it only if no postmaster runs.
 *
 * - A busy backend notices the death only at the end of its statement, and PostgreSQL does not start while it runs.
 * - PostgreSQL trusts the pid file if any process has its pid, also a zombie.
 */
export async function clearAway(layout: Layout): Promise<void> {
  // In the layers of a container, the first change of a directory may give it another inode. The name of the server would then
  // change, too.
  await chmod(layout.cluster, 0o700);
  const name = await clusterName(layout);
  const orphans = (await runningProcesses()).filter((one) => isPostgres(one.command, name));
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // The process has already ended.
    }
  }
  const deadline = Date.now() + KILL_TIMEOUT_MS;
  for (const { pid } of orphans) {
    while ((await processIdentity(pid)) && Date.now() < deadline) await delay(5);
  }
  await refuseForeignServer(layout);
  await rm(pidFile(layout), { force: true });
}

/** Rejects a server that a person started on this cluster by hand. It has another name, and must keep its pid file. */
async function refuseForeignServer(layout: Layout): Promise<void> {
  const pid = Number.parseInt((await readIfExists(pidFile(layout))) ?? '', 10);
  if (!(pid > 0) || process.platform !== 'linux') return;
  const here = await stat(layout.cluster);
  // Each server runs in its data directory. Root needs CAP_SYS_PTRACE to see it. Without it, PostgreSQL itself refuses to start.
  const there = await stat(`/proc/${pid}/cwd`).catch(() => undefined);
  if (there?.dev !== here.dev || there.ino !== here.ino) return;
  throw new EmbeddedPostgresError(
    'START_FAILED',
    `A PostgreSQL server that was started by other means (process ${pid}) runs on ${layout.cluster}. ` +
      `Stop it and try again. ${USE_ANOTHER_SERVER}`,
  );
}

function pidFile(layout: Layout): string {
  return join(layout.cluster, 'postmaster.pid');
}

async function isServerOf(layout: Layout, pid: number): Promise<boolean> {
  // The command line is not available. PostgreSQL itself rejects a second server.
  if (process.platform === 'win32') return exists(pid);
  return isPostgres((await processCommand(pid)) ?? '', await clusterName(layout));
}

/** Returns whether a command belongs to a process of the server, or to the pg_ctl or shell that starts it. */
function isPostgres(command: string, name: string): boolean {
  const [before, after] = command.split(name, 2);
  if (before === undefined || after === undefined) return false;
  // Children of the postmaster have the title `postgres: <cluster_name>: …`.
  return before === 'postgres: ' || /[/](postgres|pg_ctl)"? /.test(before);
}
