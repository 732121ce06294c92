import type pg from 'pg';

/** Returns the number of the server process that answers a client's next statement. */
export function backendOf(client: pg.Client): Promise<number | undefined> {
  return queryBackend(client, 'pg_catalog.pg_backend_pid() AS pid');
}

/** Sets the size of the block that a new server process frees: docs/decisions/0016-memory-of-a-backend.md. */
const FREED_BLOCK_BYTES = 512 * 1024;

/**
 * Returns the process number of a new connection and makes the process keep its memory between statements.
 *
 * glibc returns the end of the heap to the system when 128 kB of it are free. Each statement may then request
 * the same memory again. After a process has freed a larger block, glibc keeps up to twice the size of that
 * block. On other platforms the process allocates and frees one block, without an effect.
 * https://man7.org/linux/man-pages/man3/mallopt.3.html (M_MMAP_THRESHOLD)
 */
export function initializeBackend(client: pg.Client): Promise<number | undefined> {
  const block = `pg_catalog.octet_length(pg_catalog.repeat('x', ${FREED_BLOCK_BYTES})) AS freed`;
  return queryBackend(client, `pg_catalog.pg_backend_pid() AS pid, ${block}`);
}

/**
 * Returns the process number that the server sent when the connection started, for cancel requests. A pooler
 * sends its own number.
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
