import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface RunningProcess {
  readonly pid: number;
  /** The command line, with arguments separated by spaces. */
  readonly command: string;
}

/**
 * Returns an identity of a process that a later process with the same pid does not share: its start time and the boot of the
 * machine. It consists of letters, digits and hyphens. Undefined if the process does not exist, or is a zombie. Zombies remain if
 * the first process of a container does not reap them. On Windows the identity depends on the pid only.
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

/** Returns the processes of the machine that this process can see. Empty on Windows. */
export async function runningProcesses(): Promise<RunningProcess[]> {
  if (process.platform === 'win32') return [];
  if (process.platform !== 'linux') return parsePs(await ps('-axo', 'pid=,stat=,command='));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ({ pid, command: await linuxCommand(pid) })),
  );
  return found.filter((one) => one.command !== '');
}

/** Returns the command line of a process. Undefined if the process does not exist, and always on Windows. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return (await linuxCommand(pid)) || undefined;
  return (await runningProcesses()).find((one) => one.pid === pid)?.command;
}

/** Returns whether a process has the pid, including zombies. */
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
  // The second field is the name in parentheses. The name may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startedTicks] = [fields[0], fields[19]];
  if (!state || !startedTicks || state === 'Z' || state === 'X') return undefined;
  // Start times count from the boot, so processes of two boots can have the same start time.
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${startedTicks}-${boot.slice(0, 8)}`;
}

async function linuxCommand(pid: number): Promise<string> {
  // Empty for a zombie. All accounts can read it. Root in a container cannot read /proc/<pid>/cwd and exe.
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return raw.replaceAll('\0', ' ').trim();
}

async function ps(...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  // ps exits with 1 if it finds no process.
  return (await exec('ps', args, { env }).catch(() => ({ stdout: '' }))).stdout;
}

function parsePs(output: string): RunningProcess[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && command && !state?.startsWith('Z') ? [{ pid: Number(pid), command }] : [];
  });
}
