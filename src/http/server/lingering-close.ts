import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** Limits for reading on after an answer that closes the connection. */
export interface LingerLimits {
  /** Bytes. It is checked {@link CHECKS_PER_SECOND} times a second, so a fast client can send slightly more. */
  readonly bytes: number;
  /** Milliseconds in total. */
  readonly ms: number;
  /** Milliseconds without a byte. */
  readonly silentMs: number;
}

const LIMITS: LingerLimits = { bytes: 64 * 1024 * 1024, ms: 30_000, silentMs: 5000 };

const CHECKS_PER_SECOND = 10;

/** Milliseconds in total while the server stops. */
const STOPPING_MS = 500;

/**
 * Closes connections so that the client receives the answer even while it still sends. Closing a socket with unread bytes
 * resets the connection, and the reset can overtake the answer. The server therefore ends its own side first, and drops what
 * arrives. It closes the socket at the end of the request, when the client closes, or at a limit.
 * https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export class LingeringClose {
  /** The latest request of each connection. */
  private readonly requests = new WeakMap<Socket, IncomingMessage>();
  private readonly lingering = new WeakSet<Socket>();
  private maxMs: number;

  constructor(private readonly limits: LingerLimits = LIMITS) {
    this.maxMs = limits.ms;
  }

  /** Makes the connection of a request linger if Node closes it before the request has arrived completely. */
  watch(request: IncomingMessage): void {
    const { socket } = request;
    const isWatched = this.requests.has(socket);
    this.requests.set(socket, request);
    // A request that `inject()` makes has no connection.
    if (isWatched || !(socket instanceof Socket)) return;
    const close = socket.destroySoon.bind(socket);
    // Node closes a connection by this method after the last answer.
    socket.destroySoon = () => {
      const last = this.requests.get(socket);
      if (!last || last.complete) return close();
      last.once('end', close);
      this.close(socket);
    };
  }

  /** Ends the server's side of a connection, and closes it when the client does, or at a limit. The caller keeps reading. */
  close(socket: Socket): void {
    this.lingering.add(socket);
    socket.end();
    const start = { at: Date.now(), bytes: socket.bytesRead };
    let last = start;
    const check = (): void => {
      const now = { at: Date.now(), bytes: socket.bytesRead };
      const isDone =
        now.bytes - start.bytes > this.limits.bytes ||
        now.at - start.at > this.maxMs ||
        now.at - last.at > this.limits.silentMs;
      if (isDone) socket.destroy();
      else if (now.bytes > last.bytes) last = now;
    };
    const timer = setInterval(check, 1000 / CHECKS_PER_SECOND);
    socket.once('close', () => clearInterval(timer));
  }

  /** Returns whether the last answer on a connection has been sent. The caller must ignore later requests. */
  isLingering(socket: Socket): boolean {
    return this.lingering.has(socket);
  }

  /** Shortens the time limit, also for connections that already linger. */
  stop(): void {
    this.maxMs = Math.min(this.maxMs, STOPPING_MS);
  }
}
