import type pg from 'pg';
import { carriesMarker, writeSchema } from '../../core/names/marker.js';

/**
 * Makes a connection write the tenant's schema over the marker in every statement text that it sends.
 * Both protocols' texts pass here, whatever object submits them (a query, a cursor, a stream, COPY), so
 * none of these is copied or changed: a statement object that all tenants share stays as it was written.
 *
 * @param requireSchema the schema of the tenant that the connection may act for now; throws when there is none
 */
export function writeSchemaOnTheWire(connection: pg.Connection, requireSchema: () => string): void {
  const sendSimple = connection.query.bind(connection);
  const sendParse = connection.parse.bind(connection);

  /** Returns the text to send, or undefined if it may not be sent: the connection is then closed. */
  const resolve = (text: string): string | undefined => {
    try {
      if (typeof text !== 'string')
        throw new TypeError('The text of a statement must be a string.');
      return carriesMarker(text) ? writeSchema(text, requireSchema()) : text;
    } catch (error) {
      // Only an object that hides its text is refused as late as here. It may be sent from a socket event,
      // where a throw would end the process; a closed connection fails whatever is under way.
      connection.stream.destroy(error as Error);
      return undefined;
    }
  };

  connection.query = (text) => {
    const resolved = resolve(text);
    if (resolved !== undefined) sendSimple(resolved);
  };
  connection.parse = (statement, more) => {
    // A named query may have no text, which the server answers as an empty one.
    const text = resolve(statement.text ?? '');
    if (text === undefined) return;
    sendParse(text === statement.text ? statement : { ...statement, text }, more);
  };
}
