import { spawn } from 'node:child_process';
import type { ServerAccount } from '../binaries/account.js';

export interface RunOptions {
  readonly account: ServerAccount;
  /** Entered before the account is changed, so the account need not be able to reach it. */
  readonly cwd?: string;
  /** Written to standard input. */
  readonly input?: string;
  /** File descriptor that takes the output; else it is collected. */
  readonly output?: number;
}

export interface RunResult {
  readonly status: number | null;
  /** Standard output and error together, as they came. */
  readonly output: string;
}

/** Runs a PostgreSQL program to its end. Rejects only when it cannot be started at all. */
export function run(program: string, args: string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const out = options.output ?? 'pipe';
    const child = spawn(program, args, {
      ...options.account,
      cwd: options.cwd,
      env: environment(),
      stdio: [options.input === undefined ? 'ignore' : 'pipe', out, out],
      // Its own session: Ctrl-C goes to the whole foreground group, and would break a start that the caller still awaits.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    // A program that ends early closes its input; its exit status says why.
    child.stdin?.on('error', () => undefined).end(options.input);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

/**
 * Only what the programs need: PGDATA, PGPORT and the like would change what they do, and secrets of the application have
 * no business in the environment of another process.
 */
function environment(): NodeJS.ProcessEnv {
  if (process.platform === 'win32') {
    return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^PG/i.test(name)));
  }
  const inherited = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  return { ...Object.fromEntries(inherited), LC_ALL: 'C', TZ: 'UTC' };
}
