import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';

/** Documents the answer of a list: a page of items, as `toPage` returns it. */
export function ApiPage(item: Type, description = 'A page, oldest first.'): MethodDecorator {
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
            description: 'The value of `?cursor=` for the next page. Null on the last page.',
            example: 'YWZ0ZXI6MjA',
          },
        },
      },
    }),
  );
}
