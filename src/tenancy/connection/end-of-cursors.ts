import type pg from 'pg';

const ANSWER = 'readyForQuery';

/**
 * Lets cursors and streams end when their connection does. To close one, pg-cursor waits for an answer of the server;
 * on a connection that is gone none comes, and whoever reads the rows would wait for ever instead of hearing of it.
 */
export function endCursorsWithConnection(connection: pg.Connection): void {
  const once = connection.once.bind(connection);
  let hasEnded = false;
  connection.once = (event, listener) => {
    if (event !== ANSWER || !hasEnded) return once(event, listener);
    setImmediate(listener);
    return connection;
  };
  once('end', () => {
    hasEnded = true;
    // Those who wait once; the client itself listens for good, and hears of the end by the end.
    for (const listener of connection.rawListeners(ANSWER)) {
      if ('listener' in listener) setImmediate(() => Reflect.apply(listener, connection, []));
    }
  });
}
