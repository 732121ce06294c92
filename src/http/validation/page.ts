import { BadRequestException } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

/** Selects a page of a list. */
export class PageQuery {
  /** Maximum number of items, 1 to 100. Default: 20. */
  @ApiPropertyOptional({
    description: 'Maximum number of items.',
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

  /** `next_cursor` of the previous page. Default: the first page. */
  @ApiPropertyOptional({
    // No example: Swagger UI would send it, and skip the first page.
    description: '`next_cursor` of the previous page. Default: the first page.',
  })
  @IsString()
  @IsOptional()
  cursor?: string;
}

/** A page of a list, oldest first. */
export interface Page<T> {
  readonly items: T[];
  /** Value of `?cursor=` for the next page. Null on the last page. */
  readonly next_cursor: string | null;
}

/** Maximum of PostgreSQL's type integer. */
export const MAX_ID = 2_147_483_647;

/** Returns the id after which the page begins. 0 for the first page. */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const id = Number(/^after:(\d{1,10})$/.exec(decodeCursor(cursor))?.[1]);
  if (cursor !== encodeCursor(positionOf({ id })) || id > MAX_ID) throw badCursor();
  return id;
}

/** Returns the position of a row. It contains the id, so that a cursor stays valid if rows are added or deleted. */
const positionOf = ({ id }: { readonly id: number }): string => `after:${id}`;

/** Encodes a position in a list as an opaque cursor. Clients cannot depend on its content. */
export function encodeCursor(position: string): string {
  return Buffer.from(position).toString('base64url');
}

/** Decodes the position in a cursor. The result may be any text, so the caller must validate it. */
export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

/** Returns the error for a cursor of another list, or another text. */
export function badCursor(): BadRequestException {
  return new BadRequestException({
    message: 'This list did not return this cursor. Leave the cursor out to read the first page.',
    details: [{ field: 'cursor', message: 'cursor must be the next_cursor of a page' }],
  });
}

/**
 * Returns a page of at most `limit` items of a list that is ordered by id.
 *
 * @param rows at most `limit` + 1. One more than `limit` means that another page follows
 */
export function toPage<Row extends { id: number }, T>(
  rows: readonly Row[],
  limit: number,
  map: (row: Row) => T,
): Page<T> {
  return toPageBy(rows, limit, map, positionOf);
}

/**
 * Returns a page of a list with another order. See {@link toPage}.
 *
 * @param position returns the position of a row in that order
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
