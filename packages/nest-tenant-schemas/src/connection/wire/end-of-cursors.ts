import type pg from 'pg';

const ANSWER = 'readyForQuery';

/**
 * Lets cursors and streams end when their connection does, and when they are closed long after an error. To close one,
 * pg-cursor waits for an answer of the server; on a connection that is gone none comes, nor does a second one after that to
 * the error, and whoever reads the rows would wait for ever instead of hearing of it.
 *
 * @param tellAnew has the server answer, where it has nothing to answer
 */
export function endCursorsWithConnection(connection: pg.Connection, tellAnew: () => void): void {
  const once = connection.once.bind(connection);
  let hasEnded = false;
  connection.once = (event, listener) => {
    if (event === ANSWER && hasEnded) {
      setImmediate(listener);
      return connection;
    }
    if (event === ANSWER) tellAnew();
    return once(event, listener);
  };
  once('end', () => {
    hasEnded = true;
    // Those who wait once; the client itself listens for good, and hears of the end by the end.
    for (const listener of connection.rawListeners(ANSWER)) {
      if ('listener' in listener) setImmediate(() => Reflect.apply(listener, connection, []));
    }
  });
}
