import { createServer } from 'node:net';
import type { Layout } from '../layout.js';
import { readIfExists, writePrivateFile } from '../private-file.js';

/** Loopback only: the server is nobody else's business. */
export const HOST = '127.0.0.1';

/** The port of the last start if it is still free, so that URLs written down stay right; else any free one. */
export async function choosePort(layout: Layout): Promise<number> {
  // Unreadable when root wrote it: then it is written anew.
  const kept = Number(await readIfExists(layout.port).catch(() => undefined));
  if (kept > 0 && kept < 65_536 && (await listen(kept))) return kept;
  return anyFreePort();
}

export async function anyFreePort(): Promise<number> {
  const port = await listen(0);
  if (!port) throw new Error(`No free port on ${HOST}.`);
  return port;
}

export async function rememberPort(layout: Layout, port: number): Promise<void> {
  await writePrivateFile(layout.port, `${port}\n`);
}

/** The port that could be listened on, undefined when it is taken. */
function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
