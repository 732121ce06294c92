// The server's process, run to an end that comes by itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Outcome } from '../../support/processes.js';

/** Starts the server with settings that it should refuse, on a free port unless they name one. */
export async function refusedStart(env: Readonly<Record<string, string>>): Promise<Outcome> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH, NO_COLOR: '1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
