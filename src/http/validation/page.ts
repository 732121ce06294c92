import { BadRequestException } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Which part of a list to send. */
export class PageQuery {
  /** How many items at most, 1 to 100. Default 20. */
  @ApiPropertyOptional({
    description: 'How many items at most.',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
  })
  @Max(100)
  @Min(1)
  @IsInt()
  @Transform(({ value }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : Number.NaN))
  limit = 20;

  /** `next_cursor` of the page before. Default: the first page. */
  @ApiPropertyOptional({
    // No example: Swagger UI would send it, and begin with the second page.
    description: '`next_cursor` of the page before. Left out: the first page.',
  })
  @IsString()
  @IsOptional()
  cursor?: string;
}

/** A part of a list, newest last. */
export interface Page<T> {
  readonly items: T[];
  /** For `?cursor=` of the next page; null on the last one. */
  readonly next_cursor: string | null;
}

/** Largest id that PostgreSQL's integer holds. */
export const MAX_ID = 2_147_483_647;

/** The id that a page begins after: 0 for the first page. */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const id = Number(/^after:(\d{1,10})$/.exec(decodeCursor(cursor))?.[1]);
  if (cursor !== encodeCursor(positionOf({ id })) || id > MAX_ID) throw badCursor();
  return id;
}

/** Cursors name the last item that was sent, so they stay right when items come or go between pages. */
const positionOf = ({ id }: { readonly id: number }): string => `after:${id}`;

/** Makes a cursor of a position in a list, so that nobody takes it for a part of the API. */
export function encodeCursor(position: string): string {
  return Buffer.from(position).toString('base64url');
}

/** The position in a cursor, which may be any text: whoever reads it looks whether it is one of theirs. */
export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

/** The answer to a cursor that is none of this list's. */
export function badCursor(): BadRequestException {
  return new BadRequestException({
    message: 'The cursor is not one that this list gave. Leave it out for the first page.',
    details: [{ field: 'cursor', message: 'cursor must be the next_cursor of a page' }],
  });
}

/**
 * A page of at most `limit` items of a list in the order of its ids.
 *
 * @param rows one more than `limit` when there are more
 */
export function toPage<Row extends { id: number }, T>(
  rows: readonly Row[],
  limit: number,
  map: (row: Row) => T,
): Page<T> {
  return toPageBy(rows, limit, map, positionOf);
}

/**
 * The same of a list in another order.
 *
 * @param position what tells a row's place in that order
 */
export function toPageBy<Row, T>(
  rows: readonly Row[],
  limit: number,
  map: (row: Row) => T,
  position: (row: Row) => string,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: items.map(map),
    next_cursor: hasMore ? encodeCursor(position(last)) : null,
  };
}
