import type pg from 'pg';

/** Number of the server process that answers a client's next statement. */
export async function backendOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

/**
 * The number that the connection was told at its start, for cancelling its statements. A pooler tells its own.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-BACKENDKEYDATA
 */
export function toldBackendOf(client: pg.Client): number | null {
  // Not in the types of pg.
  return (client as pg.Client & { readonly processID: number | null }).processID;
}
