import type pg from 'pg';
import type { ConnectionStatus } from './connection-status.js';

/**
 * Has the server be ready again after it has refused a query that reads its rows in parts (`rows`). pg sends no Sync behind
 * such a query's error, and the server skips whatever comes before one. Cursors send theirs themselves.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 *
 * @param isOpen whether messages were sent that no Sync has ended yet
 */
export function syncAfterErrors(
  connection: pg.Connection,
  status: ConnectionStatus,
  isOpen: () => boolean,
): void {
  connection.on('errorMessage', () => {
    if (isOpen() && status.readsInParts) connection.sync();
  });
}
