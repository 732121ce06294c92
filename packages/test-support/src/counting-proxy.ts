// A TCP proxy in front of PostgreSQL that counts the messages of clients. Specs can make it cut connections.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  /** The given address, but with host and port of the proxy. */
  readonly url: string;
  /** Number of round trips: simple queries, Syncs, and Flushes of partly read cursors. */
  readonly roundTrips: number;
  /** Number of executed statements: simple queries and Binds. */
  readonly statements: number;
  /** Number of Describe messages for the columns of a statement. */
  readonly descriptions: number;
  reset(): void;
  /** Cuts all connections, like a failing network. New connections work. */
  cut(): void;
  /** Drops all bytes of the current connections, like a network that loses them. New connections work. */
  silence(): void;
  /** Cuts all connections, and rejects new ones. */
  close(): Promise<void>;
  /** Accepts connections again after `close()`, at the same address. */
  reopen(): Promise<void>;
}

const TYPE = { query: 'Q', bind: 'B', sync: 'S', flush: 'H', describe: 'D' } as const;

/** Starts a proxy on a free port of this machine. */
export async function startCountingProxy(url: string): Promise<CountingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let counts: Record<string, number> = {};
  const count = (type: string): number => counts[type] ?? 0;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const countMessages = messageReader((type) => {
      counts[type] = count(type) + 1;
    });
    client.on('data', countMessages);
    client.pipe(upstream).pipe(client);
    for (const [socket, peer] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        peer.end();
      });
      socket.on('error', () => socket.destroy());
    }
  });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const proxied = new URL(url);
  proxied.hostname = '127.0.0.1';
  proxied.port = String(port);
  return {
    url: proxied.toString(),
    get roundTrips() {
      return count(TYPE.query) + count(TYPE.sync) + count(TYPE.flush);
    },
    get statements() {
      return count(TYPE.query) + count(TYPE.bind);
    },
    get descriptions() {
      return count(TYPE.describe);
    },
    reset() {
      counts = {};
    },
    cut,
    silence: () => sockets.forEach((socket) => socket.unpipe()),
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
    reopen: () => listen(port),
  };
}

/** Splits the bytes of a client into messages, and reports the type of each. The first message, start-up, has no type. */
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
