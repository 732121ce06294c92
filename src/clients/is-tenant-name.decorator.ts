import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';
import { IsShortText, MAX_SHORT_TEXT } from '../http/is-short-text.decorator.js';

/** A tenant's name in the OpenAPI document. */
export const TENANT_NAME = {
  description:
    'Unique without regard to case, and not blank. It neither begins nor ends with a space.',
  minLength: 1,
  maxLength: MAX_SHORT_TEXT,
  example: 'Pollsmaster',
} as const;

/** Validates a tenant's name: a short text that neither begins nor ends with a space. */
export const IsTenantName = (): PropertyDecorator =>
  applyDecorators(
    IsShortText(),
    Matches(/^\S(.*\S)?$/s, { message: '$property must not begin or end with a space' }),
  );
