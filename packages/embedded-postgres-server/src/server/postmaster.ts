import { createHash } from 'node:crypto';
import { chmod, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, USE_ANOTHER_SERVER } from '../embedded-postgres.error.js';
import type { Layout } from '../layout.js';
import { readIfExists } from '../private-file.js';
import { exists, processCommand, processIdentity, runningProcesses } from '../claims/processes.js';

/** A killed process needs a moment to be gone. */
const KILL_TIMEOUT_MS = 10_000;

/** The main process of a server that lives. */
export interface Postmaster {
  readonly pid: number;
  /** Undefined while it starts. */
  readonly port: number | undefined;
  readonly ready: boolean;
}

/**
 * The server that runs on this cluster, if any. `postmaster.pid` alone does not say so: it outlives a killed server, and its
 * pid may meanwhile be another process's.
 */
export async function livePostmaster(layout: Layout): Promise<Postmaster | undefined> {
  const content = await readIfExists(pidFile(layout));
  // https://www.postgresql.org/docs/18/storage-file-layout.html: pid, directory, start time, port, …, status in line 8.
  const lines = content?.split('\n').map((line) => line.trim()) ?? [];
  const pid = Number(lines[0]);
  if (!(pid > 0) || !(await isServerOf(layout, pid))) return undefined;
  return { pid, port: Number(lines[3]) || undefined, ready: lines[7] === 'ready' };
}

/** `cluster_name` of the server: stands in the command line of each of its processes, by which they are recognised. */
export async function clusterName(layout: Layout): Promise<string> {
  // The directory itself, not its path: it may be reached by several, and a copy is another cluster.
  const { dev, ino } = await stat(layout.cluster, { bigint: true });
  return `nts-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 16)}`;
}

/**
 * Removes what a killed server left: processes of it that still run (a busy one notices the death only at the end of its
 * statement, and PostgreSQL does not start beside it), and its pid file, which PostgreSQL believes when the pid is taken, be
 * it by a zombie. Only when there is no live postmaster.
 */
export async function clearAway(layout: Layout): Promise<void> {
  // Elsewhere than on a plain disk (a container's layers) the first change of a directory may give it another inode, and
  // thereby the server another name.
  await chmod(layout.cluster, 0o700);
  const name = await clusterName(layout);
  const orphans = (await runningProcesses()).filter((one) => isPostgres(one.command, name));
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
  const deadline = Date.now() + KILL_TIMEOUT_MS;
  for (const { pid } of orphans) {
    while ((await processIdentity(pid)) && Date.now() < deadline) await delay(5);
  }
  await refuseForeignServer(layout);
  await rm(pidFile(layout), { force: true });
}

/** Somebody may have started a server on this cluster by hand: it has not our name, but must keep its pid file. */
async function refuseForeignServer(layout: Layout): Promise<void> {
  const pid = Number.parseInt((await readIfExists(pidFile(layout))) ?? '', 10);
  if (!(pid > 0) || process.platform !== 'linux') return;
  const here = await stat(layout.cluster);
  // Every server works in its data directory. Not to be seen by root without CAP_SYS_PTRACE: PostgreSQL then refuses.
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
  // There is no command line to look at; PostgreSQL itself refuses a second server.
  if (process.platform === 'win32') return exists(pid);
  return isPostgres((await processCommand(pid)) ?? '', await clusterName(layout));
}

/** Whether it is one of the server's processes, or the pg_ctl or shell on the way to it. */
function isPostgres(command: string, name: string): boolean {
  const [before, after] = command.split(name, 2);
  if (before === undefined || after === undefined) return false;
  // The postmaster's children call themselves `postgres: <cluster_name>: …`.
  return before === 'postgres: ' || /[/](postgres|pg_ctl)"? /.test(before);
}
