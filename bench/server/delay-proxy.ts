import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A network of some length in front of a database: all bytes arrive later by a fixed time, in each direction, and
 * any number of them may be under way.
 *
 * @returns the address of the database through the proxy
 */
export async function startDelayProxy(
  databaseUrl: string,
  delayMs: number,
): Promise<{ url: string }> {
  const target = new URL(databaseUrl);
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    passOn(client, upstream, delayMs);
    passOn(upstream, client, delayMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.toString() };
}

/** Timers of one length fire in the order in which they were set, so bytes stay in theirs. */
function passOn(from: Socket, to: Socket, delayMs: number): void {
  from.setNoDelay(true);
  from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
}
