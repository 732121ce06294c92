// Raw requests: bytes on a socket, as no client library would send them.
import { createConnection } from 'node:net';

/** What came back on a socket. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Sends bytes as they are, and reads until the server closes. */
export function sendRaw(url: string, bytes: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk) => (text += chunk.toString()));
    // A server that refuses early resets what it has not read; the answer has come by then.
    socket.on('error', (error) => (text === '' ? reject(error) : resolve(parse(text))));
    socket.on('end', () => resolve(parse(text)));
  });
}

function parse(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  return {
    status: Number(first.split(' ')[1]),
    headers,
    body: body === '' ? undefined : JSON.parse(body),
  };
}
