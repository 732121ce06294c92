import { createServer, type AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** A key that both sides have spares the certificates. */
const KEY = { psk: Buffer.from('nest-tenant-schemas'), identity: 'test' };
const CIPHERS = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;

/** The options of a client that the terminator accepts. */
export const SSL = { ...CIPHERS, pskCallback: () => KEY, checkServerIdentity: () => undefined };

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Stands in front of a server, and answers nothing but TLS. */
export interface TlsTerminator {
  readonly port: number;
  /** How many connections were encrypted. */
  encrypted: number;
  close(): Promise<unknown>;
}

/** Starts a terminator of TLS in front of the server of a URL, on 127.0.0.1. */
export async function startTlsTerminator(url: string): Promise<TlsTerminator> {
  const { hostname, port } = new URL(url);
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (first) => {
      if (!first.equals(SSL_REQUEST)) return void client.destroy();
      client.write('S');
      const options = { isServer: true, ...CIPHERS, pskCallback: () => KEY.psk };
      const secure = new TLSSocket(client, options as object);
      const upstream = new Socket().connect(Number(port), hostname);
      secure.on('secure', () => (terminator.encrypted += 1));
      for (const socket of [secure, upstream]) socket.on('error', () => client.destroy());
      secure.pipe(upstream).pipe(secure);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const terminator: TlsTerminator = {
    port: (server.address() as AddressInfo).port,
    encrypted: 0,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  return terminator;
}
