// Runs as a process of its own, on code built by sandbox.ts: does what its parent asks and answers.
import { acquireEmbeddedPostgres, type EmbeddedPostgres } from '../../src/index.js';
import { layoutOf } from '../../src/layout.js';
import { withLock } from '../../src/claims/mutex.js';
import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Request } from './protocol.js';

const held: EmbeddedPostgres[] = [];
const logs: string[] = [];

async function perform(request: Request): Promise<Omit<Answer, 'id'>> {
  switch (request.do) {
    case 'acquire': {
      const { dataDir, settings, isKeptRunning = false } = request;
      const log = (line: string) => void logs.push(line);
      const server = await acquireEmbeddedPostgres({ dataDir, settings, isKeptRunning, log });
      held.push(server);
      return { url: server.url, description: server.description };
    }
    case 'release':
      await held.pop()?.release();
      return {};
    case 'journal': {
      for (let turn = 0; turn < request.turns; turn++) {
        await withLock(layoutOf(request.dataDir), async () => {
          await appendFile(request.journal, `enter ${process.pid}\n`);
          await delay(1);
          await appendFile(request.journal, `leave ${process.pid}\n`);
        });
      }
      return {};
    }
  }
}

process.on('message', (request: Request & { id: number }) => {
  perform(request).then(
    (answer) => process.send?.({ id: request.id, logs: logs.splice(0), ...answer }),
    (error: Error & { code?: string }) =>
      process.send?.({
        id: request.id,
        error: { name: error.name, code: error.code, message: error.message, stack: error.stack },
      }),
  );
});
// The parent has ended.
process.on('disconnect', () => process.exit());
