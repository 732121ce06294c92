import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';

/** Where and when a measurement was made. */
export interface Machine {
  readonly commit: string;
  /** YYYY-MM-DD, UTC. */
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly database: string;
}

/** @param database version and settings of the server */
export function describeMachine(database: string): Machine {
  return {
    commit: commit(),
    date: new Date().toISOString().slice(0, 'YYYY-MM-DD'.length),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    database,
  };
}

/** Of the sources that were measured; `+` where they were changed since. */
function commit(): string {
  try {
    const isChanged = git('status', '--porcelain', 'src', 'bench', 'test/conversion') !== '';
    return git('rev-parse', '--short', 'HEAD') + (isChanged ? '+' : '');
  } catch {
    return 'unknown';
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}
