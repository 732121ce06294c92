import { createServer } from 'node:net';
import type { Layout } from '../layout.js';
import { readIfExists, writePrivateFile } from '../private-file.js';

/** The server listens on loopback only, because only processes of this machine use it. */
export const HOST = '127.0.0.1';

/** Returns the port of the last start if it is free, so that earlier URLs stay valid. Otherwise any free port. */
export async function choosePort(layout: Layout): Promise<number> {
  // The file is unreadable if root wrote it. It is then overwritten.
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

/** Returns the port if it is free, otherwise undefined. */
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
