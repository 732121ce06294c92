import type pg from 'pg';

/** Number of the server process that answers a client's next statement. */
export function backendOf(client: pg.Client): Promise<number | undefined> {
  return queryBackend(client, 'pg_catalog.pg_backend_pid() AS pid');
}

/** Size of the block that a new server process frees: docs/decisions/0016-memory-of-a-backend.md. */
const FREED_BLOCK_BYTES = 512 * 1024;

/**
 * The same, on a connection that is new, whose process learns to keep its memory between statements. glibc gives the end of
 * the heap back to the system when 128 kB of it are free, so that each statement may have to ask for it anew, page by page; once it
 * has freed a larger block, it keeps up to twice the size of that. Elsewhere it is a block that is freed again, and no more.
 * https://man7.org/linux/man-pages/man3/mallopt.3.html (M_MMAP_THRESHOLD)
 */
export function initializeBackend(client: pg.Client): Promise<number | undefined> {
  const block = `pg_catalog.octet_length(pg_catalog.repeat('x', ${FREED_BLOCK_BYTES})) AS freed`;
  return queryBackend(client, `pg_catalog.pg_backend_pid() AS pid, ${block}`);
}

/**
 * The number that the connection was told at its start, for cancelling its statements. A pooler tells its own.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-BACKENDKEYDATA
 */
export function reportedBackendOf(client: pg.Client): number | null {
  // Not in the types of pg.
  return (client as pg.Client & { readonly processID: number | null }).processID;
}

async function queryBackend(client: pg.Client, columns: string): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>(`SELECT ${columns}`);
  return rows[0]?.pid;
}
