import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';

/** Documents the answer of a list: a page of `item`s, as `toPage` makes it. */
export function ApiPage(item: Type, description = 'A page, newest last.'): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(item),
    ApiOkResponse({
      description,
      schema: {
        type: 'object',
        required: ['items', 'next_cursor'],
        properties: {
          items: { type: 'array', items: { $ref: getSchemaPath(item) } },
          next_cursor: {
            type: 'string',
            nullable: true,
            description: 'For `?cursor=` of the next page; null on the last one.',
            example: 'YWZ0ZXI6MjA',
          },
        },
      },
    }),
  );
}
