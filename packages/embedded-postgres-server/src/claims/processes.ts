import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface RunningProcess {
  readonly pid: number;
  /** The command line, arguments separated by blanks. */
  readonly command: string;
}

/**
 * What tells this process from a later one with the same pid: when it started, and in which boot of the machine. Made of
 * letters, digits and hyphens. Undefined when there is no such process; a zombie counts as gone, for it lingers wherever
 * the first process of a container does not reap. On Windows the pid alone decides.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxIdentity(pid);
  if (process.platform === 'win32') return exists(pid) ? 'pid-only' : undefined;
  const [state, ...started] = (await ps('-o', 'stat=,lstart=', '-p', String(pid)))
    .trim()
    .split(/\s+/);
  if (!state || state.startsWith('Z')) return undefined;
  return started.join('-').replaceAll(/[^\w-]/g, '-');
}

/** Every process of the machine that this one may look at. Empty on Windows. */
export async function runningProcesses(): Promise<RunningProcess[]> {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return parsePs(await ps('-axo', 'pid=,stat=,command='));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ({ pid, command: await linuxCommand(pid) })),
  );
  return found.filter((one) => one.command !== '');
}

/** The command line of one process; undefined when it is gone, or on Windows, where it is not known. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return (await linuxCommand(pid)) || undefined;
  return (await runningProcesses()).find((one) => one.pid === pid)?.command;
}

/** Whether the pid is taken by any process, zombies included. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function linuxIdentity(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the name in parentheses, which may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startedTicks] = [fields[0], fields[19]];
  if (!state || !startedTicks || state === 'Z' || state === 'X') return undefined;
  // Ticks count from boot, so two boots of the same machine give the same early ones.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${startedTicks}-${boot.slice(0, 8)}`;
}

async function linuxCommand(pid: number): Promise<string> {
  // A zombie's is empty. World-readable, unlike /proc/<pid>/cwd and exe, which root in a container may not see.
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return raw.replaceAll('\0', ' ').trim();
}

async function ps(...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  // ps exits 1 when it finds nothing.
  return (await exec('ps', args, { env }).catch(() => ({ stdout: '' }))).stdout;
}

function parsePs(output: string): RunningProcess[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && command && !state?.startsWith('Z') ? [{ pid: Number(pid), command }] : [];
  });
}
