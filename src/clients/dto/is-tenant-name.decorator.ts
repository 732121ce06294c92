import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { IsShortText, MAX_SHORT_TEXT } from '../../http/validation/is-short-text.decorator.js';

/** A tenant's name in the OpenAPI document. */
export const TENANT_NAME = {
  description:
    'Unique without regard to case, and not blank. It has no control characters, and neither begins nor ends with a space.',
  minLength: 1,
  maxLength: MAX_SHORT_TEXT,
  example: 'Pollsmaster',
} as const;

/** Validates a tenant's name: a short text of one line that neither begins nor ends with a space. */
export const IsTenantName = (): PropertyDecorator =>
  applyDecorators(
    IsShortText(),
    // A name is printed in one line: not even a tab, a line break or a character that only formats.
    Matches(/^[^\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, {
      message: '$property must not contain control characters',
    }),
    Matches(/^\S(.*\S)?$/s, { message: '$property must not begin or end with a space' }),
  );
