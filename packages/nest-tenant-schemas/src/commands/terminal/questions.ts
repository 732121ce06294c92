import { createInterface } from 'node:readline';
import { TenantConflictError } from '../../index.js';
import { Echo } from './echo.js';
import { UsageError } from './exit-code.js';

/** Whether there is somebody to ask: a terminal both to read from and to type on. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Asks on the terminal. Lines typed or pasted ahead answer the questions that follow; Ctrl-C is the
 * process's SIGINT, as it is everywhere else.
 */
export class Questions {
  private readonly echo = new Echo();
  private readonly terminal = createInterface({
    input: process.stdin,
    output: this.echo,
    terminal: true,
    historySize: 0,
  });
  private readonly typedAhead: string[] = [];
  private waiting: PromiseWithResolvers | undefined;
  private hasEnded = false;

  constructor() {
    this.terminal.on('line', (line) => {
      if (this.waiting) this.waiting.resolve(line);
      else this.typedAhead.push(line);
      this.waiting = undefined;
    });
    this.terminal.on('SIGINT', () => {
      process.stdout.write('\n');
      process.kill(process.pid, 'SIGINT');
    });
    this.terminal.once('close', () => {
      this.hasEnded = true;
      this.waiting?.reject(inputEnded());
    });
  }

  /**
   * Asks until `read` takes the answer, telling why it did not: a rule that it breaks, or something
   * that is taken.
   *
   * @param read turns the answer, trimmed, into its value
   * @throws Error when the input ends, or what else `read` throws
   */
  async ask<T>(question: string, read: (answer: string) => T | Promise<T>): Promise<T> {
    for (;;) {
      const answer = await this.line(`${question}: `);
      try {
        return await read(answer.trim());
      } catch (error) {
        if (!(error instanceof UsageError || error instanceof TenantConflictError)) throw error;
        process.stdout.write(`  ${error.message}\n`);
      }
    }
  }

  /** The same for what nobody may read over a shoulder: nothing that is typed is shown, and nothing trimmed. */
  async askHidden<T>(question: string, read: (answer: string) => T): Promise<T> {
    for (;;) {
      const answer = await this.hiddenLine(`${question}: `);
      try {
        return read(answer);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        process.stdout.write(`  ${error.message}\n`);
      }
    }
  }

  close(): void {
    this.terminal.close();
  }

  private async hiddenLine(prompt: string): Promise<string> {
    process.stdout.write(prompt);
    this.echo.isHidden = true;
    try {
      return await this.line('');
    } finally {
      this.echo.isHidden = false;
      process.stdout.write('\n');
    }
  }

  private line(prompt: string): Promise<string> {
    const typed = this.typedAhead.shift();
    if (typed !== undefined) {
      if (!this.echo.isHidden) process.stdout.write(`${prompt}${typed}\n`);
      return Promise.resolve(typed);
    }
    return new Promise((resolve, reject) => {
      if (this.hasEnded) return reject(inputEnded());
      this.waiting = { resolve, reject };
      this.terminal.setPrompt(prompt);
      this.terminal.prompt();
    });
  }
}

interface PromiseWithResolvers {
  readonly resolve: (line: string) => void;
  readonly reject: (reason: Error) => void;
}

function inputEnded(): Error {
  return new Error('The input ended before every question was answered. Nothing was made.');
}
