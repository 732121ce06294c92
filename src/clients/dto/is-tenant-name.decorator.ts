import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { IsShortText, MAX_SHORT_TEXT } from '../../http/validation/is-short-text.decorator.js';

/** Description of a tenant's name in the OpenAPI document. */
export const TENANT_NAME = {
  description:
    'Unique regardless of case, and not blank. No control characters, and no space at the start or end.',
  minLength: 1,
  maxLength: MAX_SHORT_TEXT,
  example: 'Pollsmaster',
} as const;

/** Validates a tenant's name: a short text of one line without a space at its start or end. */
export const IsTenantName = (): PropertyDecorator =>
  applyDecorators(
    IsShortText(),
    // Commands print a name in one line, so it has no tab, line break or formatting character.
    Matches(/^[^\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*$/u, {
      message: '$property must not contain control characters',
    }),
    Matches(/^\S(.*\S)?$/s, { message: '$property must not begin or end with a space' }),
  );
