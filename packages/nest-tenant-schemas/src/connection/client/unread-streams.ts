import type { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { warn } from '../../core/warnings.js';

const MAX_UNREAD_MS = 60_000;

/** Returns how long a stream of the DataSource may stay unread, in milliseconds. */
export function maxUnreadMsOf({ options }: DataSource): number {
  const { extra } = options as { extra?: { maxUnreadStreamMs?: number } };
  return extra?.maxUnreadStreamMs ?? MAX_UNREAD_MS;
}

/**
 * Destroys a stream that nothing reads within a time, and so frees its connection. If a wrapper such as
 * `stream.map(…)` is destroyed before its first read, Node does not destroy the source.
 */
export function endUnreadStream(stream: Readable, maxUnreadMs: number): void {
  const timer = setTimeout(() => {
    if (stream.readableFlowing !== null || stream.readableDidRead) return;
    warn(
      `A stream was not read for ${maxUnreadMs} ms after it was opened. It was destroyed to free its connection. ` +
        'Read it, or call destroy() on the stream itself if its wrapper is destroyed first.',
      'TenantDataSource',
    );
    stream.destroy();
  }, maxUnreadMs);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
}
