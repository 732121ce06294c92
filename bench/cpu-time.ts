import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of one request, in microseconds. */
export interface CpuOfRequest {
  readonly processUs: number;
  /** In all processes of the database. */
  readonly databaseUs: number;
}

/**
 * What requests take of the CPU.
 *
 * @param pids of the application and of the database's server
 * @param load returns how many requests were served, beside whatever else
 */
export async function measureCpu<T extends { readonly requests: number }>(
  pids: { readonly process: number; readonly database: number },
  load: () => Promise<T>,
): Promise<T & CpuOfRequest> {
  const before = { process: cpuSeconds(pids.process), database: cpuSeconds(pids.database) };
  const loaded = await load();
  const perRequest = (of: keyof typeof pids): number =>
    Math.round(((cpuSeconds(pids[of]) - before[of]) / loaded.requests) * 1e6);
  return { ...loaded, processUs: perRequest('process'), databaseUs: perRequest('database') };
}

/** Seconds of CPU that a process has taken, with all processes that it started and, if ended, waited for. */
function cpuSeconds(pid: number): number {
  const ticks = ticksByProcess();
  let sum = 0;
  for (const each of ticks.values()) {
    if (each.pid === pid || each.parent === pid) sum += each.ticks;
  }
  return sum / TICKS_PER_SECOND;
}

/** Process id of the PostgreSQL server whose backend that is. */
export function parentOf(pid: number): number {
  return ticksByProcess().get(pid)?.parent ?? 0;
}

/** https://www.man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function ticksByProcess(): Map<number, { pid: number; parent: number; ticks: number }> {
  const processes = new Map<number, { pid: number; parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(name);
    // The second field, the command, may hold anything, spaces too.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
    processes.set(Number(name), { pid: Number(name), parent: fields[1] ?? 0, ticks });
  }
  return processes;
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
