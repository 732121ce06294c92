// A TCP proxy in front of PostgreSQL that counts what a client asks of the server, and cuts connections when told to.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  /** The given address, through the proxy. */
  readonly url: string;
  /** How often the server had to answer: simple queries and Syncs, and Flushes of half-read cursors. */
  readonly roundTrips: number;
  /** Statements run: simple queries and Binds. */
  readonly statements: number;
  /** How often the server was asked which columns a statement has. */
  readonly descriptions: number;
  reset(): void;
  /** Cuts every connection, as a network that fails does; new ones are let through. */
  cut(): void;
  /** Passes on no more bytes of the connections there are, as a network that loses them does; new ones are let through. */
  silence(): void;
  /** Cuts every connection, and refuses new ones. */
  close(): Promise<void>;
  /** Lets connections through again after `close()`, at the same address. */
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
