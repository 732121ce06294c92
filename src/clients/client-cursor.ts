import { badCursor, decodeCursor, encodeCursor } from '../http/validation/page.js';
import type { Client } from './client.entity.js';

/** Position of the last tenant of a page. Several tenants may have the same time, so it also has the id. */
export type ClientCursor = Pick<Client, 'createdOn' | 'id'>;

const POSITION = /^(\d{4}-\S+Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Returns the position of a tenant in the list, which is ordered by creation time and id. For `toPageBy`. */
export const positionOf = ({ createdOn, id }: ClientCursor): string =>
  `${createdOn.toISOString()} ${id}`;

/**
 * Parses `?cursor=`. Undefined means the first page.
 *
 * @throws BadRequestException for a text that is not a cursor of a list of tenants
 */
export function readClientCursor(cursor: string | undefined): ClientCursor | undefined {
  if (cursor === undefined) return undefined;
  const [, time = '', id = ''] = POSITION.exec(decodeCursor(cursor)) ?? [];
  const position = { createdOn: new Date(time), id };
  const isTime = !Number.isNaN(position.createdOn.getTime());
  if (!isTime || encodeCursor(positionOf(position)) !== cursor) throw badCursor();
  return position;
}
