// Commands on a real terminal: a pseudo-terminal that the test types on and reads.
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { childEnvironment, CLI } from './processes.js';

/** Milliseconds until what is awaited must have appeared. */
const LIMIT_MS = 30_000;

export interface Terminal {
  /** Waits for a text, after the one that was awaited before. */
  shows(text: string): Promise<void>;
  /** Waits for a question, and types its answer and Enter. */
  answer(question: string, answer: string): Promise<void>;
  /** Types as it is: `\\r` is Enter, `\\x03` Ctrl-C, `\\x04` Ctrl-D. */
  type(keys: string): void;
  /**
   * Resolves with the exit code in the notation of a shell (128 plus the number of a signal), and with the whole output, without
   * escape sequences.
   */
  readonly ended: Promise<{ readonly code: number; readonly screen: string }>;
  /** All that was shown so far, with escape sequences. */
  readonly raw: string;
}

export interface TerminalOptions {
  /** Its width; by default no line is broken. */
  readonly columns?: number;
  /** A file that stdout goes to instead of the terminal, as a shell's `>` does it. */
  readonly stdout?: string;
}

/** Starts a command on a terminal of its own. */
export function startOnTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { columns = 250, stdout }: TerminalOptions = {},
): Terminal {
  const command = [process.execPath, CLI, ...args];
  const [file = '', ...rest] =
    stdout === undefined ? command : ['sh', '-c', 'exec "$@" > "$0"', stdout, ...command];
  const child = spawn(file, rest, {
    cols: columns,
    env: childEnvironment({ TERM: 'xterm', ...env }),
  });
  let raw = '';
  let seen = 0;
  let check = (): void => undefined;
  const screen = (): string => stripVTControlCharacters(raw).replaceAll('\r', '');
  child.onData((data) => {
    raw += data;
    check();
  });
  const shows = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`The terminal does not show ${JSON.stringify(text)}:\n${screen()}`));
      }, LIMIT_MS);
      check = () => {
        const at = screen().indexOf(text, seen);
        if (at < 0) return;
        seen = at + text.length;
        check = () => undefined;
        clearTimeout(limit);
        resolve();
      };
      check();
    });
  return {
    shows,
    async answer(question, answer) {
      await shows(question);
      child.write(`${answer}\r`);
    },
    type: (keys) => child.write(keys),
    ended: new Promise((resolve) => {
      child.onExit(({ exitCode, signal }) =>
        resolve({ code: signal ? 128 + signal : exitCode, screen: screen() }),
      );
    }),
    get raw() {
      return raw;
    },
  };
}
