import type pg from 'pg';
import { carriesMarker, writeSchema } from '../core/marker.js';
import { TenantContextMissingError } from '../errors/tenant-context-missing.error.js';

/**
 * Makes a connection write the tenant's schema over the marker in every statement text that it sends.
 * Both protocols' texts pass here, whatever object submits them (a query, a cursor, a stream, COPY), so
 * none of these is copied or changed: a statement object that all tenants share stays as it was written.
 *
 * @param schemaOf the schema of the tenant that the connection is checked out for, read at each statement
 */
export function writeSchemaOnTheWire(
  connection: pg.Connection,
  schemaOf: () => string | undefined,
): void {
  const sendSimple = connection.query.bind(connection);
  const sendParse = connection.parse.bind(connection);

  /** The text to send, or undefined when it may not be sent: the connection is then closed. */
  const resolve = (text: string): string | undefined => {
    if (!carriesMarker(text)) return text;
    const schema = schemaOf();
    if (schema !== undefined) return writeSchema(text, schema);
    // Only an object that hides its text comes so far without a tenant. It may be sent from a socket
    // event, where a throw would end the process; a closed connection fails whatever is under way.
    connection.stream.destroy(new TenantContextMissingError());
    return undefined;
  };

  connection.query = (text) => {
    const resolved = resolve(text);
    if (resolved !== undefined) sendSimple(resolved);
  };
  connection.parse = (statement, more) => {
    const text = resolve(statement.text);
    if (text !== undefined)
      sendParse(text === statement.text ? statement : { ...statement, text }, more);
  };
}
