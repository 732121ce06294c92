import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { VariantName } from '../variants/index.js';

/** What a process is to serve. */
export type Order =
  | {
      readonly variant: VariantName;
      readonly databaseUrl: string;
      readonly poolSize: number;
      /** Of the single tenant, where there is one. */
      readonly schema: string;
      /** Settings by their variables, beside the variant's own. */
      readonly variables?: Readonly<Record<string, string>>;
    }
  | { readonly databaseUrl: string; readonly delayMs: number };

type Message = { url: string } | { reason: string } | { answer: unknown };

/** A variant, or a proxy, in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  ask<T>(question: 'memory' | 'start-profile' | 'stop-profile'): Promise<T>;
  stop(): Promise<void>;
}

/** That a variant does not exist in this version, e.g. for want of a setting. */
export class NotServedError extends Error {
  override readonly name = 'NotServedError';
}

/** @throws NotServedError with the process's reason when it did not start */
export async function startServerProcess(order: Order): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), {
    execArgv: [
      '--enable-source-maps',
      '--conditions=workspace-source',
      '--import=@swc-node/register/esm-register',
    ],
  });
  child.send(order);
  const reply = await nextMessage(child);
  if (!('url' in reply)) {
    throw new NotServedError('reason' in reply ? reply.reason : 'It said nothing.');
  }
  return {
    url: reply.url,
    pid: child.pid ?? 0,
    async ask<T>(question: string) {
      child.send(question);
      const message = await nextMessage(child);
      if (!('answer' in message)) throw new Error(`There was no answer to ${question}.`);
      return message.answer as T;
    },
    async stop() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

function nextMessage(child: ChildProcess): Promise<Message> {
  return new Promise((resolve) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit);
      resolve(message as Message);
    };
    const onExit = (): void => {
      child.off('message', onMessage);
      resolve({ reason: 'The process ended.' });
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}
