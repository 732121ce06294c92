import type { Writable } from 'node:stream';

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-COPYDONE */
const COPY_DONE = 'c'.charCodeAt(0);
const HEADER_BYTES = 5;

/**
 * Calls back after a COPY FROM stream has written CopyDone to the socket. It finds the message by the lengths
 * of all messages, because rows may contain any bytes.
 *
 * @returns a function that stops watching
 */
export function watchCopyDone(socket: Writable, then: () => void): () => void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const original = socket.write;
  let header: number[] = [];
  /** Counts the missing bytes of the current message. */
  let rest = 0;

  const isDone = (data: Uint8Array): boolean => {
    for (let at = 0; at < data.length;) {
      if (rest > 0) {
        const skipped = Math.min(rest, data.length - at);
        rest -= skipped;
        at += skipped;
        continue;
      }
      header.push(data[at++] as number);
      if (header.length < HEADER_BYTES) continue;
      if (header[0] === COPY_DONE) return true;
      rest = Buffer.from(header).readUInt32BE(1) - (HEADER_BYTES - 1);
      header = [];
    }
    return false;
  };
  const stop = (): void => {
    socket.write = original;
  };
  socket.write = (data: Uint8Array, ...more: unknown[]): boolean => {
    const isAccepted = write(data, ...more);
    if (isDone(data)) {
      stop();
      then();
    }
    return isAccepted;
  };
  return stop;
}
