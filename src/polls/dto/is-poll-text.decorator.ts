import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, ValidateBy, type ValidationOptions } from 'class-validator';
import { IsPlainText } from '../../http/is-plain-text.decorator.js';

/** Most characters of a question or of a choice; their columns hold no more. */
export const MAX_TEXT_LENGTH = 100;

/** Something to see: neither white space nor characters that only format. */
const VISIBLE = /[^\s\p{Z}\p{Cc}\p{Cf}]/u;

/**
 * Validates the text of a question or of a choice: 1 to 100 characters, kept as they are, not all blank,
 * and none that cannot be stored or shown. The first rule that is broken is told.
 */
export const IsPollText = (options?: Pick<ValidationOptions, 'each'>): PropertyDecorator =>
  applyDecorators(
    IsString(options),
    Matches(VISIBLE, { ...options, message: '$property must not be blank' }),
    IsShort(options),
    IsPlainText(options),
  );

/**
 * Counts as PostgreSQL's `varchar(100)` does, by code points. class-validator's `@MaxLength()` leaves
 * variation selectors out, and would let through what the column then refuses.
 */
const IsShort = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isShort',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && Array.from(value).length <= MAX_TEXT_LENGTH,
        defaultMessage: (args) =>
          `${args?.property} must be at most ${MAX_TEXT_LENGTH} characters long`,
      },
    },
    options,
  );
