// A TCP proxy in front of PostgreSQL that counts what a client asks of the server.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  /** The given address, through the proxy. */
  readonly url: string;
  /** How often the server had to answer: simple queries and Syncs, and Flushes of half-read cursors. */
  readonly roundTrips: number;
  /** Statements sent: simple queries and Parses. */
  readonly statements: number;
  /** How often a client sent after it had heard from the server: what it waited for, pipelined or not. */
  readonly turns: number;
  reset(): void;
  close(): Promise<void>;
}

const TYPE = { query: 'Q', parse: 'P', sync: 'S', flush: 'H' } as const;

/** Starts a proxy on a free port of this machine. */
export async function startCountingProxy(url: string): Promise<CountingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let counts: Record<string, number> = {};
  let turns = 0;
  const count = (type: string): number => counts[type] ?? 0;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const countMessages = messageReader((type) => {
      counts[type] = count(type) + 1;
    });
    let hasHeard = true;
    client.on('data', (chunk) => {
      countMessages(chunk);
      if (hasHeard) turns += 1;
      hasHeard = false;
    });
    upstream.on('data', () => {
      hasHeard = true;
    });
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxied = new URL(url);
  proxied.hostname = '127.0.0.1';
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.toString(),
    get roundTrips() {
      return count(TYPE.query) + count(TYPE.sync) + count(TYPE.flush);
    },
    get statements() {
      return count(TYPE.query) + count(TYPE.parse);
    },
    get turns() {
      return turns;
    },
    reset() {
      counts = {};
      turns = 0;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Cuts a client's bytes into messages and gives the type of each; the first one, start-up, has none. */
function messageReader(onMessage: (type: string) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const typeBytes = started ? 1 : 0;
      if (pending.length < typeBytes + 4) return;
      const end = typeBytes + pending.readInt32BE(typeBytes);
      if (pending.length < end) return;
      if (started) onMessage(String.fromCharCode(pending[0] ?? 0));
      started = true;
      pending = pending.subarray(end);
    }
  };
}
