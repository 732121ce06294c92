import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** How long, and for how much, the server reads on after an answer that closes the connection. */
export interface LingerLimits {
  /** Bytes. Checked {@link CHECKS_PER_SECOND} times a second, so a fast client sends somewhat more. */
  readonly bytes: number;
  /** Milliseconds in all. */
  readonly ms: number;
  /** Milliseconds without a byte. */
  readonly silentMs: number;
}

const LIMITS: LingerLimits = { bytes: 64 * 1024 * 1024, ms: 30_000, silentMs: 5000 };

const CHECKS_PER_SECOND = 10;

/** Milliseconds in all once the server stops. */
const STOPPING_MS = 500;

/**
 * Closes connections so that the client gets the answer, also if it is still sending. A socket that is closed with bytes
 * unread resets the connection, and the reset can reach the client before the answer. So the server ends its own side,
 * reads and drops what arrives, and closes when the request is whole, when the client closes, or at a limit.
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

  /** Makes the connection of a request linger if Node closes it before the request has arrived whole. */
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

  /** Returns whether the last answer on a connection has been sent. Ignore what arrives then. */
  isLingering(socket: Socket): boolean {
    return this.lingering.has(socket);
  }

  /** Shortens the limit, also for connections that linger already. */
  stop(): void {
    this.maxMs = Math.min(this.maxMs, STOPPING_MS);
  }
}
