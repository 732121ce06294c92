// Real processes of the application: the server, and commands, as global-setup.js built them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a process printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Milliseconds that a server may take until it says where it listens. */
const START_LIMIT_MS = 60_000;

/** The commands, as they are built. */
export const CLI = 'dist/cli.js';

/** Runs a command to its end, without a terminal. */
export function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<Outcome> {
  const command = startCommand(args, env);
  // A command that asks nothing ends without having read.
  command.process.stdin?.on('error', () => undefined).end(input);
  return command.ended;
}

/** A command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** Starts a command, without a terminal, whose input stays open. */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningCommand {
  const child = start(CLI, args, env);
  return { process: child, ended: ended(child, collect(child)) };
}

/** The operator key of servers that are given no other. */
export const SERVER_KEY = 'operator-key-of-test-servers';

export const SECRETS = {
  OPERATOR_KEY: SERVER_KEY,
  JWT_SECRET: 'secret-of-the-tokens-of-test-servers',
};

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** Sends a signal, and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Outcome>;
}

/** Starts the server on a free port, and waits until it prints its address. */
export async function startServer(env: Readonly<Record<string, string>>): Promise<RunningServer> {
  // Secrets of its own, that none are made up in the working directory's DATA_DIR.
  const child = start('dist/main.js', [], { PORT: '0', ...SECRETS, ...env });
  const output = collect(child);
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (): void => {
      child.kill('SIGKILL');
      reject(new Error(`The server did not start:\n${output.out}${output.err}`));
    };
    const limit = setTimeout(fail, START_LIMIT_MS);
    child.once('close', fail);
    child.stdout?.on('data', () => {
      const printedUrl = /^ {2}API\s+(\S+)$/m.exec(output.out)?.[1];
      if (printedUrl === undefined) return;
      clearTimeout(limit);
      child.off('close', fail);
      resolve(printedUrl);
    });
  });
  const stop = (signal: NodeJS.Signals): Promise<Outcome> => {
    child.kill(signal);
    return ended(child, output);
  };
  return { url, process: child, stop };
}

/** The environment of a process: nothing of this one's but what finding programs takes. */
export function childEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH } = process.env;
  return { ...(PATH !== undefined && { PATH }), NO_COLOR: '1', ...env };
}

function start(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, [file, ...args], {
    env: childEnvironment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function collect(child: ChildProcess): { out: string; err: string } {
  const output = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  return output;
}

async function ended(child: ChildProcess, output: { out: string; err: string }): Promise<Outcome> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return { code: child.exitCode, ...output };
}
