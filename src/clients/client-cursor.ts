import { badCursor, decodeCursor, encodeCursor } from '../http/validation/page.js';
import type { Client } from './client.entity.js';

/** Where a page of tenants begins: after the one that was made then. Many may be made at one moment. */
export type ClientCursor = Pick<Client, 'createdOn' | 'id'>;

const POSITION = /^(\d{4}-\S+Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A tenant's place in the order in which they were made, for `toPageBy`. */
export const positionOf = ({ createdOn, id }: ClientCursor): string =>
  `${createdOn.toISOString()} ${id}`;

/**
 * Reads `?cursor=`; undefined is the first page.
 *
 * @throws BadRequestException for what no list of tenants gave
 */
export function readClientCursor(cursor: string | undefined): ClientCursor | undefined {
  if (cursor === undefined) return undefined;
  const [, time = '', id = ''] = POSITION.exec(decodeCursor(cursor)) ?? [];
  const position = { createdOn: new Date(time), id };
  const isTime = !Number.isNaN(position.createdOn.getTime());
  if (!isTime || encodeCursor(positionOf(position)) !== cursor) throw badCursor();
  return position;
}
