import { createInterface } from 'node:readline';
import { TenantConflictError } from '../../index.js';
import { Echo } from './echo.js';
import { UsageError } from './exit-code.js';

/** Returns whether questions are possible: input and output are terminals. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Asks on the terminal. Lines that are typed or pasted ahead answer later questions. Ctrl-C sends SIGINT to
 * the process.
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
   * Asks until `read` accepts the answer. It prints why an answer is rejected.
   *
   * @param read turns the trimmed answer into its value, or throws the reason
   * @throws Error when the input ends, or for other errors of `read`
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

  /** Asks for a secret: it shows nothing that is typed, and trims nothing. */
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
  return new Error('The input ended before all questions were answered. Nothing was changed.');
}
